"""Operations that live on under another path, or in another description: what changed in them as well.

oasdiff tells them removed and added. They are shown to it once more, the old ones where the new ones are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.asking import asked
from workspai_hooks.breaking.openapi.hits import Answer, Sides
from workspai_hooks.breaking.openapi.pairs import Renamed, renamed, shown_path
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.description import Description, Operation
from workspai_hooks.contracts.openapi.difference import Differing
from workspai_hooks.contracts.openapi.reduced import reduced_to
from workspai_hooks.tools.oasdiff import Oasdiff

_OF_PATHS = ("api-path-", "api-removed-", "api-operation-id-", "api-schema-", "endpoint-added", "webhook-")
"""Rows about where an operation is and what it is called: that is known here."""


class Compared(msgspec.Struct, frozen=True):
    """Two sides that were compared, and the operations in which they differ. One side can be missing."""

    base: Description | None
    head: Description | None
    some: Differing

    @property
    def gone(self) -> list[Operation]:
        there = {_key(one) for one in self.some.head}
        return [one for one in self.some.base if _key(one) not in there and one.section == "paths"]

    @property
    def new(self) -> list[Operation]:
        before = {_key(one) for one in self.some.base}
        return [one for one in self.some.head if _key(one) not in before and one.section == "paths"]


def _key(one: Operation) -> tuple[str, str, str]:
    return (*one.route, one.method)


def renames(compared: Compared) -> tuple[Renamed, ...]:
    """Operations whose path changed inside of one description."""
    if compared.base is None or compared.head is None:
        return ()
    return renamed(compared.base, compared.head, compared.gone, compared.new)


def as_renamed(fault: Break, pairs: Sequence[Renamed], head: Description) -> Break:
    """A removed operation that lives on under another path is told as that."""
    pair = next((pair for pair in pairs if pair.base.element == fault.element), None)
    if fault.rule != rules.BY_NAME["operation-removed"].id or pair is None:
        return fault
    rule = rules.BY_NAME["operation-renamed"]
    return replace(
        fault,
        rule=rule.id,
        message=f"{fault.element} was renamed to {pair.head.element}",
        severity=rule.severity,
        renamed_to=pair.head.element,
        location=head.library.location(pair.head.place),
    )


def behind(tool: Oasdiff, base: Description, head: Description, pairs: Sequence[Renamed]) -> Answer:
    """What changed in operations that moved."""
    shown = [(shown_path(pair.base.path, pair.head.path), pair) for pair in pairs]
    old = tuple(replace(pair.base, path=path) for path, pair in shown)
    reduced = reduced_to(base, head, Differing(old, tuple(pair.head for pair in pairs)))
    rows, _ = asked(tool, reduced.base, reduced.head)
    keys = {("paths", path, pair.base.method): pair for path, pair in shown}
    sides = Sides(
        reduced.base_bundle,
        reduced.head_bundle,
        {key: pair.base for key, pair in keys.items()},
        {key: pair.head for key, pair in keys.items()},
    )
    return Answer(tuple(row for row in rows if not row.id.startswith(_OF_PATHS)), sides)


def between(
    all_compared: Sequence[Compared],
) -> Iterator[tuple[Description, Description, tuple[Renamed, ...]]]:
    """Operations that went from one description to another one, where they were not before."""
    arrived = {
        _key(one): (compared.head, one)
        for compared in all_compared
        if compared.head is not None
        for one in compared.new
    }
    for compared in all_compared:
        if compared.base is None:
            continue
        by_head: dict[str, tuple[Description, list[Renamed]]] = {}
        for one in compared.gone:
            head, new = arrived.get(_key(one), (None, None))
            if head is not None and new is not None and head is not compared.head:
                by_head.setdefault(head.path, (head, []))[1].append(Renamed(one, new))
        for head, pairs in by_head.values():
            yield compared.base, head, tuple(pairs)
