"""RT01: an operation whose callers wait for ever: no total timeout anywhere on the way.

"Understanding and Detecting Software Timeout Bugs" (IC2E 2018). Of an operation that somebody here calls, one
finding a caller would be the same fault many times: the callers are named in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "no-timeout"


def find(view: View) -> Iterator[Fault]:
    """One an operation; rpcs that stream from the client or to it have an end of their own."""
    callers: dict[tuple[str, str], list[str]] = {}
    limited: set[tuple[str, str]] = set()
    for call in view.calls:
        key = (call.operation, call.contract)
        if call.timeout_s is None:
            callers.setdefault(key, []).append(call.consumer)
        else:
            limited.add(key)
    for one in view.operations:
        key = (one.name, one.contract)
        if one.client_streaming or one.server_streaming or not (key in callers or one.is_grpc):
            continue
        if key not in callers and (key in limited or view.policy(one).timeout_s is not None):
            continue
        who = sorted(set(callers.get(key, ())))
        waits = f"{', '.join(who)} may wait for it for ever" if who else "nobody's policy names one"
        yield Fault(
            RULE,
            view.element(one),
            f"{one.name} has no total timeout: {waits}",
            one.location,
            operations=(one.name,),
            services=tuple(who),
        )
