"""Retries in C#: Polly's, of both its ways to write them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.sources.code import BACKOFF, UNCAPPED, Code, is_source
from workspai_hooks.workspace.use_sites.nodes import child_of

MARKS = (b"Polly",)
_FOREVER = frozenset({"RetryForever", "RetryForeverAsync", "WaitAndRetryForever", "WaitAndRetryForeverAsync"})
_AT_ONCE = frozenset({"Retry", "RetryAsync", "RetryForever", "RetryForeverAsync"})
_OPTIONS = regex(r"RetryStrategyOptions(?:<.{1,80}>)?")
_HANDLES = regex(
    r"\.(?:Handle|Or|HandleTransientHttpError|HandleResult|OrResult|OrTransientHttpStatusCode)\b|\bPolicy\b"
)


def wanted(path: str) -> bool:
    return is_source(path, ".cs")


def read(path: str, data: bytes) -> Read:
    """The faults of a file's policies."""
    code = Code(path, data)
    faults = [
        *(one for node in code.nodes("invocation_expression") for one in _policy(code, node)),
        *(one for node in _made(code) for one in _options(code, node)),
    ]
    return Read(faults=tuple(faults))


def _made(code: Code) -> Iterator[Node]:
    """`new RetryStrategyOptions { … }`, `AddRetry(new() { … })`."""
    for node in code.nodes("object_creation_expression", "implicit_object_creation_expression"):
        given = node.child_by_field_name("type")
        if given is not None:
            if _OPTIONS.fullmatch(code.text(given)):
                yield node
        elif (call := _around(node)) is not None and code.text(call).rpartition(".")[2] == "AddRetry":
            yield node


def _around(node: Node) -> Node | None:
    """What is called with a node as its argument."""
    at = node.parent
    while at is not None and at.type in ("argument", "argument_list"):
        at = at.parent
    return at.child_by_field_name("function") if at is not None else None


def _policy(code: Code, node: Node) -> Iterator[Fault]:
    """`Policy.Handle<…>().RetryForever()`."""
    function = code.text(node.child_by_field_name("function"))
    name = function.rpartition(".")[2].partition("<")[0].strip()
    if name not in _FOREVER | _AT_ONCE or not _HANDLES.search(function):
        return
    if name in _FOREVER:
        yield code.fault(UNCAPPED, node, "Polly", f"has no limit of tries: {name}")
    if name in _AT_ONCE:
        yield code.fault(BACKOFF, node, "Polly", f"does not wait between tries: {name}")


def _options(code: Code, node: Node) -> Iterator[Fault]:
    """Polly 8: three retries, 2 s before each, without jitter, is what they do by themselves."""
    given = code.keywords(child_of(node, "initializer_expression"), "=")
    if given is None:
        return
    if given.get("MaxRetryAttempts") == "int.MaxValue":
        yield code.fault(UNCAPPED, node, "Polly", "has no limit of tries: MaxRetryAttempts is int.MaxValue")
    if given.get("Delay") == "TimeSpan.Zero":
        yield code.fault(BACKOFF, node, "Polly", "does not wait between tries: Delay is TimeSpan.Zero")
    elif "DelayGenerator" not in given and given.get("UseJitter", "false") == "false":
        yield code.fault(BACKOFF, node, "Polly", "has no jitter: all clients wait the same")
