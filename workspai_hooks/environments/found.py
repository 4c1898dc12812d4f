"""Findings of this room, made in one way."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.environments.missing import Missing
from workspai_hooks.environments.reads import Need
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.source import Location


def finding(
    rule: str,
    severity: Severity,
    element: str,
    message: str,
    location: Location,
    related: Iterable[Location] = (),
    change: str = "",
) -> Finding:
    """A finding of drift: `location` is the local line where there is one, `related` the others."""
    return Finding(
        rule=rule,
        severity=severity,
        contract="policy",
        element=element,
        message=message,
        location=location,
        related=tuple(dict.fromkeys(one for one in related if one != location)),
        change=change,
    )


def lacking(rule: str, one: Missing) -> Finding:
    """A variable that one environment lacks: a warning where production lacks what has no default."""
    read, name = one.reading, one.setting.name
    severe = one.in_production and read is not None and read.need in (Need.REQUIRED, Need.PLAIN)
    does = f"reads {name} ({read.location})" if read is not None else f"is given {name}"
    return finding(
        rule,
        Severity.WARNING if severe else Severity.NOTE,
        f"{one.service}:env/{name}",
        f"{one.service} {does}; {one.there.label} sets it, {one.here.label} does not",
        one.setting.location,
        (one.here.place, read.location) if read is not None else (one.here.place,),
        f"{name} set in {one.there.label} -> missing in {one.here.label}",
    )
