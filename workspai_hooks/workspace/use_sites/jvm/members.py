"""What protobuf-java makes of messages and enums: accessors of messages and their builders, by name."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.protobuf.schema import EnumType, Field, Kind, Message
from workspai_hooks.workspace.use_sites.contract_values import field_value
from workspai_hooks.workspace.use_sites.jvm.names import (
    camel,
    capitalized,
    kotlin_property,
    not_set,
    synthetic,
)
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    BuilderOf,
    EnumOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    OneofOf,
    TypeOf,
    Value,
)

Table = dict[str, Access]


def of_message(message: Message, kotlin: bool) -> Table:
    """Reading: getters and their like; in Kotlin also as properties."""
    found: Table = {}
    for field, word, touches in _fields(message):
        for name, result in _getters(field, word):
            found[name] = Access(Method(result), touches)
        if kotlin and field.kind == Kind.MESSAGE and not field.repeated and field.map_key is None:
            found[f"{kotlin_property(field.name, word)}OrNull"] = Access(field_value(field), touches)
    for oneof in message.oneofs:
        word = camel(oneof, True)
        case = Method(OneofOf(message.name, oneof))
        found[f"get{word}Case"] = Access(case, (f"{message.name}.{oneof}",), "oneof")
    return {**found, **(_properties(found) if kotlin else {})}


def of_builder(message: Message, kotlin: bool) -> Table:
    """Writing; a builder also reads, and names its fields as properties in Kotlin."""
    itself = BuilderOf(message.name)
    found: Table = {}
    for field, word, touches in _fields(message):
        for name, result in _getters(field, word):
            found[name] = Access(Method(result), touches)
        for name, result, taken in _setters(field, word, itself):
            found[name] = Access(Method(result, taken, escape="forwarded"), touches)
    for oneof in message.oneofs:
        word = camel(oneof, True)
        touches = (f"{message.name}.{oneof}",)
        found[f"get{word}Case"] = Access(Method(OneofOf(message.name, oneof)), touches, "oneof")
        found[f"clear{word}"] = Access(Method(itself), touches, "oneof")
    if not kotlin:
        return found
    found.update(_properties(found))
    for field, word, touches in _fields(message):
        name = kotlin_property(field.name, word)
        found[name] = Access(field_value(field), touches)
        if field.kind == Kind.MESSAGE and not field.repeated and field.map_key is None:
            found[f"{name}OrNull"] = Access(field_value(field), touches)
        found[f"clear{name[:1].upper()}{name[1:]}"] = Access(Method(itself), touches)
    for oneof in message.oneofs:
        case = OneofOf(message.name, oneof)
        found[f"{camel(oneof, False)}Case"] = Access(case, (f"{message.name}.{oneof}",), "oneof")
    return found


def constants(message: Message) -> Table:
    """`USER_ID_FIELD_NUMBER`, and the classes of a oneof's cases."""
    found = {f"{f.name.upper()}_FIELD_NUMBER": Access(PLAIN, touches) for f, _, touches in _fields(message)}
    for oneof in message.oneofs:
        touches = (f"{message.name}.{oneof}",)
        found[f"{camel(oneof, True)}Case"] = Access(TypeOf(OneofOf(message.name, oneof)), touches, "oneof")
    return found


def of_case(message: Message, oneof: str) -> Table:
    """The cases of a oneof, each named by its field."""
    value = OneofOf(message.name, oneof)
    fields = [field for field in message.fields.values() if field.oneof == oneof]
    found = {f.name.upper(): Access(value, (f"{message.name}.{f.name}",)) for f in fields}
    found[not_set(oneof)] = Access(value, (f"{message.name}.{oneof}",), "oneof")
    return found


def of_enum(enum: EnumType) -> Table:
    """Its values, their numbers as constants, and what every generated enum has."""
    itself = EnumOf(enum.name)
    found: Table = {"UNRECOGNIZED": Access(itself)}
    for value in enum.values:
        touches = (f"{enum.name}.{value}",)
        found[value] = Access(itself, touches, "enum")
        found[f"{value}_VALUE"] = Access(PLAIN, touches, "enum")
    for name in ("valueOf", "forNumber"):
        found.setdefault(name, Access(Method(itself)))
    found.setdefault("values", Access(Method(ListOf(itself))))
    found.setdefault("entries", Access(ListOf(itself)))
    for name in ("getNumber", "name", "ordinal", "compareTo", "equals", "hashCode", "toString"):
        found.setdefault(name, Access(Method()))
    return found


def _fields(message: Message) -> Iterator[tuple[Field, str, tuple[str, ...]]]:
    words = capitalized(message.fields.values())
    for field in message.fields.values():
        yield field, words[field.name], (f"{message.name}.{field.name}",)


def _item(field: Field) -> Value:
    """One element of a repeated field, one value of a map."""
    value = field_value(field)
    return value.item if isinstance(value, ListOf) else value.value if isinstance(value, MapOf) else value


def _getters(field: Field, word: str) -> Iterator[tuple[str, Value]]:
    item, whole = _item(field), field_value(field)
    if field.map_key is not None:
        for suffix in ("Map", ""):
            yield f"get{word}{suffix}", whole
            yield f"getMutable{word}", whole
        yield f"contains{word}", PLAIN
        yield f"get{word}Count", PLAIN
        for suffix in ("OrDefault", "OrThrow"):
            yield f"get{word}{suffix}", item
            yield f"get{word}Value{suffix}", PLAIN
        yield f"get{word}Value", MapOf(PLAIN, PLAIN)
        yield f"get{word}ValueMap", MapOf(PLAIN, PLAIN)
        return
    yield f"get{word}", item
    yield f"has{word}", PLAIN
    if field.repeated:
        yield f"get{word}List", whole
        yield f"get{word}Count", PLAIN
        yield f"get{word}OrBuilderList", whole
        yield f"get{word}ValueList", ListOf(PLAIN)
    if field.kind == Kind.MESSAGE:
        yield f"get{word}OrBuilder", item
    elif field.kind == Kind.ENUM:
        yield f"get{word}Value", PLAIN
    elif field.type == "string":
        yield f"get{word}Bytes", PLAIN


def _setters(field: Field, word: str, itself: BuilderOf) -> Iterator[tuple[str, Value, tuple[Value, ...]]]:
    item, whole = _item(field), field_value(field)
    inner = BuilderOf(item.name) if isinstance(item, MessageOf) else UNKNOWN
    yield f"clear{word}", itself, ()
    if field.map_key is not None:
        yield f"put{word}", itself, (PLAIN, item)
        yield f"putAll{word}", itself, (whole,)
        yield f"remove{word}", itself, ()
        yield f"put{word}Value", itself, ()
        yield f"putAll{word}Value", itself, ()
        yield f"put{word}BuilderIfAbsent", inner, ()
        return
    if not field.repeated:
        yield f"set{word}", itself, (item,)
        yield f"set{word}Value", itself, ()
        yield f"set{word}Bytes", itself, ()
        yield f"merge{word}", itself, (item,)
        yield f"get{word}Builder", inner, ()
        return
    yield f"set{word}", itself, (PLAIN, item)
    yield f"add{word}", itself, (item,)
    yield f"addAll{word}", itself, (whole,)
    yield f"remove{word}", itself, ()
    yield f"add{word}Value", itself, ()
    yield f"addAll{word}Value", itself, ()
    yield f"set{word}Value", itself, ()
    yield f"add{word}Bytes", itself, ()
    yield f"add{word}Builder", inner, ()
    yield f"get{word}Builder", inner, ()
    yield f"get{word}BuilderList", ListOf(inner), ()


def _properties(table: Table) -> Table:
    """Getters as Kotlin sees them."""
    found = {}
    for name, access in table.items():
        if name.startswith("get") and isinstance(access.value, Method):
            found[synthetic(name)] = Access(access.value.result, access.touches, access.kind)
    return found
