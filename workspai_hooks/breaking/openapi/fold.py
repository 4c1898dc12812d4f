"""Folds oasdiff's rows into breaks: one for one root cause, with all operations that it reaches.

A shared schema's edit is a row in every operation whose body has it. What they have in common is the place in
the files where the fault is, and the rule that it goes against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.hits import Answer, Hit, Sides, hits_of
from workspai_hooks.breaking.openapi.pinned import SURFACES
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.patterns import regex

LEVELS = ("draft", "alpha", "beta", "stable")
"""Of `x-stability-level` (https://www.oasdiff.com/docs/stability), the least first."""
_RETYPED = regex(r"`type` changed from `(?:object|array)|`type` changed from `[^`]*` to `(?:object|array)")
_SHARED = regex(r" \((?:shared schema: |also at )[^()]*\)$")
_GENERATED = regex(r"#/components/schemas/([^`\s,\]]+)")


def fold(answers: Iterable[Answer]) -> list[Break]:
    """The breaks that answers on one pair of descriptions tell of, sorted by element."""
    groups: dict[tuple[str, str, Place], list[Hit]] = {}
    for answer in answers:
        for row in answer.rows:
            for hit in hits_of(row, answer.sides):
                groups.setdefault(hit.root, []).append(hit)
    sorted_groups = [sorted(hits, key=_likeliest) for hits in groups.values()]
    first = [hits[0] for hits in sorted_groups]
    for hit in first[:1]:
        hit.sides.base.of.library.locate([one.base_place for one in first if one.base_place is not None])
        hit.sides.head.of.library.locate([one.head_place for one in first])
    breaks = _without_consequences([_break(hits) for hits in sorted_groups])
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


def _likeliest(hit: Hit) -> tuple[object, ...]:
    """The worst first; among equals what a client reads, then by name."""
    return hit.severity.rank, "#response" not in hit.element, hit.element, hit.row


def _break(hits: Sequence[Hit]) -> Break:
    first = hits[0]
    sides = first.sides
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
        sides.head.of.library.location(first.head_place),
        sides.base.of.library.location(before) if (before := first.base_place) is not None else None,
        severity=min((hit.severity for hit in hits), key=lambda one: one.rank),
        operations=operations,
        reaches=tuple(sorted({element for hit in hits for element in (hit.element, *hit.also)})),
        change=said,
        stability=_stability(hits),
    )


def _stability(hits: Iterable[Hit]) -> str:
    """The level of the most stable operation, as the base says it; empty where one says none."""
    levels = {str(hit.sides.base.of.value(hit.operation).get("x-stability-level", "")) for hit in hits}
    return max(levels, key=LEVELS.index) if levels <= set(LEVELS) else ""


def _cleaned(text: str, sides: Sides) -> str:
    """Without names that only the bundle knows."""

    def shown(found: object) -> str:
        name: str = found[1]  # type: ignore[index]
        place = sides.base.places.get(name) or sides.head.places.get(name)
        return found[0] if place is None or place.pointer[-1:] == (name,) else str(place)  # type: ignore[index]

    return _GENERATED.sub(shown, _SHARED.sub("", text))
