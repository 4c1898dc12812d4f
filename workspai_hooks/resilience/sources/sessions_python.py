"""Sessions of requests whose adapter retries: the one retry in Python code of which it is certain on which
calls it acts, as the file itself mounts it on the session that makes them.

urllib3's `Retry`: `total` counts retries; a status of `status_forcelist` is retried for `allowed_methods`
alone (all but POST and PATCH); the wait before retry n is `backoff_factor * 2**(n-1)`, at most 120 s, none
before the first (urllib3 2.x, urllib3.util.Retry).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Provenance, Retry, Where
from workspai_hooks.resilience.sources.code import Code
from workspai_hooks.source import Location

CONVENTION = "urllib3 Retry"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE")
"""`Retry.DEFAULT_ALLOWED_METHODS`."""
_SENDS = {"get", "head", "options", "put", "post", "patch", "delete", "request"}
_LONGEST_S = 120.0
_MOST_TRIES = 100
Arguments = Mapping[str, str]


def layers_of(code: Code, retries: Mapping[str, tuple[Node, Arguments]]) -> Iterator[Layer]:
    """One a retry that is mounted. `retries` are the file's `Retry(…)` by the name that each is bound to, or
    by its own text where it stands in the adapter."""
    mounted: dict[str, str] = {}
    for node in code.nodes("call"):
        function = node.child_by_field_name("function")
        session, _, method = code.text(function).rpartition(".")
        if method == "mount" and session:
            adapter = code.keywords(node.child_by_field_name("arguments"), "=") or {}
            given = adapter.get("1", adapter.get("adapter", ""))
            retry = next((name for name in retries if f"max_retries={name})" in given.replace(" ", "")), "")
            if retry:
                mounted[session] = retry
    sent: dict[str, set[int]] = {}
    for node in code.nodes("call"):
        session, _, method = code.text(node.child_by_field_name("function")).rpartition(".")
        if method in _SENDS and session in mounted:
            sent.setdefault(mounted[session], set()).add(code.location(node).line)
    for retry, lines in sorted(sent.items()):
        layer = _layer(code, *retries[retry], tuple(sorted(lines)))
        if layer is not None:
            yield layer


def _layer(code: Code, node: Node, given: Arguments, lines: tuple[int, ...]) -> Layer | None:
    total = given.get("total", given.get("0", ""))
    if not total.isdigit() or not 0 < int(total) < _MOST_TRIES or "allowed_methods" in given:
        return None
    try:
        initial = float(given.get("backoff_factor", "0"))
    except ValueError:
        return None
    statuses = tuple(
        sorted(
            int(one)
            for one in given.get("status_forcelist", "").strip("[](){} ").split(",")
            if _is_status(one)
        )
    )
    retry = Retry(int(total) + 1, Backoff(min(initial, _LONGEST_S), _LONGEST_S, 2.0, 0.0), (), statuses)
    place = code.location(node)
    return Layer(
        Where.CLIENT,
        CONVENTION,
        place,
        routes=(Route(methods=METHODS),),
        caller=code.path,
        retry=retry,
        lines=(Provenance("retry", Location(code.path, place.line), CONVENTION),),
        sites=lines,
    )


def _is_status(text: str) -> bool:
    return text.strip().isdigit() and 400 <= int(text) <= 599
