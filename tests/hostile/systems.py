"""Whole systems that stand in our tests, path -> content: what finders of edges and of requests look at."""

from __future__ import annotations

import ast
import sys
from bisect import bisect
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from hostile.seeds import LARGEST, TESTS
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import EMPTY, Schema
from workspai_hooks.tools.buf import resolve_buf

MODULES = (
    "test_evidence_*",
    "test_edges",
    "test_services",
    "test_builders",
    "test_http_*",
    "test_received_json",
)

System = Mapping[str, str]


@cache
def systems() -> tuple[System, ...]:
    """Every mapping of paths to texts in these modules that can be worked out without running a test."""
    found: dict[tuple[tuple[str, str], ...], System] = {}
    for pattern in MODULES:
        for path in sorted(TESTS.glob(f"{pattern}.py")):
            known = vars(_imported(path.stem))
            for node in ast.walk(ast.parse(path.read_bytes())):
                system = _system(node, known)
                if system:
                    found[tuple(sorted(system.items()))] = system
    return tuple(found.values())


def _imported(name: str) -> object:
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    return import_module(name)


def _system(node: ast.AST, known: Mapping[str, object]) -> System | None:
    if not isinstance(node, ast.Dict) or len(node.keys) < 2:
        return None
    try:
        value = eval(compile(ast.Expression(node), "system", "eval"), {**known})
    except Exception:  # it needs what only a running test has
        return None
    texts = all(isinstance(one, str) for one in (*value, *value.values()))
    return value if texts and any("." in name or "/" in name for name in value) else None


@cache
def schema_of_system(files: tuple[tuple[str, str], ...]) -> Schema:
    """What its contracts declare."""
    contracts = {path: text for path, text in files if path.endswith(".proto")}
    return schema_of(Snapshot.of(contracts), resolve_buf())[0] if contracts else EMPTY


@cache
def _places() -> tuple[list[str], list[tuple[System, str]]]:
    rows = sorted(
        (content, number, path)
        for number, system in enumerate(systems())
        for path, content in system.items()
        if content
    )
    return [row[0] for row in rows], [(systems()[number], path) for _, number, path in rows]


def with_file(data: bytes) -> tuple[System, str]:
    """The system and the file in it that a text seems to be made from, by how it begins."""
    texts, places = _places()
    text = data.decode("utf-8", "surrogateescape")
    at = bisect(texts, text)
    near = [one for one in (at - 1, at) if 0 <= one < len(texts)]
    return places[max(near, key=lambda one: _shared(texts[one], text))]


def _shared(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


@cache
def contents() -> tuple[bytes, ...]:
    """The files of all systems; what these declare is known from then on, without asking buf."""
    for system in systems():
        schema_of_system(tuple(sorted(system.items())))
    every = dict.fromkeys(text.encode()[:LARGEST] for text in _places()[0])
    return tuple(every)
