"""Which of our rules a row of oasdiff speaks for, how bad it is, and what it hits.

oasdiff changes its severities between versions, so ours are pinned in oasdiff_rules.json: for each of its ids
our rule, our severity and the level that oasdiff documents. A row that oasdiff itself tells at a lower level
than that (a read-only property in a request, an alternative inside of an `allOf`) is lowered as far with us.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.findings import Severity, Surface
from workspai_hooks.tools.oasdiff import Row

WIRE, JSON, SOURCE = Surface.WIRE, Surface.JSON, Surface.SOURCE

SURFACES: dict[str, tuple[Surface, ...]] = {
    "operation-removed": (SOURCE, JSON, WIRE),
    "operation-renamed": (SOURCE, JSON, WIRE),
    "operation-id-changed": (SOURCE,),
    "description-removed": (SOURCE, JSON, WIRE),
    "webhook-removed": (SOURCE, JSON, WIRE),
    "parameter-removed": (SOURCE, WIRE),
    "required-parameter-added": (SOURCE, WIRE),
    "parameter-became-required": (SOURCE, WIRE),
    "parameter-type-changed": (SOURCE, WIRE),
    "parameter-value-removed": (SOURCE, WIRE),
    "parameter-tightened": (WIRE,),
    "request-body-removed": (SOURCE, JSON, WIRE),
    "request-body-became-required": (SOURCE, WIRE),
    "request-media-type-removed": (SOURCE, WIRE),
    "required-property-added": (SOURCE, JSON),
    "property-became-required": (SOURCE, JSON),
    "constraint-tightened": (JSON,),
    "value-removed": (SOURCE, JSON),
    "response-status-removed": (SOURCE, WIRE),
    "response-media-type-removed": (SOURCE, WIRE),
    "response-header-removed": (SOURCE, WIRE),
    "response-header-changed": (SOURCE, WIRE),
    "property-became-optional": (SOURCE, JSON),
    "property-became-nullable": (SOURCE, JSON),
    "value-added": (SOURCE, JSON),
    "constraint-loosened": (JSON,),
    "property-removed": (SOURCE, JSON),
    "type-changed": (SOURCE, JSON),
    "composition-changed": (SOURCE, JSON),
    "property-access-changed": (SOURCE, JSON),
    "security-tightened": (WIRE,),
    "security-scheme-changed": (WIRE,),
    "sunset-broken": (WIRE,),
    "stability-decreased": (WIRE,),
    "server-removed": (SOURCE, WIRE),
}
"""By our rule. `json` is the content of a body, `wire` what HTTP sees, `source` what generators make of it.
"""

_BY_LEVEL = {2: Severity.WARNING, 1: Severity.NOTE}
_INFO = 1
REMEDY = "let WORKSPAI_OASDIFF name the version that `workspai-hooks doctor` tells, or report it"


class Pinned(msgspec.Struct, frozen=True, array_like=True):
    """What is made of one of oasdiff's ids; `rule` and `severity` are empty where it is no break."""

    rule: str
    severity: str
    level: int


class _Table(msgspec.Struct, frozen=True):
    oasdiff: str
    rules: dict[str, Pinned]


@cache
def table() -> dict[str, Pinned]:
    """oasdiff's id -> what is made of it."""
    data = Path(__file__).with_name("oasdiff_rules.json").read_bytes()
    return msgspec.json.decode(data, type=_Table).rules


def judged(row: Row) -> tuple[str, Severity] | None:
    """Our rule and severity for a row, None where it breaks nothing. An id that nobody knows is undecided."""
    pinned = table().get(row.id)
    if pinned is None:
        raise UndecidedError(f"oasdiff's rule {row.id}", f"is not known here ({row.text})", REMEDY)
    if not pinned.rule:
        return None
    severity = Severity(pinned.severity)
    if row.level >= pinned.level:
        return pinned.rule, severity
    if row.level == _INFO:
        return None  # what guards it makes it no break: oasdiff's `readOnly` and `writeOnly`
    return pinned.rule, max(severity, _BY_LEVEL[row.level], key=lambda one: one.rank)
