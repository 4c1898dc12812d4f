"""What a declaration says, part by part: to tell whether two of them are the same contract."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.schema import Field, Method, Schema


def parts_of(side: Described | Schema, name: str) -> dict[str, tuple[str, int | None]]:
    """Fields, values or rpcs of a declaration: name -> (what it says, its number)."""
    if name in side.messages:
        fields = side.messages[name].fields
        return {part: (_field(item), item.number) for part, item in fields.items()}
    if name in side.enums:
        return {part: (f"= {number}", number) for part, (number, _) in side.enums[name].values.items()}
    if name in side.services:
        return {part: (_rpc(item), None) for part, item in side.services[name].methods.items()}
    return {}


def _field(item: Field) -> str:
    held = f"map<{item.map_key}, {item.type}>" if item.map_key else item.type
    return f"{'repeated ' if item.repeated else ''}{held} = {item.number}"


def _rpc(item: Method) -> str:
    asked = f"{'stream ' if item.client_streaming else ''}{item.input}"
    return f"({asked}) returns ({'stream ' if item.server_streaming else ''}{item.output})"


def holds_all(side: Described, other: Described, name: str) -> bool:
    """Whether `other` declares `name`, with what is nested in it, at least as `side` does."""
    nested = [
        inner for table in (side.messages, side.enums) for inner in table if inner.startswith(name + ".")
    ]
    return all(_includes(parts_of(other, each), parts_of(side, each)) for each in (name, *nested))


def _includes(more: Mapping[str, object], less: Mapping[str, object]) -> bool:
    return all(more.get(part) == text for part, text in less.items())
