"""A row of oasdiff that breaks something: what it is about, on both sides, in our terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.openapi.keywords import keywords
from workspai_hooks.breaking.openapi.pinned import judged
from workspai_hooks.breaking.openapi.sites import Site, Sites, element_of, sites_of, told_names
from workspai_hooks.breaking.openapi.subjects import Subject, subject_of
from workspai_hooks.breaking.openapi.ways import ways_to
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Operation
from workspai_hooks.contracts.openapi.library import MISSING
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.findings import Severity
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


class Sides(msgspec.Struct, frozen=True):
    """What rows are read against. Operations are found by method and by their path as each side writes it;
    `renamed` maps a path of the head (as the base was shown with it) to the operation of the base."""

    base: Bundle
    head: Bundle
    base_operations: Mapping[tuple[str, str, str], Operation]
    head_operations: Mapping[tuple[str, str, str], Operation]
    told: bool = False
    """Rows speak of responses, and mean the requests that are sent to who asked to be told (events.py)."""


class Answer(msgspec.Struct, frozen=True):
    """What oasdiff said when it was asked once, and of what."""

    rows: tuple[Row, ...]
    sides: Sides


class Hit(msgspec.Struct, frozen=True):
    """One row that breaks something, with its subject on both sides."""

    row: Row
    rule: str
    severity: Severity
    operation: Operation
    element: str
    base: Site | None
    head: Site | None
    sides: Sides
    also: tuple[str, ...] = ()

    @property
    def root(self) -> tuple[str, str, Place]:
        """What rows of one fault share."""
        if self.base is not None and self.base.whole:
            return self.rule, "base", self.base.place
        if self.head is not None and self.head.whole:
            return self.rule, "head", self.head.place
        return self.rule, self.element, self.operation.place

    @property
    def head_place(self) -> Place:
        """The subject in head, or the nearest that is left of the way to it."""
        side = self.sides.head
        if self.head is not None:
            return self._keyword(self.head, side)
        there = side.of.items.get((self.operation.section, self.operation.path))
        return there or Place(side.of.path, (self.operation.section,))

    @property
    def base_place(self) -> Place | None:
        """The subject in base; None where it is new."""
        if self.base is not None:
            return self._keyword(self.base, self.sides.base)
        return None if self.head is not None else self.operation.place

    def _keyword(self, site: Site, bundle: Bundle) -> Place:
        """The keyword that a fault is about, where the subject says it."""
        if site.whole:
            for keyword in keywords(self.row.id, self.row.text):
                for place in (site.place.child(keyword), site.place.child("schema", keyword)):
                    if bundle.of.library.at(place) is not MISSING:
                        return place
        return site.place


def hits_of(row: Row, sides: Sides) -> Iterable[Hit]:
    """The hit of a row; nothing where it breaks nothing."""
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
            yield Hit(row, rule, severity, one, one.element, Site(one.item, True), None, sides)
        return
    operations = _operations(row, sides)
    if operations is None:
        yield _of_top(row, rule, severity, subject, sides)
        return
    before, after = operations
    behind = rule not in _KEYS
    sites = sites_of(subject, (before, sides.base), (after, sides.head), behind=behind)
    if sites.base is not None and sites.base.closed:
        return  # behind a reference that the base could not follow: what is new there is no change
    operation = before or after
    assert operation is not None
    whole, subject = sites.whole, sites.subject
    called = whole.called if whole else ""
    element = element_of(operation, subject, whole.names if whole else told_names(subject.path), called)
    ways = _other_ways(row, sites, sides)
    also = tuple(element_of(operation, subject, way, called) for way in ways)
    yield Hit(row, rule, severity, operation, element, sites.base, sites.head, sides, also)


def _other_ways(row: Row, sites: Sites, sides: Sides) -> list[tuple[str, ...]]:
    """The other places in the body that a shared schema is at: a row tells the first."""
    if row.shared.properties:
        for site, bundle in ((sites.base, sides.base), (sites.head, sides.head)):
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


def _of_top(row: Row, rule: str, severity: Severity, subject: Subject, sides: Sides) -> Hit:
    """A row about a description's top: a security scheme, the security that no operation inherits."""
    path = sides.base.of.path
    name = ("securityDefinitions",) if sides.base.of.is_swagger else ("components", "securitySchemes")
    pointer = (*name, subject.name) if subject.kind == "scheme" else ("security",)
    operation = Operation("paths", row.path, row.operation, Place(path), Place(path))
    element = operation.element
    if not row.path:
        element = f"{path}::security:{subject.name}" if subject.name else f"{path}::security"
    head = Site(Place(sides.head.of.path, pointer), True)
    return Hit(row, rule, severity, operation, element, Site(Place(path, pointer), True), head, sides)
