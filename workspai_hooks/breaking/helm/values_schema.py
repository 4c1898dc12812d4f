"""`values.schema.json` that refuses values which it took before."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.both import Both, ChartSide
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.helm.schemas import tightened
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location

_MOST = 100
"""So many places of one schema are told."""


def find(both: Both) -> Iterator[Break]:
    new = _schema(both.after)
    if new is None:
        return
    old = _schema(both.before)
    if old is None:
        yield _added(both, new)
        return
    for number, found in enumerate(tightened(old.plain(), new.plain())):
        if number >= _MOST:
            return
        yield fault(
            "values-schema-tightened",
            both.element(found.key),
            f"values {found.key or 'as a whole'} of chart {both.name}: the schema changed, it {found.why}",
            new.nearest(*found.at),
            old.nearest(*found.gone) if found.gone else None,
            surfaces=NEXT,
            severity=None if found.certain else Severity.WARNING,
            related=_setters(both, found.key),
        )


def _schema(one: ChartSide) -> Node | None:
    path = one.chart.file("values.schema.json")
    return one.side.tree(path) if one.side.has(path) else None


def _setters(both: Both, key: str) -> list[Location]:
    """Who sets the key; nothing for parts of lists and patterns."""
    parts = tuple(key.split("."))
    if not key or any(sign in key for sign in "[*/\\"):
        return []
    return sorted(set(both.after.sets(parts)))


def _added(both: Both, new: Node) -> Break:
    """A first schema refuses what nobody checked before; values in this repository were tried."""
    return fault(
        "values-schema-tightened",
        both.element(""),
        f"chart {both.name} has a schema for its values now: what does not fit it is refused",
        new.place,
        None,
        surfaces=NEXT,
        severity=Severity.WARNING,
    )
