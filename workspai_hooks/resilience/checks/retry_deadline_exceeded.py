"""RT13: a retry on DEADLINE_EXCEEDED.

gRPC's runtimes never retry the one that the client makes itself, as no time is left (measured). One that a
server answers is that of a callee of its own, which gets the load again.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.grpc.acting import retries_of
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "retry-deadline-exceeded"
_CODE = "DEADLINE_EXCEEDED"


def find(view: View) -> Iterator[Fault]:
    """One a retry policy in a config."""
    for said, retry in retries_of(view):
        if _CODE in retry.on_grpc:
            place = said.line_of("on_grpc")
            alone = "" if len(retry.on_grpc) > 1 else ", its only code: nothing is retried"
            message = (
                f"retries on {_CODE}{alone}: when the client's deadline is over, there is no time for it"
            )
            yield Fault(RULE, f"file:{place.path}#{said.scope or 'all services'}", message, place)
