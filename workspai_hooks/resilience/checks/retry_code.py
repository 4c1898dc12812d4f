"""RT06: a retry on a status that a second try does not mend.

AIP-194 has UNAVAILABLE alone retried automatically. Told are the codes that say the request itself, or the
state it meets, is wrong (gRPC's status codes: the same request gets the same answer), and those that say
something broke in a way that nobody knows to be transient (INTERNAL, UNKNOWN, DATA_LOSS). Not told:
RESOURCE_EXHAUSTED, which a server may send to push back; ABORTED, which asks for a retry, if at a higher
level; DEADLINE_EXCEEDED, which is RT13's.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.grpc.acting import retries_of
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "retry-code"
_SAME_ANSWER = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "FAILED_PRECONDITION",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "UNAUTHENTICATED",
)
_GIVEN_UP = ("CANCELLED",)
_BROKEN = ("UNKNOWN", "INTERNAL", "DATA_LOSS")


def find(view: View) -> Iterator[Fault]:
    """One a retry policy in a config."""
    for said, retry in retries_of(view):
        reasons = []
        for codes, why in (
            (_SAME_ANSWER, "the same request gets the same answer"),
            (_GIVEN_UP, "the caller itself has given up"),
            (_BROKEN, "nothing says that what broke is whole at the next try"),
        ):
            mine = [code for code in codes if code in retry.on_grpc]
            if mine:
                reasons.append(f"{', '.join(mine)}: {why}")
        if reasons:
            place = said.line_of("on_grpc")
            element = f"file:{place.path}#{said.scope or 'all services'}"
            yield Fault(RULE, element, f"retries on {'; '.join(reasons)}", place)
