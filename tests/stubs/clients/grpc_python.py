"""The client program of scenarios.py in Python, over generated stubs in the working folder: `sync` or `aio`.

The blocking one goes through the three forms that a call has, one after the other.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import grpc

sys.path.insert(0, ".")

import resilience_pb2 as messages
import resilience_pb2_grpc
import resilience_pb2_grpc_resilience
import shop_pb2_grpc
import shop_pb2_grpc_resilience

STUBS = {
    "Bench": (resilience_pb2_grpc.BenchStub, resilience_pb2_grpc_resilience),
    "Shop": (shop_pb2_grpc.ShopStub, shop_pb2_grpc_resilience),
    "Depot": (shop_pb2_grpc.DepotStub, shop_pb2_grpc_resilience),
}
_printing = threading.Lock()


def ask_of(call):
    return messages.Ask(call=call["call"], behaviour=call["behaviour"], request_id=call["request_id"])


def report(call, ask, began, error=None):
    result = {
        "call": call["call"],
        "code": "OK" if error is None else error.code().name,
        "details": "" if error is None else error.details() or "",
        "elapsed_s": time.monotonic() - began,
        "request_id": ask.request_id,
    }
    with _printing:
        print(json.dumps(result), flush=True)


def options_of(run):
    config = run["service_config"]
    return None if config is None else [("grpc.service_config", config)]


class Sync:
    def __init__(self, given):
        self.target, self.forms = given["target"], count()
        with ThreadPoolExecutor(len(given["runs"])) as pool:
            list(pool.map(self.run, given["runs"]))

    def run(self, run):
        channels = {}
        for module in {module for _, module in STUBS.values()}:
            make = grpc.insecure_channel if run["plain"] else module.insecure_channel
            channels[module] = make(self.target, options_of(run))
        stubs = {name: stub(channels[module]) for name, (stub, module) in STUBS.items()}
        for batch in run["batches"]:
            time.sleep(batch["wait_s"])
            with ThreadPoolExecutor(len(batch["calls"])) as pool:
                list(pool.map(lambda call: self.call(stubs, call), batch["calls"]))
        for channel in channels.values():
            channel.close()

    def call(self, stubs, call):
        service, _, name = call["method"].partition("/")
        method, ask = getattr(stubs[service], name), ask_of(call)
        began = time.monotonic()
        try:
            self.form(method, name, ask, call)
        except grpc.FutureCancelledError:
            report(call, ask, began, Cancelled())
        except grpc.RpcError as error:
            report(call, ask, began, error)
        else:
            report(call, ask, began)

    def form(self, method, name, ask, call):
        timeout = call["timeout_s"]
        if name in ("Listed", "Chatted"):
            list(method(iter([ask]) if name == "Chatted" else ask, timeout=timeout))
        elif name == "Collected":
            method(iter([ask]), timeout=timeout)
        elif call["cancel_s"] is not None:
            future = method.future(ask, timeout=timeout)
            threading.Timer(call["cancel_s"], future.cancel).start()
            future.result()
        else:
            form = next(self.forms) % 3
            if form == 0:
                method(ask, timeout=timeout)
            elif form == 1:
                method.with_call(ask, timeout=timeout)
            else:
                method.future(ask, timeout=timeout).result()


class Cancelled:
    def code(self):
        return grpc.StatusCode.CANCELLED

    def details(self):
        return ""


async def aio(given):
    await asyncio.gather(*(aio_run(given["target"], run) for run in given["runs"]))


async def aio_run(target, run):
    channels = {}
    for module in {module for _, module in STUBS.values()}:
        make = grpc.aio.insecure_channel if run["plain"] else module.aio_insecure_channel
        channels[module] = make(target, options_of(run))
    stubs = {name: stub(channels[module]) for name, (stub, module) in STUBS.items()}
    for batch in run["batches"]:
        await asyncio.sleep(batch["wait_s"])
        await asyncio.gather(*(aio_call(stubs, call) for call in batch["calls"]))
    for channel in channels.values():
        await channel.close()


async def aio_call(stubs, call):
    service, _, name = call["method"].partition("/")
    method, ask = getattr(stubs[service], name), ask_of(call)
    began = time.monotonic()
    try:
        if name in ("Listed", "Chatted"):
            asked = iter([ask]) if name == "Chatted" else ask
            async for _ in method(asked, timeout=call["timeout_s"]):
                pass
        elif name == "Collected":
            await method(iter([ask]), timeout=call["timeout_s"])
        else:
            await asyncio.wait_for(method(ask, timeout=call["timeout_s"]), call["cancel_s"])
    except TimeoutError:
        report(call, ask, began, Cancelled())
    except grpc.aio.AioRpcError as error:
        report(call, ask, began, error)
    else:
        report(call, ask, began)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    if sys.argv[1] == "aio":
        asyncio.run(aio(given))
    else:
        Sync(given)
