"""RT23: places that speak of one operation with the same right, and say different things.

Method comes before service and service before file, so that a value of a more specific place overrides a
general one on purpose. What stands at one level in two files, for the same callers, is a contradiction; so is
an rpc without side effects that is bound to PUT, PATCH or DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.model import Idempotency, Retry
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.resilience.view import View

RULE = "policy-disagreement"
_CHANGING = ("put", "patch", "delete", "PUT", "PATCH", "DELETE")


def find(view: View) -> Iterator[Fault]:
    """One an operation and value; a service config's are told once for all that it speaks of."""
    told: set[tuple[Said, Said]] = set()
    for one in view.operations:
        mine = [said for said in view.said_of(one) if said.level is not Level.DEFAULT]
        for value, first, second in (*_twice(mine), *_by_verb(mine)):
            if (first, second) not in told:
                told.add((first, second))
                yield _fault(view, one, value, first, second)
    yield from _by_another(view)


def _by_another(view: View) -> Iterator[Fault]:
    """Retries by a program that `x-workspai-retry-layer` does not name."""
    meant = {
        (one.name, one.contract): said
        for one in view.operations
        for said in reversed(view.said_of(one))
        if said.retry_layer is not None
    }
    for call in view.calls if meant else ():
        said = meant.get((call.operation, call.contract))
        for acting in call.retrying if said else ():
            if said is not None and acting.where != said.retry_layer:
                yield Fault(
                    RULE,
                    f"{call.consumer} -> {call.provider}#{call.operation}",
                    f"{call.operation}: {said.retry_layer} is to retry, but the {acting.where} "
                    f"({acting.convention}) of {call.consumer} does",
                    acting.location,
                    related=(said.location,),
                    operations=(call.operation,),
                    services=(call.consumer,),
                )


def _twice(mine: Sequence[Said]) -> Iterator[tuple[str, Said, Said]]:
    for value in ("idempotency", "timeout_s", "retry"):
        places = [said for said in mine if getattr(said, value) is not None]
        for number, first in enumerate(places):
            for second in places[number + 1 :]:
                alike = (first.level, first.where, first.caller) == (
                    second.level,
                    second.where,
                    second.caller,
                )
                if alike and first.location != second.location and _differ(first, second, value):
                    yield value, first, second


def _differ(first: Said, second: Said, value: str) -> bool:
    one, other = getattr(first, value), getattr(second, value)
    if (
        value == "idempotency"
    ):  # safe is idempotent as well; only what allows a retry and what forbids it clash
        return bool(one.may_retry != other.may_retry)
    if isinstance(one, Retry) and isinstance(other, Retry):
        return one.tries_total != other.tries_total
    return bool(one != other)


def _by_verb(mine: Sequence[Said]) -> Iterator[tuple[str, Said, Said]]:
    safe = [said for said in mine if said.idempotency is Idempotency.SAFE]
    changing = [said for said in mine if said.convention.rpartition(" ")[2] in _CHANGING]
    if safe and changing:
        yield "idempotency", safe[0], changing[0]


def _fault(view: View, one: Operation, value: str, first: Said, second: Said) -> Fault:
    name = {"idempotency": "idempotency", "timeout_s": "timeout", "retry": "tries"}[value]
    return Fault(
        RULE,
        view.element(one),
        f"{one.name}: {name} is {_shown(first, value)} by {first.convention}, and {_shown(second, value)} by "
        f"{second.convention} ({second.location})",
        first.location,
        related=(second.location,),
        operations=(one.name,),
        change=f"{name} {_shown(first, value)}, {_shown(second, value)}",
    )


def _shown(said: Said, value: str) -> str:
    held = getattr(said, value)
    if value == "timeout_s":
        return told_seconds(held)
    if isinstance(held, Retry):
        return str(held.tries_total)
    return str(held) if held is not None else "changing something"
