"""The accessors, nested names and types that protoc's C++ generator makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.contracts.protobuf.schema import Field, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import field_value
from workspai_hooks.workspace.use_sites.cpp.names import camel, class_name, field_name, kept, namespace_of
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    ClientOf,
    EnumOf,
    LibraryOf,
    ListOf,
    MessageOf,
    Method,
    ModuleOf,
    OneofOf,
    TypeOf,
    Value,
)

Names = dict[str, Access]
ENCODERS = (
    *("SerializeToString", "SerializeAsString", "SerializeToArray", "SerializeToOstream", "AppendToString"),
    *("SerializePartialToString", "SerializePartialAsString", "SerializeToCodedStream", "SerializeToCord"),
    *(
        "SerializeToZeroCopyStream",
        "SerializeToFileDescriptor",
        "SerializeAsCord",
        "SerializeWithCachedSizes",
    ),
)
TEXTS = ("DebugString", "ShortDebugString", "Utf8DebugString", "PrintDebugString")
REFLECTION = ("GetReflection", "GetDescriptor", "GetMetadata", "descriptor")
COPIES = ("CopyFrom", "MergeFrom", "Swap", "CheckTypeAndMergeFrom", "UnsafeArenaSwap")
PLAINS = ("Clear", "ByteSizeLong", "IsInitialized", "GetTypeName", "GetArena", "ByteSize", "SpaceUsedLong")


def members_of(message: Message) -> Names:
    """Every accessor of a message's fields and oneofs."""
    found: Names = {}
    for field in message.fields.values():
        for name, access in _accessors(message, field):
            found.setdefault(name, access)
    for oneof in message.oneofs:
        touches = (f"{message.name}.{oneof}",)
        found[f"{oneof}_case"] = Access(Method(OneofOf(message.name, oneof)), touches, "oneof")
        found[f"clear_{oneof}"] = Access(Method(), touches, "oneof")
    return found


def _accessors(message: Message, field: Field) -> Iterator[tuple[str, Access]]:
    touches = (f"{message.name}.{field.name}",)
    name, value = field_name(field.name), field_value(field)

    def access(method: Value) -> Access:
        return Access(method, touches, "field")

    read = access(_read(value, field))
    yield name, read
    yield f"mutable_{name}", read
    yield f"clear_{name}", access(Method())
    yield f"k{camel(field.name)}FieldNumber", access(PLAIN)
    if field.repeated or field.map_key is not None:
        yield f"{name}_size", access(Method())
        item = value.item if isinstance(value, ListOf) else PLAIN
        yield f"add_{name}", access(Method(item, (item,)))
        yield f"set_{name}", access(Method(parameters=(PLAIN, item)))
        return
    yield f"has_{name}", access(Method())
    yield f"set_{name}", access(Method(parameters=(value,)))
    for before in ("release_", "unsafe_arena_release_"):
        yield f"{before}{name}", access(Method(value))
    for before in ("set_allocated_", "unsafe_arena_set_allocated_"):
        yield f"{before}{name}", access(Method(parameters=(value,), escape="forwarded"))


def _read(value: Value, field: Field) -> Method:
    """`items()` is the list, `items(0)` one of them."""
    if isinstance(value, ListOf) and field.repeated:
        item = value.item
        return Method(value, compute=lambda args: item if args else value)
    return Method(value)


def inside_message(message: Message, schema: Schema) -> Names:
    """What stands in a message's class: nested types, values of nested enums, cases of oneofs."""
    found: Names = {}
    before = f"{message.name}."
    for full in (*schema.messages, *schema.enums):
        short = full.removeprefix(before)
        if short == full or "." in short:
            continue
        value: Value = MessageOf(full) if full in schema.messages else EnumOf(full)
        found[kept(short)] = Access(TypeOf(value), (full,), "type")
        if full in schema.enums:
            found.update(_enum_names(full, short, schema.enums[full].values, ""))
    for oneof in message.oneofs:
        touches = (f"{message.name}.{oneof}",)
        case = OneofOf(message.name, oneof)
        found[f"{camel(oneof)}Case"] = Access(TypeOf(case), touches, "oneof")
        found[f"{oneof.upper()}_NOT_SET"] = Access(case, touches, "oneof")
        for field in message.fields.values():
            if field.oneof == oneof:
                found[f"k{camel(field.name)}"] = Access(case, (f"{message.name}.{field.name}",), "field")
    return found


def _enum_names(full: str, short: str, values: Iterable[str], before: str) -> Iterator[tuple[str, Access]]:
    """An enum's values, and the functions and constants that come with it."""
    for value in values:
        yield f"{before}{kept(value)}", Access(EnumOf(full), (f"{full}.{value}",), "enum")
    for after in ("_Name", "_Parse", "_IsValid", "_descriptor"):
        yield f"{short}{after}", Access(Method(), (full,), "type")
    for after in ("_MIN", "_MAX", "_ARRAYSIZE"):
        yield f"{before}{full.rpartition('.')[2]}{after}", Access(PLAIN, (full,), "type")


def type_names(schema: Schema) -> dict[str, Names]:
    """Namespace -> all that generated code declares right in it."""
    found: dict[str, Names] = {}
    for full in (*schema.messages, *schema.enums):
        package = schema.package_of(full)
        parts = tuple(full.removeprefix(f"{package}." if package else "").split("."))
        inside = found.setdefault(namespace_of(package), {})
        name = class_name(parts)
        value: Value = MessageOf(full) if full in schema.messages else EnumOf(full)
        inside[name] = Access(TypeOf(value), (full,), "type")
        if full in schema.enums:
            before = f"{'_'.join(parts)}_" if len(parts) > 1 else ""
            for word, access in _enum_names(full, name, schema.enums[full].values, before):
                inside.setdefault(word, access)
    for full in schema.services:
        package, _, short = full.rpartition(".")
        inside = found.setdefault(namespace_of(package), {})
        inside[short] = Access(ModuleOf(f"service:{full}"), (full,), "type")
        inside[f"Mock{short}Stub"] = Access(TypeOf(ClientOf(full)), (full,), "type")
    return found


def call_of(service: str, rpc: Rpc) -> Iterator[tuple[str, Access]]:
    """A stub's methods for an rpc: blocking, asynchronous, with a prepared or a raw call."""
    taken = MessageOf(rpc.input)
    parameters = (PLAIN,) if rpc.client_streaming else (PLAIN, taken)
    call = Method(PLAIN, parameters, escape="forwarded")
    for before in ("", "Async", "PrepareAsync"):
        yield f"{before}{rpc.name}", Access(call, (f"{service}/{rpc.name}",), "call")


def method_of_message(full: str, name: str) -> Access | None:
    """What every message can do, by itself or by its class."""
    itself = MessageOf(full)
    if name in ENCODERS:
        return Access(Method(escape="bytes", escapes=full))
    if name in TEXTS:
        return Access(Method(escape="text", escapes=full))
    if name in REFLECTION:
        return Access(LibraryOf("google.protobuf.Reflection"))
    if name in COPIES:
        return Access(Method(parameters=(itself,)))
    if name in ("default_instance", "New", "internal_default_instance"):
        return Access(Method(itself))
    if name in PLAINS or name.startswith(("Parse", "MergeFrom", "kIndexInFile")):
        return Access(Method())
    return None
