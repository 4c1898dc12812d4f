"""RT20: a retry that nothing stops when all callees are down: no budget, no throttle, no breaker.

"Metastable Failures in the Wild" (OSDI 2022); GEP-3388. A note, one for each place that configures retries (a
file, an object), however many operations it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.findings import Severity
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.said import OURS, Said
from workspai_hooks.resilience.view import View, locations
from workspai_hooks.source import Location

RULE = "retry-budget-missing"
_THROTTLE = b"retryThrottling"
"""What a gRPC service config gives all calls of its channel; sources read what it says of single names."""


def find(view: View) -> Iterator[Fault]:
    """One a place. Sidecars of ours have a breaker where nobody says otherwise, so that ours are none."""
    guarded = {
        (one.level, one.scope)
        for one in view.said
        if one.budget is not None or (one.breaker is not None and one.breaker.failures > 0)
    }
    places: dict[tuple[str, str], set[Location]] = {}
    for said in view.said:
        if _tries(said) and said.convention != OURS and (said.level, said.scope) not in guarded:
            places.setdefault((said.location.path, said.convention), set()).add(said.line_of("retry"))
    beside = {
        (one.location.path, one.convention) for one in view.layers if one.budget or one.breaker is not None
    }  # which of a file's breakers is around which of its retries, code says
    for layer in view.layers:
        home = (layer.location.path, layer.convention)
        if _tries(layer) and not layer.by_default and home not in beside:
            places.setdefault((layer.location.path, layer.convention), set()).add(layer.line_of("retry"))
    texts = view.snapshot.read_many(sorted({path for path, _ in places if path in view.snapshot.entries}))
    for (path, convention), found in sorted(places.items()):
        if _THROTTLE in texts.get(path, b""):
            continue
        lines = locations(found)
        yield Fault(
            RULE,
            f"file:{path}#{convention}",
            f"{convention}: nothing stops these retries when the callee is down",
            lines[0],
            Severity.NOTE,
            related=lines[1:],
        )


def _tries(one: Said | Layer) -> bool:
    return one.retry is not None and one.retry.tries_total > 1
