"""Retries in JavaScript and TypeScript: axios-retry, which does not wait by itself, and libraries that can be
told to go on for ever (async-retry, p-retry, promise-retry)."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.code import BACKOFF, UNCAPPED, Code, is_source

MARKS = (b"axios-retry", b"async-retry", b"p-retry", b"promise-retry")
_IMPORTED = regex(
    r"""(?:import\s+(?:\*\s+as\s+)?(\w{1,80})[^;'"\n]{0,80}from\s*|(?:const|let|var)\s+(\w{1,80})\s*=\s*require\(\s*)"""
    r"""['"](axios-retry|async-retry|p-retry|promise-retry)['"]"""
)


def wanted(path: str) -> bool:
    return is_source(path, ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")


def read(path: str, data: bytes) -> Read:
    """The faults of a file's retries."""
    code = Code(path, data)
    if code.file is None:
        return Read()
    names = {found[1] or found[2]: found[3] for found in _IMPORTED.finditer(code.file.text)}
    faults: list[Fault] = []
    for node in code.nodes("call_expression"):
        called = code.text(node.child_by_field_name("function")).removesuffix(".default")
        if called in names:
            faults += _faults(code, node, names[called])
    return Read(faults=tuple(faults))


def _faults(code: Code, node: Node, library: str) -> Iterator[Fault]:
    arguments = code.file.arguments(node) if code.file else []
    options = arguments[1] if len(arguments) > 1 else None
    if options is not None and options.type != "object":
        return
    given = code.keywords(options, ":")
    if given is None:
        return
    if given.get("retries") == "Infinity" or given.get("forever") == "true":
        yield code.fault(UNCAPPED, node, library, "has no limit of tries")
    if library == "axios-retry" and given.get("retries") != "0":
        delay = given.get("retryDelay", "" if not any("retryDelay" in one for one in given.values()) else "?")
        if not delay or delay.endswith("noDelay"):
            yield code.fault(BACKOFF, node, library, "does not wait between tries: there is no retryDelay")
