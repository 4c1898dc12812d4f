"""Retries in Java and Kotlin that annotations declare: Spring's `@Retryable`, MicroProfile's `@Retry`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.code import BACKOFF, UNCAPPED, Code, is_source

MARKS = (b"org.springframework.retry.annotation", b"org.eclipse.microprofile.faulttolerance")
_VALUE = regex(r"\b(\w{1,40})\s*=\s*(-?[\w.\"]{1,80})")
_SAME = "has no jitter: all clients wait the same"


def wanted(path: str) -> bool:
    return is_source(path, ".java", ".kt")


def read(path: str, data: bytes) -> Read:
    """The faults of a file's annotations."""
    code = Code(path, data)
    spring = MARKS[0] in data
    faults: list[Fault] = []
    for node in code.nodes("annotation", "marker_annotation"):
        text = code.text(node)
        name = text.lstrip("@").partition("(")[0].strip()
        values = {found[1]: found[2] for found in _VALUE.finditer(text)}
        if spring and name == "Retryable":
            faults += _spring(code, node, text, values)
        elif not spring and name == "Retry":
            faults += _microprofile(code, node, values)
    return Read(faults=tuple(faults))


def _spring(code: Code, node: Node, text: str, values: dict[str, str]) -> Iterator[Fault]:
    """Three tries, a second between them, is what it does by itself."""
    elsewhere = "interceptor" in values or "Expression" in text or "backoff" in values
    if values.get("maxAttempts") == "1" or elsewhere:
        return
    if values.get("delay") == "0" or "@Backoff(0)" in text.replace(" ", ""):
        yield code.fault(BACKOFF, node, "Spring Retry", "does not wait between tries")
    elif values.get("random") != "true":
        yield code.fault(BACKOFF, node, "Spring Retry", _SAME)


def _microprofile(code: Code, node: Node, values: dict[str, str]) -> Iterator[Fault]:
    """A jitter of 200 ms, and at most three minutes, is what it does by itself."""
    if values.get("maxRetries") == "-1" and values.get("maxDuration") == "0":
        yield code.fault(UNCAPPED, node, "MicroProfile", "has no limit: maxRetries is -1, and maxDuration 0")
    if values.get("jitter") == "0" and values.get("maxRetries") != "0":
        yield code.fault(BACKOFF, node, "MicroProfile", _SAME)
