"""What a sidecar costs a call of an HTTP client that goes well: its time with it and without, a client a row.

    python benchmarks/sidecars_http.py                  all clients whose toolchain is here
    python benchmarks/sidecars_http.py --calls 2000 Go  those with a word in their names

One call after the other on one connection, against the server of tests/stubs on the loopback, by the programs
of the tests, whose sidecars know 55 operations; plain and sidecar take turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from stubs import (
    test_sidecar_http_go,
    test_sidecar_http_httpx,
    test_sidecar_http_java,
    test_sidecar_http_python,
    test_sidecar_http_typescript,
)
from stubs.http_checks import Program, made
from stubs.http_clients import lane, outcomes
from stubs.http_server import Server
from stubs.toolchain import Unavailable

OPERATIONS = {
    "getOrder": "deadline, retries, breaker",
    "makeOrder": "the same and a key",
    "getUnlisted": "none",
}
TURNS = 5
WARM = 0.3
"""The share of the calls of each turn that is not counted: connections, caches and compilers warm up."""

typescript, httpx = test_sidecar_http_typescript, test_sidecar_http_httpx
CLIENTS: Mapping[str, tuple[Callable[[Path], None], Callable[[Path], Program]]] = {
    "Python, urllib3": (test_sidecar_http_python.prepare, test_sidecar_http_python.program),
    "Python, httpx": (httpx.prepare, lambda root: httpx.program(root, "sync")),
    "Python, httpx async": (httpx.prepare, lambda root: httpx.program(root, "async")),
    "TypeScript, fetch": (typescript.prepare, lambda root: typescript.program(root, "fetch")),
    "TypeScript, axios": (typescript.prepare, lambda root: typescript.program(root, "axios")),
    "Go": (test_sidecar_http_go.prepare, test_sidecar_http_go.program),
    "Java, OkHttp": (test_sidecar_http_java.prepare, test_sidecar_http_java.program),
}
"""What generates and builds a client in an empty folder, and its program."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--calls", type=int, default=1000, help="in each turn")
    given = parser.parse_args()
    print("| client | policy | plain, µs | sidecar, µs | added, µs | ratio |")
    print("|---|---|---|---|---|---|")
    for name, (prepare, program) in CLIENTS.items():
        if given.words and not any(word in name for word in given.words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            try:
                prepare(root)
            except Unavailable as reason:
                print(f"| {name} | skipped: {reason} | | | | |", flush=True)
                continue
            for operation, policy in OPERATIONS.items():
                plain, sidecar = measured(program(root), root, operation, given.calls)
                row = f"{plain:.0f} | {sidecar:.0f} | {sidecar - plain:.0f} | {sidecar / plain:.2f}"
                print(f"| {name} | {policy} | {row} |", flush=True)


def measured(program: Program, folder: Path, operation: str, calls: int) -> tuple[float, float]:
    """The median of a call in microseconds, plain and with the sidecar."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    phases = [
        [lane(*(made(operation, f"{turn}-{number}", "ok") for number in range(calls)), plain=turn % 2 == 0)]
        for turn in range(2 * TURNS)
    ]
    file = folder / "phases.json"
    file.write_text(json.dumps(phases))
    with Server() as server:
        told = outcomes(program(file, f"{server.url}/v1"))
    for turn in range(2 * TURNS):
        of_turn = [told[f"{turn}-{number}"][0] for number in range(calls)]
        assert all(one.status == 200 for one in of_turn)
        taken[turn % 2 == 0] += [one.elapsed_s * 1e6 for one in of_turn[int(calls * WARM) :]]
    return median(taken[True]), median(taken[False])


if __name__ == "__main__":
    main()
