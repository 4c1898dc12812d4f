"""Webhooks and callbacks: what a provider sends to those who asked to be told.

oasdiff judges a webhook's body by the rules of requests, as if clients sent it, and has no rules for
callbacks. But who is told reads the body: what breaks a reader of responses breaks it. So bodies are shown to
oasdiff as responses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.pinned import SURFACES
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import METHODS, Description, Operation, members
from workspai_hooks.contracts.openapi.difference import Differing
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.tools.oasdiff import Row

WEBHOOK = "webhook:"
_OF_WHOLE = ("api-", "webhook-", "endpoint-", "request-parameter-removed")


class Events(msgspec.Struct, frozen=True):
    """What is told on both sides, by who tells it; as paths of two documents that hold nothing else."""

    base: dict[tuple[str, str], Operation]
    head: dict[tuple[str, str], Operation]

    @property
    def both(self) -> list[tuple[str, str]]:
        return sorted(self.base.keys() & self.head.keys())


def is_about_body(row: Row) -> bool:
    """Whether a row is about what a webhook sends: that is judged here, not in the whole."""
    return row.path.startswith(WEBHOOK) and not row.id.startswith(_OF_WHOLE)


def events(base: Description, head: Description, some: Differing) -> Events:
    """The webhooks that differ, and the callbacks of operations that do."""
    return Events(_told(base, some.base), _told(head, some.head))


def _told(side: Description, operations: Iterable[Operation]) -> dict[tuple[str, str], Operation]:
    found = {}
    for one in operations:
        if one.section == "webhooks":
            found[one.path, one.method] = one
        for event in _callbacks(side, one):
            found[event.path, event.method] = event
    return found


def _callbacks(side: Description, operation: Operation) -> Iterator[Operation]:
    listed = operation.place.child("callbacks")
    for name in members(side.value(operation).get("callbacks")):
        try:
            callback, by_address = side.library.follow(listed.child(name))
            for address in members(by_address):
                item, value = side.library.follow(callback.child(address))
                for method in METHODS:
                    if isinstance(members(value).get(method), dict):
                        path = f"{name} ({operation.element})"
                        yield Operation("callbacks", path, method.upper(), item, item.child(method))
        except Dangling:
            continue  # the operation itself is open then


def documents(found: Events, bundles: tuple[Bundle, Bundle]) -> tuple[dict[str, object], dict[str, object]]:
    """Both sides' bodies as responses, each event a path of its own."""
    first, second = (
        bundle.of_payloads({f"/{index}": side[key] for index, key in enumerate(found.both)})
        for bundle, side in zip(bundles, (found.base, found.head), strict=True)
    )
    bundles[0].stubs_for(bundles[1], first)
    bundles[1].stubs_for(bundles[0], second)
    return first, second


def paths(found: Events, side: dict[tuple[str, str], Operation]) -> dict[tuple[str, str, str], Operation]:
    """The operations of one side by what they are called in the documents."""
    return {("paths", f"/{index}", key[1]): side[key] for index, key in enumerate(found.both)}


def removed_callbacks(found: Events, base: Description, head: Description) -> Iterator[Break]:
    """Callbacks that are gone while their operation stays; oasdiff tells webhooks that are gone itself."""
    rule = rules.BY_NAME["webhook-removed"]
    there = {one.element for one in head.operations}
    for key in sorted(found.base.keys() - found.head.keys()):
        event = found.base[key]
        owner = event.path.rpartition(" (")[2].removesuffix(")")
        if event.section != "callbacks" or owner not in there:
            continue
        operation = next(one for one in head.operations if one.element == owner)
        yield Break(
            rule.id,
            event.element,
            f"{event.element} was removed",
            (),
            SURFACES[rule.name],
            head.library.location(operation.place.child("callbacks")),
            base.library.location(event.place),
            severity=rule.severity,
            operations=(owner,),
            reaches=(event.element,),
        )
