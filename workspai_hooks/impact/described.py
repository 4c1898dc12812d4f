"""A description as its consumers meet it: its operations, and the properties of what they send and get."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from workspai_hooks.contracts.openapi.description import Description, Operation, entries, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError
from workspai_hooks.workspace.http import values as http

MAX_DEPTH = 10
"""Levels of a body. A consumer that reads deeper than this is told by the level above."""
MAX_PROPERTIES = 4000
"""So many properties of one operation are told apart."""
_LISTS = ("allOf", "anyOf", "oneOf")


def described(description: Description, wanted: Collection[str]) -> tuple[http.Operation, ...]:
    """All operations under `paths`; of those in `wanted` (`GET /orders/{id}`) the properties as well."""
    bases = _base_paths(description)
    return tuple(
        _Reader(description).operation(one, bases, with_properties=one.element in wanted)
        for one in description.operations
        if one.section == "paths"
    )


def _base_paths(description: Description) -> tuple[str, ...]:
    top = description.top
    if description.is_swagger:
        base = top.get("basePath")
        return (base.rstrip("/"),) if isinstance(base, str) and base.strip("/") else ()
    urls = [str(members(one).get("url", "")) for one in entries(top.get("servers"))]
    try:
        paths = [urlsplit(url).path.rstrip("/") for url in urls if "{" not in url]
    except ValueError:  # no URL at all: nothing is known of its path
        return ()
    return tuple(sorted({path for path in paths if path}))


class _Reader:
    def __init__(self, description: Description) -> None:
        self._of = description
        self._library = description.library
        self._found: dict[str, None] = {}
        self._schemas: dict[tuple[str, str], None] = {}

    def operation(
        self, operation: Operation, bases: tuple[str, ...], *, with_properties: bool
    ) -> http.Operation:
        value = self._of.value(operation)
        if with_properties:
            for root, schema in self._bodies(operation):
                self._walk(root, schema, ())
        return http.Operation(
            operation.method,
            operation.path,
            str(value.get("operationId") or ""),
            bases,
            tuple(str(tag) for tag in entries(value.get("tags"))),
            tuple(sorted(self._found)),
            tuple(sorted(self._schemas)),
        )

    def _bodies(self, operation: Operation) -> Iterator[tuple[str, Place]]:
        """The schemas of the request and of each response, by the pointer that begins there."""
        if self._of.is_swagger:
            for owner in (operation.place, operation.item):
                for index in range(len(entries(members(self._at(owner)).get("parameters")))):
                    place = self._follow(owner.child("parameters", str(index)))
                    if place is not None and members(self._at(place)).get("in") == "body":
                        yield "request", place.child("schema")
        else:
            yield from self._contents("request", operation.place.child("requestBody"))
        for status in members(self._of.value(operation).get("responses")):
            place = operation.place.child("responses", status)
            if self._of.is_swagger:
                there = self._follow(place)
                if there is not None:
                    yield f"response.{status}", there.child("schema")
            else:
                yield from self._contents(f"response.{status}", place)

    def _contents(self, root: str, body: Place) -> Iterator[tuple[str, Place]]:
        there = self._follow(body)
        for media in members(members(self._at(there)).get("content")) if there else ():
            place = self._follow(there.child("content", media)) if there else None
            if place is not None:
                yield root, place.child("schema")

    def _walk(self, pointer: str, place: Place, above: tuple[Place, ...]) -> None:
        there = self._follow(place)
        if there is None or there in above or len(self._found) >= MAX_PROPERTIES:
            return
        if there != place and there.pointer:
            self._schemas[pointer, there.pointer[-1]] = None
        if pointer.count(".") + pointer.count("[") > MAX_DEPTH:
            return
        schema = members(self._at(there))
        inside = (*above, there)
        for name in members(schema.get("properties")):
            if "." not in name and "[" not in name:
                self._found[f"{pointer}.{name}"] = None
                self._walk(f"{pointer}.{name}", there.child("properties", name), inside)
        for name in _LISTS:
            for index in range(len(entries(schema.get(name)))):
                self._walk(pointer, there.child(name, str(index)), inside)
        if isinstance(schema.get("items"), dict):
            self._walk(f"{pointer}[]", there.child("items"), inside)
        if isinstance(schema.get("additionalProperties"), dict):
            self._found[f"{pointer}.*"] = None
            self._walk(f"{pointer}.*", there.child("additionalProperties"), inside)

    def _follow(self, place: Place) -> Place | None:
        try:
            return self._library.follow(place)[0]
        except (Dangling, UndecidedError):
            return None  # the comparison says so where it matters

    def _at(self, place: Place) -> object:
        try:
            return self._library.at(place)
        except UndecidedError:
            return None
