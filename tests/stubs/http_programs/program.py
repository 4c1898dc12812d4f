"""Makes calls through the generated Python client and its sidecar: `program.py phases.json url`."""

from __future__ import annotations

import json
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bench_client
import bench_client_resilience
import urllib3

warnings.simplefilter("error")
URL = sys.argv[2]
PRINTING = threading.Lock()


def snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def one(api: Any, call: dict[str, Any]) -> None:
    time.sleep(call.get("sleep_s", 0))
    arguments: dict[str, Any] = {"behaviour": call["behaviour"]}
    if call["op"] != "getLatest":
        arguments["id"] = call["id"]
    if call.get("body"):
        arguments["ask"] = bench_client.Ask(text="hello")
    if "key" in call:
        arguments["idempotency_key"] = call["key"]
    if "timeout_s" in call:
        arguments["_request_timeout"] = call["timeout_s"]
    name = snake(call["op"])
    begun = time.monotonic()
    status, error = 0, ""
    try:
        if call.get("stream"):
            raw = getattr(api, f"{name}_without_preload_content")(**arguments)
            status, error = raw.status, f"{len(raw.read())} bytes"
        else:
            status = getattr(api, f"{name}_with_http_info")(**arguments).status_code
    except bench_client.ApiException as failed:
        status, error = failed.status, str(failed.reason)
    except urllib3.exceptions.HTTPError as failed:
        error = f"{type(failed).__name__}: {failed}"
    elapsed_s = time.monotonic() - begun
    with PRINTING:
        print(json.dumps({"id": call["id"], "status": status, "error": error, "elapsed_s": elapsed_s}))


def run(api: Any, steps: list[list[dict[str, Any]]]) -> None:
    for step in steps:
        threads = [threading.Thread(target=one, args=(api, call)) for call in step[1:]]
        for thread in threads:
            thread.start()
        one(api, step[0])
        for thread in threads:
            thread.join()


def api_of(lane: dict[str, Any]) -> Any:
    made = bench_client.ApiClient if lane["plain"] else bench_client_resilience.ApiClient
    return bench_client.BenchApi(made(bench_client.Configuration(host=URL)))


with open(sys.argv[1]) as file:
    phases = json.load(file)
for phase in phases:
    apis = [api_of(lane) for lane in phase]
    with ThreadPoolExecutor(len(phase)) as pool:
        list(pool.map(run, apis, [lane["calls"] for lane in phase]))
