"""Two sides of a description, reduced to the operations that differ, as two texts to compare."""

from __future__ import annotations

import msgspec

from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Description, Operation
from workspai_hooks.contracts.openapi.difference import Differing, differing


class Reduced(msgspec.Struct, frozen=True):
    """`base` and `head` are JSON. `differing` are the operations in them."""

    base: bytes
    head: bytes
    base_bundle: Bundle
    head_bundle: Bundle
    differing: Differing


def reduce(base: Description, head: Description) -> Reduced:
    """What oasdiff has to be shown so that it tells of the whole what it would tell."""
    return reduced_to(base, head, differing(base, head))


def named_alternatives(base: Description, head: Description, some: Differing) -> Reduced | None:
    """Both sides with names for the alternatives that say the same on both; None where there are none."""
    plain = reduced_to(base, head, some)
    same = plain.base_bundle.alternatives & plain.head_bundle.alternatives
    return reduced_to(base, head, some, frozenset(same)) if same else None


def reduced_to(
    base: Description, head: Description, some: Differing, named: frozenset[str] = frozenset()
) -> Reduced:
    """Both sides with `some` operations only. Alternatives that are `named` are schemas of their own."""
    before = Bundle(base, named=named)
    after = Bundle(head, renamed=base.path, named=named)
    routes = {one.route for one in (*some.base, *some.head)}
    first = before.document(some.base, paths=_written(base, routes))
    second = after.document(some.head, paths=_written(head, routes))
    before.removed(after, first)
    before.stubs_for(after, first)
    after.stubs_for(before, second)
    encode = msgspec.json.Encoder().encode
    return Reduced(encode(first), encode(second), before, after, some)


def _written(side: Description, routes: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The path items of a side at these routes: there is a difference between an empty one and none."""
    found = {
        (section, path)
        for section, path in side.items
        if Operation(section, path, "", side.items[section, path], side.items[section, path]).route in routes
    }
    return sorted(found)
