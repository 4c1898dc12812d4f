"""The gRPC server that sidecars of all languages are run against: it misbehaves as each request says.

`Ask.behaviour` is one of `ok`, `down` (UNAVAILABLE), `code:NAME`, `flaky:N` (UNAVAILABLE N times, then OK),
`slow:S` (OK after S seconds) and `hang` (no answer until the caller gives up). It answers every method of
resilience.proto and shop.proto; a stream answers as the first message says, with two messages.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec

HERE = Path(__file__).parent
PROTOS = ("resilience.proto", "shop.proto")
_RECORD = "/control/Record"


class Record(msgspec.Struct):
    """What came in under one call's id, a value for each try: `deadlines` are the seconds that were left
    (None: no deadline), `arrivals` are seconds of the server's monotonic clock."""

    request_ids: list[str] = []
    deadlines: list[float | None] = []
    arrivals: list[float] = []

    @property
    def tries(self) -> int:
        return len(self.arrivals)


class Server(msgspec.Struct, frozen=True):
    """A running server: `target` is `localhost:PORT`."""

    target: str
    channel: Any

    def record(self, call: str) -> Record:
        """What came in under `call`, an empty record where nothing did."""
        return msgspec.json.decode(self.channel.unary_unary(_RECORD)(call.encode(), timeout=5), type=Record)


@contextmanager
def running() -> Iterator[Server]:
    """A server in a process of its own, on a free port of the loopback."""
    command = [sys.executable, str(HERE / "server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            target = f"localhost:{int(process.stdout.readline())}"
            with grpc.insecure_channel(target) as channel:
                yield Server(target, channel)
        finally:
            process.terminate()


class _Handler(grpc.GenericRpcHandler):
    def __init__(self) -> None:
        sys.path.insert(0, str(HERE))
        messages = grpc.protos("resilience.proto")
        self.read, self.answer = messages.Ask.FromString, messages.Answer
        self.records: defaultdict[str, Record] = defaultdict(Record)

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        if details.method == _RECORD:
            return grpc.unary_unary_rpc_method_handler(self.record)
        method = details.method.rpartition("/")[2]
        forms = {"deserializer": self.read, "serializer": self.answer.SerializeToString}
        make = {
            "Listed": grpc.unary_stream_rpc_method_handler,
            "Collected": grpc.stream_unary_rpc_method_handler,
            "Chatted": grpc.stream_stream_rpc_method_handler,
        }.get(method, grpc.unary_unary_rpc_method_handler)
        act = {
            "Listed": self.listed,
            "Collected": self.collected,
            "Chatted": self.chatted,
        }.get(method, self.unary)
        return make(act, request_deserializer=forms["deserializer"], response_serializer=forms["serializer"])

    async def record(self, call: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return msgspec.json.encode(self.records[call.decode()])

    async def unary(self, ask: Any, context: grpc.aio.ServicerContext) -> Any:
        record = self.records[ask.call]
        record.arrivals.append(time.monotonic())
        record.request_ids.append(ask.request_id)
        left = context.time_remaining()
        record.deadlines.append(left if left is not None and left < 1e8 else None)
        what, _, how = ask.behaviour.partition(":")
        if what == "hang":
            await asyncio.sleep(60)
        if what == "slow":
            await asyncio.sleep(float(how))
        if what == "down" or (what == "flaky" and record.tries <= int(how)):
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"try {record.tries} of {ask.call}")
        if what == "code":
            await context.abort(grpc.StatusCode[how], f"try {record.tries} of {ask.call}")
        return self.answer(text=f"try {record.tries}")

    async def listed(self, ask: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        yield await self.unary(ask, context)
        yield self.answer(text="end")

    async def collected(self, asks: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> Any:
        return await self.unary(await anext(aiter(asks)), context)

    async def chatted(
        self, asks: AsyncIterator[Any], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[Any]:
        yield await self.unary(await anext(aiter(asks)), context)
        yield self.answer(text="end")


async def _serve() -> None:
    server = grpc.aio.server(handlers=[_Handler()])
    port = server.add_insecure_port("localhost:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve())
