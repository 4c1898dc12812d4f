"""Follows a message that one service posts as JSON into the types that the receiver declares for it.

Three things must meet, each read from the source: a function that turns a message into JSON and names a
literal URL path, the same path in quotes in another service, and a type there that is the message's like: it
is called like the message, or stands under a key that the sender writes, and the message has each of its
fields. Where one is, the service writes the contract by hand, and its other types that are called like a
message of this package, with fields of it only, count as well: what it answers with. The fields' declarations
are what breaks: the names of JSON are theirs. Sites are `likely`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname

from workspai_hooks.contracts.protobuf.schema import Field, Kind, Message, Schema
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.use_sites.found import Use
from workspai_hooks.workspace.use_sites.received_json import Sent
from workspai_hooks.workspace.use_sites.syntax import Class, Expr, Member, Name, Source, Variable
from workspai_hooks.workspace.use_sites.walking import nodes_in

DECLARING = frozenset({"rust", "jvm", "csharp", "go", "python"})
"""The families of languages in which JSON is read into declared types."""

Declared = tuple[str, Class]
"""A type and the path of its file."""


def home_of(path: str, homes: frozenset[str]) -> str:
    """The nearest folder above that is built by itself; the top where there is none."""
    folder = dirname(path)
    while folder and folder not in homes:
        folder = dirname(folder)
    return folder


def names_route(data: bytes, routes: Iterable[str]) -> frozenset[str]:
    """The routes that a file has in quotes, alone or with a slash at the end."""
    return frozenset(
        route
        for route in routes
        if any(quote + route.encode() + end + quote in data for quote in (b'"', b"'") for end in (b"", b"/"))
    )


def declared_uses(messages: Sequence[Sent], sources: Mapping[str, Source], schema: Schema) -> list[Use]:
    """The fields that the sources of one service declare for these messages."""
    types: dict[str, list[Declared]] = {}
    for path, source in sorted(sources.items()):
        for node in nodes_in(source):
            if isinstance(node, Class) and node.fields:
                types.setdefault(node.name, []).append((path, node))
    seam = [(one.message, like) for one in messages for like in _likes(one, types, schema)]
    found = _fields_of(seam, types, schema)
    packages = {use.element.rpartition(".")[0].rpartition(".")[0] for use in found}
    called_alike = [
        (message, like)
        for message in sorted(schema.messages)
        if message.rpartition(".")[0] in packages
        for like in types.get(message.rpartition(".")[2], ())
    ]
    return sorted(found | _fields_of(called_alike, types, schema))


def _fields_of(
    likes: Iterable[tuple[str, Declared]], types: Mapping[str, list[Declared]], schema: Schema
) -> set[Use]:
    """The fields of these types and of those that their fields hold, as far as the messages have them."""
    found: set[Use] = set()
    done: set[tuple[str, tuple[int, int], str]] = set()
    waiting = list(likes)
    while waiting:
        message, (path, node) = waiting.pop()
        declared = schema.messages.get(message)
        fields = None if declared is None else _matched(node, declared)
        if fields is None or (path, node.pos, message) in done:
            continue
        done.add((path, node.pos, message))
        for variable, field in fields:
            line, column = variable.pos
            element = f"{message}.{field.name}"
            found.add(Use(path, line, column, element, variable.name, "json", "likely", is_test(path)))
            if field.kind is Kind.MESSAGE:
                inner = [like for name in _named(variable.type) for like in types.get(name, ())]
                waiting += [(field.type, like) for like in inner]
    return found


def _likes(sent: Sent, types: Mapping[str, list[Declared]], schema: Schema) -> Iterator[Declared]:
    """The types that may be the message: by its name, or under a key of the map that is sent."""
    short = _plain(sent.message.rpartition(".")[2])
    for name, declared in types.items():
        if _plain(name) == short:
            yield from declared
    keys = frozenset(map(_plain, sent.keys))
    for declared in types.values():
        for _, node in declared:
            if keys and {_plain(variable.name) for variable in node.fields} <= keys:
                for variable in node.fields:
                    for name in _named(variable.type):
                        yield from types.get(name, ())


def _matched(node: Class, message: Message) -> list[tuple[Variable, Field]] | None:
    """Its fields with those of the message; None unless the message has them all."""
    by_name = {
        _plain(name): field for field in message.fields.values() for name in (field.name, field.json_name)
    }
    pairs = [(variable, by_name.get(_plain(variable.name))) for variable in node.fields]
    known = [(variable, field) for variable, field in pairs if field is not None]
    return known if known and len(known) == len(pairs) else None


def _named(kind: Expr | None) -> list[str]:
    """The names in a type: `Vec<model::Item>` has `Vec` and `Item`."""
    nodes = [] if kind is None else nodes_in(kind)
    return sorted(
        {
            node.id if isinstance(node, Name) else node.name
            for node in nodes
            if isinstance(node, Name | Member)
        }
    )


def _plain(name: str) -> str:
    """A name without case and underscores, in which languages differ."""
    return name.replace("_", "").lower()
