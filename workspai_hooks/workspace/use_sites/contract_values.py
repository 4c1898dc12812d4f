"""What fields and rpcs hold, take and give: the part of a naming that is the same in every language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workspai_hooks.contracts.protobuf.schema import Field, Kind, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.values import PLAIN, EnumOf, ListOf, MapOf, MessageOf, Value


def field_value(field: Field) -> Value:
    """What reading a field gives, and what setting it takes."""
    inner: Value = PLAIN
    if field.kind == Kind.MESSAGE:
        inner = MessageOf(field.type)
    elif field.kind == Kind.ENUM:
        inner = EnumOf(field.type)
    if field.map_key is not None:
        return MapOf(PLAIN, inner)
    return ListOf(inner) if field.repeated else inner


def taken_by(rpc: Rpc) -> Value:
    """What an rpc's request is to its caller and to its handler: a message or a stream of them."""
    return ListOf(MessageOf(rpc.input)) if rpc.client_streaming else MessageOf(rpc.input)


def given_by(rpc: Rpc) -> Value:
    """What an rpc's response is."""
    return ListOf(MessageOf(rpc.output)) if rpc.server_streaming else MessageOf(rpc.output)


def declared(schema: Schema, packages: Iterable[str], name: str) -> str | None:
    """The full name of the top-level message, enum or service `name` of one of the packages."""
    for package in packages:
        full = f"{package}.{name}" if package else name
        if full in schema.messages or full in schema.enums or full in schema.services:
            return full
    return None


def by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """(name, element) pairs as name -> its elements, all sorted."""
    found: dict[str, set[str]] = {}
    for name, element in pairs:
        found.setdefault(name, set()).add(element)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}
