"""Elements of OpenAPI descriptions by name: `GET /orders/{id}`, `GET /orders/{id}#response.200.total`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description, entries, members
from workspai_hooks.contracts.openapi.library import Dangling, Library
from workspai_hooks.contracts.openapi.outline import outlines
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.exploration.naming import EVERY_SURFACE, nearest, one_of
from workspai_hooks.impact.described import described
from workspai_hooks.patterns import regex
from workspai_hooks.source import IN_FILE, Location

ELEMENT = regex(r"(?:(?P<path>.+)::)?(?P<operation>[A-Z]{3,10} (?:/|webhook:)[^#]*)(?:#(?P<pointer>.+))?")


def is_one(element: str) -> bool:
    """Whether a name is one of an operation, or of a part of one."""
    return ELEMENT.fullmatch(element) is not None


def elements_at(snapshot: Snapshot, path: str) -> tuple[str, ...]:
    """All operations of the description at a path; none where there is no description."""
    known = outlines(snapshot, [path]).get(path)
    if known is None or not known.version:
        return ()
    operations = Description(Library(snapshot), path).operations
    return tuple(f"{path}{IN_FILE}{one.element}" for one in operations)


def found(snapshot: Snapshot, wanted: Sequence[str]) -> list[tuple[str, Break]]:
    """Each element with the break that its removal would be; `UsageError` for one that is unknown, or in
    several descriptions."""
    library = Library(snapshot)
    descriptions: dict[str, Description] = {}
    for path, one in outlines(snapshot).items():
        if one.version:
            try:
                descriptions[path] = Description(library, path)
            except UndecidedError:
                continue  # what can't be read has no elements to name
    return [(element, _gone(element, descriptions)) for element in wanted]


def _gone(element: str, descriptions: dict[str, Description]) -> Break:
    named = ELEMENT.fullmatch(element)
    assert named is not None
    operation, pointer = named["operation"].strip(), named["pointer"] or ""
    homes = [
        path
        for path, one in descriptions.items()
        if named["path"] in (None, path) and any(each.element == operation for each in one.operations)
    ]
    known = {each.element for one in descriptions.values() for each in one.operations}
    home = one_of(element, operation, homes, known)
    if pointer:
        parts = set(_parts(descriptions[home], operation))
        if _plain(pointer) not in parts:
            raise UsageError(f"{element}: no such element; {nearest(_plain(pointer), parts)}")
    name = f"{operation}#{_plain(pointer)}" if pointer else operation
    return Break("", name, "", (), EVERY_SURFACE, Location(home), reaches=(name,), contract=home)


def _plain(pointer: str) -> str:
    """Positions in lists are no part of a name."""
    return pointer.replace("[]", "").strip()


def _parts(description: Description, operation: str) -> Iterator[str]:
    """All that can be named of an operation: parameters, bodies, statuses, properties."""
    (one,) = [each for each in description.operations if each.element == operation][:1]
    value = description.value(one)
    if "requestBody" in value:
        yield "request"
    yield from (f"response.{status}" for status in members(value.get("responses")))
    for owner in (one.place, one.item):
        for index, each in enumerate(entries(members(description.library.at(owner)).get("parameters"))):
            try:
                place = owner.child("parameters", str(index))
                parameter = members(description.library.follow(place)[1] if "$ref" in members(each) else each)
            except (Dangling, UndecidedError):
                continue
            yield f"{parameter.get('in')}.{parameter.get('name')}"
    for seen in described(description, [operation]):
        if seen.element == operation:
            yield from (_plain(pointer) for pointer in seen.properties)
