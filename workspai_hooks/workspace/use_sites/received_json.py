"""Follows a message that one service posts as JSON into the service that serves the path.

Three things must meet, each read from the source: a function that turns a message into JSON and names a
literal URL path (an escape that following types found), a route of another file with this very path, and code
in the route that parses JSON. What is parsed there is the message, or holds it under one of the keys that the
sender writes (a map with the fields of one message of the contract is this message); from there on types are
followed as ever, into templates too. Sites are `likely`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname

import msgspec
from msgspec.structs import replace

from workspai_hooks.contracts.protobuf.schema import Kind, Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.use_sites.found import Escape, Use
from workspai_hooks.workspace.use_sites.infer import Dialect, find_uses
from workspai_hooks.workspace.use_sites.naming import Library
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Expr,
    Lambda,
    Member,
    Name,
    Node,
    Record,
    Source,
    Text,
)
from workspai_hooks.workspace.use_sites.values import MessageOf, Method, RecordOf, Value, join
from workspai_hooks.workspace.use_sites.walking import Functions, nodes_in

PARSING = regex(
    r"(?:^|>)(?:JSON|Oj|MultiJson|Jason|Poison)\.(?:parse|load|decode)!?$|(?:^|\|)json_decode\(\)$"
)
"""Functions that make a value of JSON, as the lowering of their languages writes them."""
URL_PATH = regex(r"^(?:\w+://[^/]*)?(/[A-Za-z][\w./-]{2,})$")
RECEIVING = frozenset({"ruby", "elixir", "php"})
"""The families of languages in which JSON is read by the names that Go, Python and others write."""
KINDS = frozenset({"field", "oneof", "template"})


class Sent(msgspec.Struct, frozen=True, order=True):
    """A message that is posted as JSON to a path, whole or under one of `keys`."""

    route: str
    message: str
    keys: tuple[str, ...]


def sent(escapes: Iterable[Escape], sources: Mapping[str, Source]) -> list[Sent]:
    """Which messages are posted, and where to."""
    return sorted(
        {
            Sent(route, escape.message, tuple(sorted({key.value for key in keys})))
            for escape, routes, keys in _sendings(escapes, sources)
            for route in routes
        }
    )


def sent_by_hand(escapes: Iterable[Escape], sources: Mapping[str, Source], schema: Schema) -> list[Use]:
    """The keys of maps that write a message of the contract by hand, around messages that are real."""
    maps: dict[tuple[str, tuple[Text, ...]], set[Sent]] = {}
    for escape, routes, keys in _sendings(escapes, sources):
        names = tuple(sorted({key.value for key in keys}))
        maps.setdefault((escape.path, keys), set()).update(
            Sent(route, escape.message, names) for route in routes
        )
    found: set[Use] = set()
    for (path, keys), messages in maps.items():
        written = repeated(messages, schema)
        for key in keys if written is not None else ():
            element = f"{written}.{key.value}"
            found.add(Use(path, *key.pos, element, key.value, "json", "likely", is_test(path), writes=True))
    return sorted(found)


def _sendings(
    escapes: Iterable[Escape], sources: Mapping[str, Source]
) -> Iterator[tuple[Escape, frozenset[str], tuple[Text, ...]]]:
    """Escapes in functions that name paths, and the keys of the map that is encoded, where it is written
    there or bound to a name.
    """
    functions: dict[str, Functions] = {}
    for escape in escapes:
        if escape.path in sources and escape.path not in functions:
            functions[escape.path] = Functions(sources[escape.path])
        function = functions[escape.path].at(escape.line) if escape.path in functions else None
        if function is None:
            continue
        nodes = list(nodes_in(function))
        texts = [one.value for one in nodes if isinstance(one, Text)]
        routes = frozenset(match[1] for text in texts if (match := URL_PATH.match(text)))
        if routes:
            yield escape, routes, _keys(nodes, escape)


def _keys(nodes: list[Node], escape: Escape) -> tuple[Text, ...]:
    place = (escape.line, escape.column)
    args = [arg for one in nodes if isinstance(one, Call) and one.pos == place for arg in one.args]
    names = {arg.id for arg in args if isinstance(arg, Name)}
    bound = [
        value
        for one in nodes
        if isinstance(one, Bind) and any(isinstance(t, Name) and t.id in names for t in one.targets)
        for value in one.values
    ]
    records = [one for one in (*args, *bound) if isinstance(one, Record)]
    keys = {key.pos: key for one in records for key, _ in one.entries if isinstance(key, Text)}
    return tuple([keys[pos] for pos in sorted(keys)])


def received(
    messages: Iterable[Sent],
    path: str,
    sources: Mapping[str, Source],
    dialects: Mapping[str, Dialect],
    schema: Schema,
) -> list[Use]:
    """The uses in the service of the file at `path`, which serves some of the routes.

    `sources` are the files that stand with it, `dialects` as `find_uses` takes them.
    """
    by_route: dict[str, list[Sent]] = {}
    for one in messages:
        by_route.setdefault(one.route, []).append(one)
    rewritten = _served(sources[path], by_route)
    if rewritten is None:
        return []
    values = {_place(route): _held(found, schema) for route, found in by_route.items()}
    known = {
        name: replace(dialect, library=_Receiving(dialect.library, values))
        for name, dialect in dialects.items()
    }
    near = {each: source for each, source in sources.items() if _beside(each, path)}
    uses = find_uses({**near, path: rewritten}, known).uses
    return [
        replace(use, kind="json" if use.kind != "template" else use.kind, confidence="likely")
        for use in uses
        if use.kind in KINDS
    ]


def _beside(path: str, other: str) -> bool:
    folder = dirname(other)
    return not folder or path.startswith(f"{folder}/")


def _held(messages: Iterable[Sent], schema: Schema) -> Value:
    """What the parsed JSON is."""
    found = list(messages)
    whole = [MessageOf(one.message) for one in found if not one.keys]
    written = repeated(found, schema)
    if written is not None:
        return join([*whole, MessageOf(written)])
    entries: dict[str, list[Value]] = {}
    for one in found:
        for key in one.keys:
            entries.setdefault(key, []).append(MessageOf(one.message))
    record = RecordOf(tuple((key, join(entries[key])) for key in sorted(entries)))
    return join([*whole, *([record] if entries else [])])


def repeated(messages: Iterable[Sent], schema: Schema) -> str | None:
    """The one message that a map sent with several keys writes by hand: it has all keys as its fields, and
    what is sent under them is what these fields hold.
    """
    held: dict[tuple[str, ...], set[str]] = {}
    routes: set[str] = set()
    for one in messages:
        if len(one.keys) > 1:
            held.setdefault(one.keys, set()).add(one.message)
            routes.add(one.route)
    if len(held) != 1:
        return None
    ((keys, inside),) = held.items()
    packages = {message.rpartition(".")[0] for message in inside}
    fitting = [
        name
        for name, message in schema.messages.items()
        if name.rpartition(".")[0] in packages
        and all(key in message.fields for key in keys)
        and inside == {field.type for key in keys if (field := message.fields[key]).kind is Kind.MESSAGE}
    ]
    if len(fitting) > 1:  # requests alike: of the path's own name
        called = tuple(re.sub(r"\W|_", "", route.rpartition("/")[2]).lower() for route in routes)
        fitting = [name for name in fitting if name.rpartition(".")[2].lower().startswith(called)]
    return fitting[0] if len(fitting) == 1 else None


def _place(route: str) -> str:
    return f"(received {route})"


def _served(source: Source, routes: Mapping[str, object]) -> Source | None:
    """The source with what routes parse named by their paths; None where it has none of these routes."""
    hits = 0

    def route_of(node: Node) -> str | None:
        if isinstance(node, Call) and node.args and isinstance(node.args[0], Text):
            route = node.args[0].value
            given = (*node.args[1:], *(word.value for word in node.named))
            return route if route in routes and any(isinstance(one, Lambda) for one in given) else None
        return None

    def walk(node: object, route: str | None) -> object:
        nonlocal hits
        if isinstance(node, tuple):
            return tuple([walk(one, route) for one in node])
        if not isinstance(node, Node):
            return node
        if route is not None and isinstance(node, Call) and PARSING.search(_written(node.fn)):
            hits += 1
            return Name(_place(route), node.pos)
        inner = route_of(node) or route
        return type(node)(*[walk(getattr(node, name), inner) for name in node.__struct_fields__])

    changed = walk(source, None)
    return changed if hits and isinstance(changed, Source) else None


def _written(node: Expr) -> str:
    match node:
        case Name(word):
            return word
        case Member(Name(owner), word):
            return f"{owner}.{word}"
        case _:
            return ""


class _Receiving:
    """A library in which the places of parsed JSON are what is known to arrive there."""

    def __init__(self, library: Library, values: Mapping[str, Value]) -> None:
        self._library = library
        self._values = values

    def builtin(self, name: str) -> Value | None:
        return self._values.get(name) or self._library.builtin(name)

    def function(self, path: str) -> Method | None:
        return self._library.function(path)

    def member(self, value: Value, name: str) -> Value | None:
        return self._library.member(value, name)

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        return self._library.type(path, args)
