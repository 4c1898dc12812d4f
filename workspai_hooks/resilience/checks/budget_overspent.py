"""RT25: a call that may take longer than the `timeout_budget` of an entry point that leads to it.

The hop is told where the time is first overspent: below it the caller's own limit is too long already. A hop
without any limit overspends every budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.resilience.calls import Call, worst_case
from workspai_hooks.resilience.checks.path_amplification import hops_of
from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.paths import Path
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.said import Budget
from workspai_hooks.resilience.view import View

RULE = "budget-overspent"
FOR_EVER = 1e12


def find(view: View) -> Iterator[Fault]:
    """One an entry point and hop."""
    following: dict[str, list[Call]] = {}
    for call in view.calls:
        following.setdefault(call.consumer, []).append(call)
    for budget in view.budgets:
        yield from _of(view, budget, following)


def _of(view: View, budget: Budget, following: Mapping[str, list[Call]]) -> Iterator[Fault]:
    told: set[tuple[str, str]] = set()
    for service in view.entered(budget.entry):
        for call in following.get(service, ()):
            taken = worst_case(call)
            pair = (call.consumer, call.provider)
            if (taken is not None and taken <= budget.timeout_s) or pair in told:
                continue
            told.add(pair)
            path = _down(call, following, budget.timeout_s)
            last = path.hops[-1]
            spent = worst_case(last)
            takes = f"may take {told_seconds(spent)}" if spent is not None else "has no limit"
            places = [one.location for one in last.acting]
            yield Fault(
                RULE,
                f"{budget.entry}: {last.consumer} -> {last.provider}",
                f"{budget.entry} has {told_seconds(budget.timeout_s)}, and {last.consumer} -> "
                f"{last.provider} {takes}",
                budget.location,
                related=(*places, *last.evidence[:3]),
                operations=tuple(one.operation for one in path.hops if one.operation),
                services=path.services,
                hops=hops_of(path),
                change=f"{told_seconds(budget.timeout_s)}, {takes}",
                weight=spent if spent is not None else FOR_EVER,
            )


def _down(call: Call, following: Mapping[str, list[Call]], budget_s: float) -> Path:
    """The way to the hop that is the cause: as long as a call of the callee alone overspends, too."""
    hops = [call]
    seen = {call.consumer, call.provider}
    while True:
        over = [
            one
            for one in following.get(hops[-1].provider, ())
            if one.provider not in seen and (worst_case(one) or 0.0) > budget_s
        ]
        if not over:
            return Path(tuple(hops))
        hops.append(max(over, key=lambda one: worst_case(one) or 0.0))
        seen.add(hops[-1].provider)
