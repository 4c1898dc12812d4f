"""An element as a contract spells it, so that a person and an approval can tell one change from another."""

from __future__ import annotations

from workspai_hooks.breaking.rows import Hit, Sides
from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.schema import Field, Method

ARROW = " → "
GONE = "removed"


def changed(hit: Hit, renamed_to: str | None, sides: Sides) -> str:
    """`int32 y = 2 → string y = 2`; empty where the spelling is the same (options) or is not known here."""
    old = _spelled(sides.base, hit, hit.name)
    new = _spelled(sides.head, hit, renamed_to or hit.name)
    if not old or old == new:
        return ""
    return f"{old}{ARROW}{new or renamed_to or GONE}"


def _spelled(side: Described, hit: Hit, name: str) -> str:
    match hit.kind:
        case "field":
            message = side.messages.get(hit.owner)
            field = message.fields.get(name) if message else None
            return _field(field) if field else ""
        case "value":
            enum = side.enums.get(hit.owner)
            return f"{name} = {enum.values[name][0]}" if enum and name in enum.values else ""
        case "rpc":
            service = side.services.get(hit.owner)
            method = service.methods.get(name) if service else None
            return _rpc(method) if method else ""
        case "oneof":
            message = side.messages.get(hit.owner)
            return f"oneof {name}" if message and name in message.oneofs else ""
        case "message" | "enum" | "service":
            declared = {**side.messages, **side.enums, **side.services}
            return f"{hit.kind} {name}" if name in declared else ""
        case _:
            return ""


def _field(field: Field) -> str:
    kind = f"map<{field.map_key}, {field.type}>" if field.map_key else field.type
    label = "repeated " if field.repeated else "optional " if field.optional else ""
    inside = f" in oneof {field.oneof}" if field.oneof else ""
    return f"{label}{kind} {field.name} = {field.number}{inside}"


def _rpc(method: Method) -> str:
    asks = f"{'stream ' if method.client_streaming else ''}{method.input}"
    answers = f"{'stream ' if method.server_streaming else ''}{method.output}"
    return f"rpc {method.name}({asks}) returns ({answers})"
