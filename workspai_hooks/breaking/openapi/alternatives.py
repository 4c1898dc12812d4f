"""Alternatives of `oneOf` and `anyOf` that are what they were, and whose parts changed behind a reference.

oasdiff pairs alternatives by their names. Of several that have none and differ only in what they refer to, it
says that they were removed and added, and nothing of what changed in them. So they are given names, by what
they say themselves, and it is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.openapi.asking import asked
from workspai_hooks.breaking.openapi.hits import Answer, Sides
from workspai_hooks.contracts.openapi.difference import Differing
from workspai_hooks.contracts.openapi.reduced import named_alternatives
from workspai_hooks.patterns import regex
from workspai_hooks.tools.oasdiff import Oasdiff, Row

_UNNAMED = regex(r"^(?:added|removed) .*\bsubschema #\d")
_RULES = regex(r"-(?:one|any)-of-(?:added|removed)$")


def is_unnamed(row: Row) -> bool:
    """Whether a row is about alternatives that have no names."""
    return _RULES.search(row.id) is not None and _UNNAMED.match(row.text) is not None


def again(tool: Oasdiff, answer: Answer) -> Iterator[Answer]:
    """The answer, with other rows of the operations in which alternatives got names."""
    wanted = {(row.path, row.operation) for row in answer.rows if is_unnamed(row)}
    sides = answer.sides
    base, head = (
        {key: one for key, one in side.items() if key[0] == "paths" and key[1:] in wanted}
        for side in (sides.base_operations, sides.head_operations)
    )
    routes = {(*one.route, one.method) for one in base.values()}
    head |= {key: one for key, one in sides.head_operations.items() if (*one.route, one.method) in routes}
    if not base or not head:
        yield answer
        return
    some = Differing(tuple(base.values()), tuple(head.values()))
    reduced = named_alternatives(sides.base.of, sides.head.of, some)
    if reduced is None:
        yield answer
        return
    asked_again = {key[1:] for key in base}
    rows, _ = asked(tool, reduced.base, reduced.head)
    yield Answer(tuple(row for row in answer.rows if (row.path, row.operation) not in asked_again), sides)
    yield Answer(
        tuple(row for row in rows if (row.path, row.operation) in asked_again),
        Sides(reduced.base_bundle, reduced.head_bundle, base, head),
    )
