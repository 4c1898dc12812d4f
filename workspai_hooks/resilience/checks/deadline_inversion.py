"""RT11: a caller gives up before its callee's own calls can have ended: `T_caller < W_callee`, where
`T_caller` is what its shortest timeout leaves a single try.

Local work of the callee comes on top and is not known: what is told here is too short without it already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.resilience.calls import Call, worst_case
from workspai_hooks.resilience.checks.path_amplification import hops_of, told_hop
from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.paths import Path
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View
from workspai_hooks.source import Location

RULE = "deadline-inversion"


def find(view: View) -> Iterator[Fault]:
    """One for each line that limits too early: the shortest wait for a callee, the longest call of it."""
    longest: dict[tuple[str, str], Call] = {}
    shortest: dict[tuple[str, str], Call] = {}
    for call in view.calls:
        pair = (call.consumer, call.provider)
        if _limit(call) and (pair not in shortest or _limit(call) < _limit(shortest[pair])):
            shortest[pair] = call
        if worst_case(call) is not None and (pair not in longest or _takes(call) > _takes(longest[pair])):
            longest[pair] = call
    found: dict[tuple[Location, Call], list[Call]] = {}
    for (consumer, callee), first in sorted(shortest.items()):
        for (caller, provider), second in sorted(longest.items()):
            if caller == callee and provider not in (consumer, callee) and _limit(first) < _takes(second):
                limiting = first.impatient
                assert limiting is not None
                found.setdefault((limiting.location, second), []).append(first)
    for (_, second), firsts in found.items():
        yield _fault(view, firsts, second)


def _fault(view: View, firsts: Sequence[Call], second: Call) -> Fault:
    """`firsts` are calls that the same line limits."""
    first = firsts[0]
    path = Path((first, second))
    callers = tuple(one.consumer for one in firsts)
    limit, takes = told_seconds(_limit(first)), told_seconds(_takes(second))
    limiting = first.impatient
    assert limiting is not None
    waits = "waits" if len(callers) == 1 else "wait"
    return Fault(
        RULE,
        path.name,
        f"{', '.join(callers)} {waits} {limit} for {first.provider}, whose call of {second.provider} may "
        f"take {takes} ({told_hop(second)} tries)",
        limiting.location,
        related=tuple(sorted({one.location for one in second.acting})),
        operations=tuple(dict.fromkeys(one.operation for one in (*firsts, second) if one.operation)),
        services=(*callers, first.provider),
        hops=hops_of(path),
        change=f"{limit} < {takes}",
        weight=_takes(second) - _limit(first),
        fix=view.fixes.longer_timeout(limiting, _takes(second)),
    )


def _limit(call: Call) -> float:
    impatient = call.impatient
    return (impatient.waits_s if impatient else None) or 0.0


def _takes(call: Call) -> float:
    return worst_case(call) or 0.0
