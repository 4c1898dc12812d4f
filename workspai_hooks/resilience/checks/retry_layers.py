"""RT10: more than one layer retries one call, so that their tries multiply.

"Retry at one layer of the stack" (Amazon Builders' Library, "Timeouts, retries, and backoff with jitter";
Site Reliability Engineering, chapter 22).
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.calls import Call
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "retry-layers"


def find(view: View) -> Iterator[Fault]:
    """One for each pair of services: the call that is tried most often stands for all."""
    worst: dict[tuple[str, str], list[Call]] = {}
    for call in view.calls:
        if len(call.retrying) > 1:
            worst.setdefault((call.consumer, call.provider), []).append(call)
    for (consumer, provider), calls in worst.items():
        call = max(calls, key=lambda one: one.tries)
        told = " and ".join(
            f"{one.where} ({one.convention}{', by default' if one.by_default else ''}) {one.tries} times"
            for one in call.retrying
        )
        operations = tuple(sorted({one.operation for one in calls if one.operation}))
        yield Fault(
            RULE,
            f"{consumer} -> {provider}",
            f"calls of {consumer} to {provider} are retried by {len(call.retrying)} layers, {told}: "
            f"{call.tries} tries in all",
            call.retrying[0].location,
            related=tuple(one.location for one in call.retrying[1:]),
            operations=operations,
            services=(consumer,),
            change=f"{call.tries} tries",
            weight=call.tries,
        )
