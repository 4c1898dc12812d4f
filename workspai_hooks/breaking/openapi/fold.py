"""Folds oasdiff's rows into breaks: one for one root cause, with all operations that it reaches.

A shared schema's edit is a row in every operation whose body has it. What they have in common is the place in
the files where the fault is, and the rule that it goes against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.keywords import keywords
from workspai_hooks.breaking.openapi.pinned import SURFACES, judged
from workspai_hooks.breaking.openapi.sites import Site, element_of, sites_of, told_names
from workspai_hooks.breaking.openapi.subjects import Subject, subject_of
from workspai_hooks.breaking.openapi.ways import ways_to
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Operation
from workspai_hooks.contracts.openapi.library import MISSING
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.findings import Severity
from workspai_hooks.patterns import regex
from workspai_hooks.tools.oasdiff import Row

_KEYS = frozenset(
    (
        *(
            "property-removed",
            "required-property-added",
            "property-became-required",
            "property-became-optional",
        ),
        *("parameter-removed", "required-parameter-added", "parameter-became-required"),
        *("request-body-removed", "request-body-became-required", "request-media-type-removed"),
        *("response-status-removed", "response-media-type-removed", "response-header-removed"),
        *("property-access-changed", "sunset-broken", "stability-decreased"),
    )
)
"""Rules about a key and not about what stands behind it: where the key stands is their root."""
_RETYPED = regex(r"`type` changed from `(?:object|array)|`type` changed from `[^`]*` to `(?:object|array)")
_SHARED = regex(r" \((?:shared schema: |also at )[^()]*\)$")
_GENERATED = regex(r"#/components/schemas/([^`\s,\]]+)")


class Sides(msgspec.Struct, frozen=True):
    """What rows are read against. Operations are found by method and by their path as each side writes it;
    `renamed` maps a path of the head (as the base was shown with it) to the operation of the base."""

    base: Bundle
    head: Bundle
    base_operations: Mapping[tuple[str, str, str], Operation]
    head_operations: Mapping[tuple[str, str, str], Operation]
    told: bool = False
    """Rows speak of responses, and mean the requests that are sent to who asked to be told (events.py)."""


class _Hit(msgspec.Struct, frozen=True):
    """One row that breaks something, with its subject on both sides."""

    row: Row
    rule: str
    severity: Severity
    operation: Operation
    element: str
    base: Site | None
    head: Site | None
    also: tuple[str, ...] = ()

    @property
    def root(self) -> tuple[str, str, Place]:
        """What rows of one fault share."""
        if self.base is not None and self.base.whole:
            return self.rule, "base", self.base.place
        if self.head is not None and self.head.whole:
            return self.rule, "head", self.head.place
        return self.rule, self.element, self.operation.place


def fold(rows: Iterable[Row], sides: Sides) -> list[Break]:
    """The breaks that rows tell of, sorted by element."""
    groups: dict[tuple[str, str, Place], list[_Hit]] = {}
    for row in rows:
        for hit in _hits(row, sides):
            groups.setdefault(hit.root, []).append(hit)
    sorted_groups = [sorted(hits, key=_likeliest) for hits in groups.values()]
    first = [hits[0] for hits in sorted_groups]
    sides.base.of.library.locate([place for hit in first if (place := _base_place(hit, sides)) is not None])
    sides.head.of.library.locate([_head_place(hit, sides) for hit in first])
    breaks = _without_consequences([_break(hits, sides) for hits in sorted_groups])
    return sorted(breaks, key=lambda one: (one.element, one.rule))


def _without_consequences(breaks: list[Break]) -> list[Break]:
    """What is said of the parts of a body whose type changed is said by that: an object that became a list
    has lost all its properties."""
    retyped = rules.BY_NAME["type-changed"].id
    parents = {
        element: index
        for index, one in enumerate(breaks)
        if one.rule == retyped and _RETYPED.search(one.message)
        for element in one.reaches
    }
    told: dict[int, set[str]] = {}
    left = []
    for index, one in enumerate(breaks):
        owners = {_parent(element, parents, index) for element in one.reaches}
        if None in owners:
            left.append(index)
        else:
            told.setdefault(min(owner for owner in owners if owner is not None), set()).update(
                one.upstream_rules
            )
    return [
        replace(
            breaks[index], upstream_rules=tuple(sorted({*breaks[index].upstream_rules, *told.get(index, ())}))
        )
        for index in left
    ]


def _parent(element: str, parents: Mapping[str, int], own: int) -> int | None:
    """The break of the nearest part that an element stands in and whose type changed."""
    while "." in element.partition("#")[2]:
        element = element.rpartition(".")[0]
        owner = parents.get(element)
        if owner is not None and owner != own:
            return owner
    return None


def _likeliest(hit: _Hit) -> tuple[object, ...]:
    """The worst first; among equals what a client reads, then by name."""
    return hit.severity.rank, "#response" not in hit.element, hit.element, hit.row


def _hits(row: Row, sides: Sides) -> Iterable[_Hit]:
    verdict = judged(row)
    if verdict is None:
        return
    rule, severity = verdict
    subject = subject_of(row)
    if sides.told and subject.kind == "response":
        subject = replace(subject, kind="request", status="")
    if subject.kind == "webhook":
        found = [
            one
            for one in sides.base_operations.values()
            if one.section == "webhooks" and one.path == subject.name
        ]
        for one in found[:1]:
            yield _Hit(row, rule, severity, one, one.element, Site(one.item, True), None)
        return
    operations = _operations(row, sides)
    if operations is None:
        yield _of_top(row, rule, severity, subject, sides)
        return
    before, after = operations
    behind = rule not in _KEYS
    base, head = sites_of(subject, (before, sides.base), (after, sides.head), behind=behind)
    if base is not None and base.closed:
        return  # behind a reference that the base could not follow: what is new there is no change
    operation = before or after
    assert operation is not None
    there = next((one for one in (base, head) if one is not None and one.whole), None)
    called = there.called if there else ""
    element = element_of(operation, subject, there.names if there else told_names(subject.path), called)
    also = tuple(element_of(operation, subject, way, called) for way in _other_ways(row, base, head, sides))
    yield _Hit(row, rule, severity, operation, element, base, head, also)


def _other_ways(row: Row, base: Site | None, head: Site | None, sides: Sides) -> list[tuple[str, ...]]:
    """The other places in the body that a shared schema is at: a row tells the first."""
    if row.shared.properties:
        for site, bundle in ((base, sides.base), (head, sides.head)):
            if site is not None and site.whole and site.body is not None:
                return ways_to(bundle.of.library, site.body, site.place)
    return []


def _operations(row: Row, sides: Sides) -> tuple[Operation | None, Operation | None] | None:
    section, path = ("webhooks", row.path[8:]) if row.path.startswith("webhook:") else ("paths", row.path)
    before = sides.base_operations.get((section, path, row.operation))
    after = sides.head_operations.get((section, path, row.operation))
    if before is not None and after is None:
        same = (
            one
            for one in sides.head_operations.values()
            if (*one.route, one.method) == (*before.route, before.method)
        )
        after = next(same, None)
    return (before, after) if before is not None or after is not None else None


def _of_top(row: Row, rule: str, severity: Severity, subject: Subject, sides: Sides) -> _Hit:
    """A row about a description's top: a security scheme, the security that no operation inherits."""
    path = sides.base.of.path
    name = ("securityDefinitions",) if sides.base.of.is_swagger else ("components", "securitySchemes")
    pointer = (*name, subject.name) if subject.kind == "scheme" else ("security",)
    operation = Operation("paths", row.path, row.operation, Place(path), Place(path))
    element = operation.element
    if not row.path:
        element = f"{path}::security:{subject.name}" if subject.name else f"{path}::security"
    head = Site(Place(sides.head.of.path, pointer), True)
    return _Hit(row, rule, severity, operation, element, Site(Place(path, pointer), True), head)


def _break(hits: Sequence[_Hit], sides: Sides) -> Break:
    first = hits[0]
    operations = tuple(sorted({hit.operation.element for hit in hits if hit.operation.path}))
    own = [hit.row.text for hit in hits if hit.operation == first.operation and hit.element == first.element]
    said = "; ".join(dict.fromkeys(_cleaned(text, sides) for text in own))
    more = len(operations) - 1
    reach = f" (and in {more} more operation{'s' if more > 1 else ''})" if more > 0 else ""
    rule = rules.BY_NAME[first.rule]
    return Break(
        rule.id,
        first.element,
        f"{first.operation.element}: {said}{reach}" if first.operation.path else f"{said}{reach}",
        tuple(sorted({hit.row.id for hit in hits})),
        SURFACES[first.rule],
        sides.head.of.library.location(_head_place(first, sides)),
        sides.base.of.library.location(before) if (before := _base_place(first, sides)) is not None else None,
        severity=min((hit.severity for hit in hits), key=lambda one: one.rank),
        operations=operations,
        reaches=tuple(sorted({element for hit in hits for element in (hit.element, *hit.also)})),
    )


def _cleaned(text: str, sides: Sides) -> str:
    """Without names that only the bundle knows."""

    def shown(found: object) -> str:
        name: str = found[1]  # type: ignore[index]
        place = sides.base.places.get(name) or sides.head.places.get(name)
        return found[0] if place is None or place.pointer[-1:] == (name,) else str(place)  # type: ignore[index]

    return _GENERATED.sub(shown, _SHARED.sub("", text))


def _head_place(hit: _Hit, sides: Sides) -> Place:
    """The subject in head, or the nearest that is left of the way to it."""
    if hit.head is not None:
        return _keyword(hit, hit.head, sides.head)
    there = sides.head.of.items.get((hit.operation.section, hit.operation.path))
    return there or Place(sides.head.of.path, (hit.operation.section,))


def _base_place(hit: _Hit, sides: Sides) -> Place | None:
    if hit.base is not None:
        return _keyword(hit, hit.base, sides.base)
    return None if hit.head is not None else hit.operation.place


def _keyword(hit: _Hit, site: Site, bundle: Bundle) -> Place:
    """The keyword that a fault is about, where the subject says it."""
    if site.whole:
        for keyword in keywords(hit.row.id, hit.row.text):
            for place in (site.place.child(keyword), site.place.child("schema", keyword)):
                if bundle.of.library.at(place) is not MISSING:
                    return place
    return site.place


__all__ = ["Sides", "fold"]
