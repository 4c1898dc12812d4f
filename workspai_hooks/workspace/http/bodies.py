"""What requests give and take as values while types are followed: responses, JSON, clients.

Like texts they are `LibraryOf`s whose `args` carry method and URL along, so that what a helper function
returns is of the URL that its caller handed in: `(json)items[].price` is that part of the body of the
response to `args`, `(response)` the response itself, `(client)` what requests are made of with the URL
that it begins with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from workspai_hooks.workspace.http.texts import hole, piece
from workspai_hooks.workspace.use_sites.values import (
    LibraryOf,
    ListOf,
    MapOf,
    RecordOf,
    TupleOf,
    Value,
    alternatives,
)

JSON = "(json)"
RESPONSE = "(response)"
CLIENT = "(client)"
ENCODED = "(encoded)"
HOLDING = frozenset({RESPONSE, ENCODED, "(one)"})
"""What holds a body as its last part."""
DEEPEST_POINTER = 8
"""Steps into a body; recursive schemas have no end."""


def json_of(method: Value, url: Value, pointer: str = "") -> LibraryOf:
    """A part of the body of what such a request gives."""
    return LibraryOf(JSON + pointer, (method, url))


def response_of(method: Value, url: Value, body: Value | None = None) -> LibraryOf:
    """What such a request gives; `body` where it is known to be of a type."""
    return LibraryOf(RESPONSE, (method, url, json_of(method, url) if body is None else body))


def client(kind: str, base: Value | None = None) -> LibraryOf:
    """What requests are made of; `base` stands before their URLs, None: nothing does."""
    return LibraryOf(CLIENT + kind, (hole() if base is None else piece(base, "base"),))


def encoded(value: Value) -> LibraryOf:
    """A value as it is sent."""
    return LibraryOf(ENCODED, (value,))


def decoded(value: Value) -> Value:
    """What was encoded."""
    return value.args[0] if isinstance(value, LibraryOf) and value.path == ENCODED else value


def is_json(value: Value) -> TypeGuard[LibraryOf]:
    return isinstance(value, LibraryOf) and value.path.startswith(JSON)


def is_response(value: Value) -> TypeGuard[LibraryOf]:
    return isinstance(value, LibraryOf) and value.path == RESPONSE


def pointer_of(value: LibraryOf) -> str:
    """Which part of the body it is."""
    return value.path.removeprefix(JSON)


def member_of(value: LibraryOf, name: str) -> LibraryOf:
    """A property of an object in the body."""
    return below(value, name)


def item_of(value: LibraryOf) -> LibraryOf:
    """One of a list in the body, or of what an object holds under any key."""
    return below(value, "[]")


def below(value: LibraryOf, step: str) -> LibraryOf:
    """One step further down."""
    pointer = stepped(pointer_of(value), step)
    return value if pointer is None else LibraryOf(JSON + pointer, value.args)


def stepped(pointer: str, step: str) -> str | None:
    """A pointer with one step more, or the same with an empty one; None where it is deep enough."""
    if not step:
        return pointer
    if pointer.count(".") + pointer.count("[") >= DEEPEST_POINTER:
        return None
    return f"{pointer}{step}" if step == "[]" or not pointer else f"{pointer}.{step}"


def jsons_in(value: Value, depth: int = 4) -> Iterator[LibraryOf]:
    """The parts of bodies that a value is or holds whole."""
    if depth == 0:
        return
    match value:
        case LibraryOf() if is_json(value):
            yield value
        case LibraryOf(path, args) if path in HOLDING:
            yield from jsons_in(args[-1], depth - 1)
        case ListOf(item) | MapOf(_, item):
            yield from jsons_in(item, depth - 1)
        case TupleOf(items):
            for one in items:
                yield from jsons_in(one, depth - 1)
        case RecordOf(entries, merged):
            for one in (*(held for _, held in entries), *merged):
                yield from jsons_in(one, depth - 1)
        case _:
            for one in alternatives(value) if len(alternatives(value)) > 1 else ():
                yield from jsons_in(one, depth - 1)


def is_whole(value: Value) -> bool:
    return isinstance(value, LibraryOf) and (is_json(value) or is_response(value))


def holds_whole(value: Value) -> bool:
    return any(
        is_whole(one) or (isinstance(one, ListOf) and is_whole(one.item)) for one in alternatives(value)
    )
