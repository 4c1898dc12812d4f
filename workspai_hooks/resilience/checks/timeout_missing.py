"""RT01: a call whose caller waits for ever: nothing on the way bounds it, and the code sets no deadline.

"Understanding and Detecting Software Timeout Bugs" (IC2E 2018). Of an operation that somebody here calls, one
finding a caller would be the same fault many times: the callers are named in it. HTTP calls of which no
description tells the operation are one finding for two services.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.resilience.budgets import time_for
from workspai_hooks.resilience.calls import Call, worst_case
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View, locations
from workspai_hooks.workspace.files import is_own

RULE = "timeout-missing"


def find(view: View) -> Iterator[Fault]:
    """One an operation; rpcs that stream from the client or to it have an end of their own."""
    calls: dict[tuple[str, str], list[Call]] = {}
    for call in view.calls:
        if call.operation:
            calls.setdefault((call.operation, call.contract), []).append(call)
        elif call.unlimited and worst_case(call) is None:
            yield _of_edge(call)
    for one in view.operations:
        if one.client_streaming or one.server_streaming:
            continue
        mine = calls.get((one.name, one.contract), [])
        waiting = [call for call in mine if call.unlimited and worst_case(call) is None]
        if waiting or (one.is_grpc and not mine and _is_forgotten(view, one)):
            yield _of_operation(view, one, waiting)


def _is_forgotten(view: View, one: Operation) -> bool:
    """Whether an rpc whose callers are not known should have a timeout: where others of its service have one,
    or where callers are elsewhere, as nothing here calls any rpc at all. Not one of tests, or of somebody
    else's contract that lies here."""
    if view.policy(one).timeout_s is not None or not is_own(one.contract):
        return False
    return view.has_policies([one.name]) or not view.calls_rpcs


def _of_operation(view: View, one: Operation, waiting: list[Call]) -> Fault:
    who = sorted({call.consumer for call in waiting})
    seconds = time_for(view, waiting) if one.is_grpc else None
    waits = f"{', '.join(who)} may wait for it for ever" if who else "nobody's policy names one"
    return Fault(
        RULE,
        view.element(one),
        f"{one.name} has no total timeout: {waits}",
        one.location,
        related=locations(place for call in waiting for place in call.unlimited),
        operations=(one.name,),
        services=tuple(who),
        weight=_share(waiting),
        fix=view.fixes.new_timeout(one.name, seconds) if seconds is not None else None,
    )


def _of_edge(call: Call) -> Fault:
    return Fault(
        RULE,
        f"{call.consumer} -> {call.provider}",
        f"{call.consumer} calls {call.provider} without a timeout, and its library has none by itself",
        call.unlimited[0],
        related=locations(call.unlimited)[1:],
        services=(call.consumer,),
        weight=_share([call]),
    )


def _share(waiting: Sequence[Call]) -> float:
    """How much of the calling is without a deadline: it grows where a call loses its own, not where there is
    one more call."""
    sites = sum(max(len(call.evidence), len(call.unlimited)) for call in waiting)
    return sum(len(call.unlimited) for call in waiting) / sites if sites else 0.0
