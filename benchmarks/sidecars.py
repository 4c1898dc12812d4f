"""What a sidecar costs a call that goes well: the time of a call with it and without, in each language.

    python benchmarks/sidecars.py                   all languages whose toolchain is here
    python benchmarks/sidecars.py --calls 5000 Go   those with a word in their names

One call after the other on one connection, against the server of tests/stubs on the loopback, by the client
programs of the tests; plain and enriched take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from stubs import test_connect_es, test_grpc_go, test_grpc_java, test_grpc_python, test_grpc_typescript
from stubs.server import HERE, Server, running
from stubs.toolchain import Unavailable, copy_jars, install_node

METHODS = {"Shop/Get": "deadline, retries, breaker", "Shop/Put": "the same and a key"}
TURNS = 5
WARM = 0.2
"""The share of the calls of each turn that is not counted: connections, caches and compilers warm up."""


def python(mode: str) -> Callable[[Path], list[str]]:
    def prepare(folder: Path) -> list[str]:
        test_grpc_python.generate(folder)
        test_grpc_python.enrich(folder)
        return [sys.executable, str(HERE / "clients" / "grpc_python.py"), mode]

    return prepare


def go(folder: Path) -> list[str]:
    within = folder / "module"
    test_grpc_go.module(within)
    test_grpc_go.built(within, "-o", "bin/", ".")
    return [str(within / "bin" / "bench")]


def node(build: Callable[[Path, Path], None]) -> Callable[[Path], list[str]]:
    def prepare(folder: Path) -> list[str]:
        packages = folder / "packages"
        packages.mkdir()
        install_node(packages)
        build(folder / "project", packages)
        return ["node", str(folder / "project" / "out" / "client.js")]

    return prepare


def java(folder: Path) -> list[str]:
    jars = folder / "jars"
    jars.mkdir()
    copy_jars(jars)
    test_grpc_java.build(folder / "sources", jars)
    return ["java", "-cp", f"{folder / 'sources' / 'out'}:{jars}/*", "GrpcJava"]


LANGUAGES: Mapping[str, Callable[[Path], list[str]]] = {
    "Python": python("sync"),
    "Python, aio": python("aio"),
    "Go": go,
    "TypeScript, grpc-js": node(test_grpc_typescript.build),
    "TypeScript, connect-es": node(test_connect_es.build),
    "Java": java,
}
"""Makes stubs, sidecars and a client program in an empty folder; returns its command."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--calls", type=int, default=2000, help="in each turn")
    given = parser.parse_args()
    print("| stub | policy | plain, µs | sidecar, µs | added, µs | ratio |")
    print("|---|---|---|---|---|---|")
    for language, prepare in LANGUAGES.items():
        if given.words and not any(word in language for word in given.words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                command = prepare(Path(folder))
            except (pytest.skip.Exception, Unavailable) as reason:
                print(f"| {language} | skipped: {reason} | | | | |", flush=True)
                continue
            for method, what in METHODS.items():
                plain, sidecar = measured(command, Path(folder), method, given.calls)
                added, ratio = sidecar - plain, sidecar / plain
                row = f"{plain:.0f} | {sidecar:.0f} | {added:.0f} | {ratio:.2f}"
                print(f"| {language} | {what} | {row} |", flush=True)


def measured(command: Sequence[str], folder: Path, method: str, calls: int) -> tuple[float, float]:
    """The median of a call in microseconds, plain and with the sidecar."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    with running() as server:
        for turn in range(2 * TURNS):
            plain = turn % 2 == 0
            taken[plain] += one_turn(server, command, folder, method, calls, plain)
    return median(taken[True]), median(taken[False])


def one_turn(
    server: Server, command: Sequence[str], folder: Path, method: str, calls: int, plain: bool
) -> list[float]:
    call = {"method": method, "behaviour": "ok", "request_id": "", "timeout_s": None, "cancel_s": None}
    batches = [{"wait_s": 0, "calls": [{"call": str(number), **call}]} for number in range(calls)]
    runs = [{"plain": plain, "service_config": None, "batches": batches}]
    asked = json.dumps({"target": server.target, "runs": runs})
    done = subprocess.run(command, cwd=folder, input=asked, capture_output=True, text=True, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(one["code"] == "OK" for one in results)
    return [one["elapsed_s"] * 1e6 for one in results[int(calls * WARM) :]]


if __name__ == "__main__":
    main()
