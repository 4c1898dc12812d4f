"""A break: one fault of one element, before anybody asks who is hit."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Severity, Surface
from workspai_hooks.source import Location


class Break(msgspec.Struct, frozen=True, order=True):
    """`rule` is an id of the rule table, `element` named as in DESIGN.md's fine print 1 (by its base name).

    `location` is the nearest line that survives in head, `base_location` the element's line in base.
    `related` are further places of the same fault: other copies of the contract. `known` drift is
    drift that the base had already. Of an OpenAPI description's fault, `operations` are all that it reaches
    (`GET /orders/{id}`), and `reaches` what it is called in each of them (`element` among them).
    `contract` is the path of the description, chart or manifest that it is a fault of. `change` is what it
    was and what it became, `int32 y = 2 → string y = 2`, and says nothing of who is hit; empty: the message
    is it. `stability`: the level of the most stable operation that it reaches (`x-stability-level`).
    """

    rule: str
    element: str
    message: str
    upstream_rules: tuple[str, ...]
    surfaces: tuple[Surface, ...]
    location: Location
    base_location: Location | None = None
    renamed_to: str | None = None
    severity: Severity = Severity.ERROR
    related: tuple[Location, ...] = ()
    known: bool = False
    operations: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    contract: str = ""
    change: str = ""
    stability: str = ""


class Compared(msgspec.Struct, frozen=True):
    """What one kind of document breaks. `undecided` are questions of this change that head leaves open,
    `base_errors` those that only the base does. `bump`: what is versioned -> what the change asks for."""

    breaks: tuple[Break, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    base_errors: tuple[Undecided, ...] = ()
    bump: Mapping[str, str] = msgspec.field(default_factory=dict)
