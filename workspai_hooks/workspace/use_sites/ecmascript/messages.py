"""Messages, enums and oneofs as JavaScript and TypeScript see them: as plain objects and as classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import EnumType, Field, Message, Schema
from workspai_hooks.workspace.use_sites.contract_values import field_value
from workspai_hooks.workspace.use_sites.ecmascript.names import (
    field_names,
    oneof_names,
    stem,
    value_names,
)
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    EnumOf,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    OneofOf,
    TypeOf,
    Value,
    join,
)

MAKERS = frozenset(
    {"create", "fromPartial", "fromObject", "fromJSON", "fromJson", "fromJsonString", "fromBinary", "decode"}
    | {"deserializeBinary", "decodeDelimited", "deserializeBinaryFromReader", "clone", "fromText", "verify"}
)
ENCODERS = {
    "encode": "bytes",
    "encodeDelimited": "bytes",
    "toBinary": "bytes",
    "serializeBinary": "bytes",
    "toJSON": "json",
    "toJson": "json",
    "toJsonString": "json",
    "toObject": "json",
    "serializeBinaryToWriter": "bytes",
}
QUIET = frozenset(
    {"is", "equals", "isEqual", "getType", "typeName", "fields", "getTypeUrl", "assign", "hasOwnProperty"}
)
CASES = frozenset({"case", "$case", "oneofKind", "kind"})


class Messages:
    """What properties, accessors and keys of messages mean."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._properties: dict[str, Mapping[str, Access]] = {}
        self._accessors: dict[str, Mapping[str, Access]] = {}

    def type(self, full: str) -> Access | None:
        """A message or enum by its full name."""
        if full in self._schema.messages:
            return Access(TypeOf(MessageOf(full)), (full,), "type")
        return Access(TypeOf(EnumOf(full)), (full,), "type") if full in self._schema.enums else None

    def argument(self, full: str, name: str) -> Access | None:
        """A field or oneof as a property."""
        known = self._properties.get(full)
        if known is None:
            message = self._schema.messages.get(full)
            found = {} if message is None else dict(_properties(message))
            known = self._properties[full] = found
        return known.get(name)

    def member(self, full: str, name: str) -> Access | None:
        """A property, an accessor of a class, or what every message can do."""
        found = self.argument(full, name)
        if found is not None:
            return found
        known = self._accessors.get(full)
        if known is None:
            message = self._schema.messages.get(full)
            known = self._accessors[full] = {} if message is None else dict(_accessors(message))
        return known.get(name) or _common(full, name)

    def of_type(self, full: str, name: str) -> Access | None:
        """What the class or its companion has: ways to make one, types inside it."""
        itself = MessageOf(full)
        nested = self.type(f"{full}.{name}") or self.type(f"{full}.{name.removesuffix('Map')}")
        if nested is not None:
            return nested
        if name in MAKERS:
            return Access(Method(itself, (itself,)))
        if name in ENCODERS:
            return Access(Method(LibraryOf("(encoded)"), (itself,), escape=ENCODERS[name]))
        if name == "AsObject":
            return Access(TypeOf(itself))
        message = self._schema.messages.get(full)
        for oneof in message.oneofs if message is not None else ():
            if name == f"{stem(oneof)}Case":
                return Access(TypeOf(OneofOf(full, oneof)), (f"{full}.{oneof}",), "oneof")
        if name.endswith("_FIELD_NUMBER") and message is not None:
            for field in message.fields.values():
                if f"{field.name.upper()}_FIELD_NUMBER" == name:
                    return Access(PLAIN, (f"{full}.{field.name}",), "field")
        if name in QUIET:
            return Access(Method())
        for enum in self._schema.enums.values():
            if enum.name.rpartition(".")[0] == full and name in enum.values:
                return _value(enum, name)
        return None

    def of_enum(self, full: str, name: str) -> Access | None:
        """A value of an enum."""
        enum = self._schema.enums.get(full)
        if enum is None:
            return None
        for value in sorted(enum.values):
            if name in value_names(enum, value):
                return _value(enum, value)
        return None

    def of_oneof(self, value: Value, name: str) -> Access | None:
        """`m.choice.case`, `m.choice.value`, `m.choice.card`; `Cart.ChoiceCase.CARD`."""
        oneof = value.value if isinstance(value, TypeOf) else value
        message = self._schema.messages.get(oneof.message) if isinstance(oneof, OneofOf) else None
        if message is None or not isinstance(oneof, OneofOf):
            return None
        if name in CASES:
            return Access(oneof)
        inside = [field for field in message.fields.values() if field.oneof == oneof.oneof]
        if name == "value":
            return Access(join(field_value(field) for field in inside) if inside else UNKNOWN)
        for field in inside:
            if name in field_names(field) or name == field.name.upper():
                return _field(message, field)
        return None

    def by_text(self, owner: str, text: str) -> Access | None:
        """A string that names a value of an enum, a field or a oneof."""
        if owner in self._schema.enums:
            return self.of_enum(owner, text)
        return self.argument(owner, text)


def _properties(message: Message) -> Iterator[tuple[str, Access]]:
    for oneof in message.oneofs:
        for name in oneof_names(oneof):
            yield name, Access(OneofOf(message.name, oneof), (f"{message.name}.{oneof}",), "oneof")
    for field in message.fields.values():
        access = _field(message, field)
        for name in field_names(field):
            yield name, access
    for field in message.fields.values():  # a name as it is declared is nobody else's
        yield field.name, _field(message, field)


def _accessors(message: Message) -> Iterator[tuple[str, Access]]:
    """What google-protobuf generates."""
    for field in message.fields.values():
        element, value = (f"{message.name}.{field.name}",), field_value(field)
        item = value.item if isinstance(value, ListOf) else value
        end = "List" if field.repeated else "Map" if isinstance(value, MapOf) else ""
        word = stem(field.name)
        itself = MessageOf(message.name)
        for after in {end, f"{end}_asB64", f"{end}_asU8"}:
            yield f"get{word}{after}", Access(Method(value), element)
        yield f"set{word}{end}", Access(Method(itself, (value,)), element)
        yield f"clear{word}{end}", Access(Method(itself), element)
        yield f"has{word}", Access(Method(), element)
        yield f"add{word}", Access(Method(item, (item,)), element)
        lower = word[:1].lower() + word[1:]
        if end:
            yield f"{lower}{end}", Access(value, element)
        yield lower, Access(value, element)
    for oneof in message.oneofs:
        access = Access(Method(OneofOf(message.name, oneof)), (f"{message.name}.{oneof}",), "oneof")
        yield f"get{stem(oneof)}Case", access


def _field(message: Message, field: Field) -> Access:
    return Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _value(enum: EnumType, value: str) -> Access:
    return Access(EnumOf(enum.name), (f"{enum.name}.{value}",), "enum")


def _common(full: str, name: str) -> Access | None:
    """What every message can do, and what a call gives that answers with it."""
    itself = MessageOf(full)
    if name == "toObject":
        return Access(Method(itself))
    if name in ENCODERS:
        return Access(Method(escape=ENCODERS[name], escapes=full))
    if name in ("clone", "cloneMessage", "toPlainMessage"):
        return Access(Method(itself))
    if name in ("response", "message"):
        return Access(itself)
    if name in QUIET:
        return Access(Method())
    return Access(Method(parameters=(Method(parameters=(itself,)),))) if name == "on data" else None
