"""How a check says what it found: a `Break` by the name of its rule."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks import rules
from workspai_hooks.breaking.values import Break
from workspai_hooks.findings import Severity, Surface
from workspai_hooks.source import Location

RUNNING = (Surface.WIRE,)
"""It hits clients that run."""
NEXT = (Surface.SOURCE,)
"""It hits the next installation or upgrade: who sets values, who applies manifests."""
BOTH = (Surface.SOURCE, Surface.WIRE)


def fault(
    rule: str,
    element: str,
    message: str,
    location: Location,
    base_location: Location | None = None,
    *,
    surfaces: tuple[Surface, ...] = RUNNING,
    severity: Severity | None = None,
    renamed_to: str | None = None,
    related: Iterable[Location] = (),
    users: str = "",
) -> Break:
    """A break of the rule of this name; `severity` None is the rule's own. `users` end the message: who they
    are is no part of what changed."""
    known = rules.BY_NAME[rule]
    return Break(
        known.id,
        element,
        message + users,
        (),
        surfaces,
        location,
        base_location,
        renamed_to,
        severity or known.severity,
        tuple(sorted(set(related))),
        change=message if users else "",
    )
