"""Makes calls through openapi-python-client's client and its sidecar: `… phases.json url sync|async`."""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from bench_client import client as plain_clients
from bench_client import client_resilience, models

FILE, URL, MODE = sys.argv[1:]
TLS = ssl.create_default_context()  # a slow one for each client would take the time that is measured
PRINTING = threading.Lock()


def snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def client_of(lane: dict[str, Any]) -> Any:
    made = plain_clients if lane["plain"] else client_resilience
    client = made.Client(base_url=URL, verify_ssl=TLS)
    client.get_async_httpx_client() if MODE == "async" else client.get_httpx_client()
    return client


def arguments_of(client: Any, call: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {"client": client, "behaviour": call["behaviour"]}
    if "timeout_s" in call:
        arguments["client"] = client.with_timeout(httpx.Timeout(call["timeout_s"]))
    if call["op"] != "getLatest":
        arguments["id"] = call["id"]
    if call.get("body"):
        arguments["body"] = models.Ask(text="hello")
    if "key" in call:
        arguments["idempotency_key"] = call["key"]
    return arguments


def module_of(call: dict[str, Any]) -> Any:
    return importlib.import_module(f"bench_client.api.bench.{snake(call['op'])}")


def told(call: dict[str, Any], begun: float, response: Any, error: Exception | None) -> None:
    elapsed_s = time.monotonic() - begun
    text = "" if error is None else f"{type(error).__name__}: {error}"
    if response is not None and call.get("stream"):
        text = f"{len(response.content)} bytes"
    status = 0 if response is None else response.status_code
    with PRINTING:
        print(json.dumps({"id": call["id"], "status": status, "error": text, "elapsed_s": elapsed_s}))


def one(client: Any, call: dict[str, Any]) -> None:
    time.sleep(call.get("sleep_s", 0))
    arguments, module = arguments_of(client, call), module_of(call)
    begun = time.monotonic()
    response, error = None, None
    try:
        response = module.sync_detailed(**arguments)
    except httpx.TransportError as failed:
        error = failed
    told(call, begun, response, error)


async def async_one(client: Any, call: dict[str, Any]) -> None:
    await asyncio.sleep(call.get("sleep_s", 0))
    arguments, module = arguments_of(client, call), module_of(call)
    begun = time.monotonic()
    response, error = None, None
    try:
        response = await module.asyncio_detailed(**arguments)
    except httpx.TransportError as failed:
        error = failed
    told(call, begun, response, error)


def run(client: Any, steps: list[list[dict[str, Any]]]) -> None:
    for step in steps:
        with ThreadPoolExecutor(len(step)) as pool:
            list(pool.map(one, [client] * len(step), step))


async def async_run(client: Any, steps: list[list[dict[str, Any]]]) -> None:
    for step in steps:
        await asyncio.gather(*(async_one(client, call) for call in step))


async def async_phase(phase: list[Any]) -> None:
    clients = [client_of(lane) for lane in phase]
    runs = [async_run(client, lane["calls"]) for client, lane in zip(clients, phase, strict=True)]
    await asyncio.gather(*runs)


with open(FILE) as file:
    phases = json.load(file)
for call in (call for phase in phases for lane in phase for step in lane["calls"] for call in step):
    module_of(call)
for phase in phases:
    if MODE == "async":
        asyncio.run(async_phase(phase))
    else:
        clients = [client_of(lane) for lane in phase]
        with ThreadPoolExecutor(len(phase)) as pool:
            list(pool.map(run, clients, [lane["calls"] for lane in phase]))
