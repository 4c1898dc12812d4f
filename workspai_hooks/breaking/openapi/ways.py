"""All ways through one body that lead to a place: oasdiff tells a change in a shared schema at the first of
them."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.openapi.description import Members, entries, members
from workspai_hooks.contracts.openapi.library import Dangling, Library
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError

MOST = 50
"""So many ways are told; in a circle there is no end of them."""
_MOST_PLACES = 20_000
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "contains", "not", "if", "then", "else", "unevaluatedItems")

Edges = dict[Place, list[tuple[str, Place]]]


def ways_to(library: Library, schema: Place, wanted: Place) -> list[tuple[str, ...]]:
    """The keys that a reader uses from a schema to a place (a property's own, or the schema behind it)."""
    edges, aliases = _explored(library, schema)
    reaching = _reaching(edges, aliases, {wanted, aliases.get(wanted, wanted)})
    start = aliases.get(schema, schema)
    return sorted(set(_walk(edges, aliases, start, wanted, reaching)))[:MOST]


def _explored(library: Library, schema: Place) -> tuple[Edges, dict[Place, Place]]:
    """What is below a schema: place -> key and place of each child; and what stands behind a child's
    reference."""
    edges: Edges = {}
    aliases: dict[Place, Place] = {}
    waiting = [schema]
    while waiting and len(edges) < _MOST_PLACES:
        place = waiting.pop()
        try:
            there, value = library.follow(place)
        except (Dangling, UndecidedError):
            continue
        aliases[place] = there
        if there not in edges:
            edges[there] = list(_children(there, members(value)))
            waiting.extend(child for _, child in edges[there])
    return edges, aliases


def _children(place: Place, schema: Members) -> Iterator[tuple[str, Place]]:
    for name in members(schema.get("properties")):
        yield name, place.child("properties", name)
    for key in ("patternProperties", "dependentSchemas"):
        for name in members(schema.get(key)):
            yield ("*" if key == "patternProperties" else ""), place.child(key, name)
    for key in _LISTS:
        for index in range(len(entries(schema.get(key)))):
            yield "", place.child(key, str(index))
    for key in _SINGLE:
        if isinstance(schema.get(key), dict):
            yield "", place.child(key)
    if isinstance(schema.get("additionalProperties"), dict):
        yield "*", place.child("additionalProperties")


def _reaching(edges: Edges, aliases: dict[Place, Place], wanted: set[Place]) -> set[Place]:
    users: dict[Place, set[Place]] = {}
    for place, children in edges.items():
        for _, child in children:
            for name in (child, aliases.get(child, child)):
                users.setdefault(name, set()).add(place)
    found: set[Place] = set()
    waiting = list(wanted)
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting.extend(users.get(place, ()))
    return found


def _walk(
    edges: Edges, aliases: dict[Place, Place], start: Place, wanted: Place, reaching: set[Place]
) -> Iterator[tuple[str, ...]]:
    """Depth first, by ways that pass no place twice; bounded in their number."""
    told = steps = 0
    stack: list[tuple[Place, tuple[str, ...], frozenset[Place]]] = [(start, (), frozenset([start]))]
    if start == wanted:
        yield ()
    while stack and told < 4 * MOST and steps < _MOST_PLACES:
        steps += 1
        place, names, passed = stack.pop()
        for name, child in edges.get(place, ()):
            there = aliases.get(child, child)
            further = (*names, name) if name else names
            if wanted in (child, there):
                told += 1
                yield further
            if there in reaching and there not in passed:
                stack.append((there, further, passed | {there}))
