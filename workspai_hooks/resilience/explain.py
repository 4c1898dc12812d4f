"""Which line won: for each value of an operation's policy all that speak of it, in order of precedence."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.resilience.calls import Call, worst_case
from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.model import Breaker, Idempotency, Retry, effective_tries
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.resilience.view import View
from workspai_hooks.source import IN_FILE, Location

VALUES = ("idempotency", "key", "timeout_s", "per_try_s", "retry", "breaker")
NAMES = {"timeout_s": "timeout", "per_try_s": "per try"}


class Line(msgspec.Struct, frozen=True):
    """What one place says of one value, and whether it holds; `why` it does, or does not."""

    value: str
    said: str
    convention: str
    location: Location
    wins: bool
    why: str


class Way(msgspec.Struct, frozen=True):
    """A call of the operation: who acts on it and how, one row each, and what comes of all together."""

    consumer: str
    provider: str
    acting: tuple[tuple[str, str, Location], ...]
    outcome: str


class Explained(msgspec.Struct, frozen=True):
    """All about one operation."""

    operation: str
    location: Location
    lines: tuple[Line, ...]
    ways: tuple[Way, ...]


def explain(view: View, name: str) -> list[Explained]:
    """The operations of this name (in a description: `path::GET /x`); none where there is none."""
    contract, _, plain = name.rpartition(IN_FILE)
    return [
        Explained(view.element(one), one.location, tuple(_lines(view, one)), tuple(_ways(view, one)))
        for one in view.by_name.get(plain, ())
        if contract in ("", one.contract)
    ]


def _lines(view: View, operation: Operation) -> Iterator[Line]:
    mine = sorted(view.said_of(operation), key=lambda one: one.level)
    policy = view.policy(operation)
    for value in VALUES:
        places = [one for one in mine if getattr(one, value) is not None]
        won = next((one for one in policy.provenance if one.value == value), None)
        for one in places:
            wins = won is not None and (one.location, one.convention) == (won.location, won.convention)
            yield Line(
                NAMES.get(value, value),
                told(getattr(one, value)),
                one.convention,
                one.location,
                wins,
                _why(one, value, places, wins=wins),
            )
    if policy.retry is not None and not (policy.idempotency.may_retry or policy.key):
        place = next(one for one in policy.provenance if one.value == "retry")
        why = "nobody declared it idempotent: sidecars make one try, other clients retry all the same"
        yield Line("retry", told(policy.retry), place.convention, place.location, False, why)


def _why(one: Said, value: str, places: list[Said], *, wins: bool) -> str:
    level = "default" if one.level is Level.DEFAULT else one.level.name.lower()
    if one.caller:
        level = f"{level}, for the service of {one.caller} alone"
    if len(places) == 1:
        return f"the only one ({level})"
    if value == "timeout_s":
        return f"the shortest ({level})" if wins else f"not the shortest ({level})"
    return (
        f"the most specific, first of its level ({level})" if wins else f"less specific, or later ({level})"
    )


def _ways(view: View, operation: Operation) -> Iterator[Way]:
    for call in view.calls:
        if (call.operation, call.contract) == (operation.name, operation.contract):
            yield Way(call.consumer, call.provider, tuple(_acting(call)), _outcome(call))


def _acting(call: Call) -> Iterator[tuple[str, str, Location]]:
    for one in call.acting:
        policy = one.policy
        said = [f"{one.tries} tries" if one.tries > 1 else "one try"]
        if one.tries > 1 and policy.timeout_s is not None and policy.per_try_s is not None:
            said.append(f"{effective_tries(one.effective_policy)} of them in time")
        said += [f"timeout {told(policy.timeout_s)}"] if policy.timeout_s is not None else ["no timeout"]
        said += [f"per try {told(policy.per_try_s)}"] if policy.per_try_s is not None else []
        default = ", by default" if one.by_default else ""
        yield f"{one.where}", f"{one.convention}{default}: {', '.join(said)}", one.location


def _outcome(call: Call) -> str:
    takes = worst_case(call)
    waits = f"waits {told_seconds(call.timeout_s)}" if call.timeout_s is not None else "waits for ever"
    longest = f", may take {told_seconds(takes)}" if takes is not None and takes != call.timeout_s else ""
    return (
        f"up to {call.tries} {'try' if call.tries == 1 else 'tries'} by what is read here, {waits}{longest}"
    )


def told(value: object) -> str:
    """A value for a person."""
    if isinstance(value, float | int):
        return told_seconds(float(value))
    if isinstance(value, Idempotency | str):
        return str(value)
    if isinstance(value, Retry):
        on = ", ".join((*value.on_grpc, *map(str, value.on_http))) or "what the callee did not begin with"
        return f"{value.tries_total} tries on {on}" if value.tries_total > 1 else "one try"
    if isinstance(value, Breaker):
        return f"open after {value.failures} failures" if value.failures else "none"
    return ""
