"""How the contract inside a stub differs from the contract as it is: by the two descriptors, without running
anything.

What differs is graded: *wire* (names, numbers, types, cardinality, what services offer: a client that is
built with the stub speaks another contract), *policy* (options of methods), *cosmetic* (the rest: names of
packages in a language, reserved ranges, comments). Lines and names in JSON that follow from names are not
compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf import text_format
from google.protobuf.message import Message

_TYPE = pb.FieldDescriptorProto.Type
_LABEL = pb.FieldDescriptorProto.Label
_Key = tuple[str, ...]
MAX_DEPTH = 30
"""So deep custom options are put in order; deeper ones are compared as they are."""


class Grade(StrEnum):
    """How bad a difference is; `rank` orders them, the worst first."""

    WIRE = "wire"
    POLICY = "policy"
    COSMETIC = "cosmetic"

    @property
    def rank(self) -> int:
        return ("wire", "policy", "cosmetic").index(self.value)


class Difference(msgspec.Struct, frozen=True):
    """One element, as the contract and as the stub has it; empty where one has it not."""

    grade: Grade
    element: str
    contract: str
    stub: str


class _Said(msgspec.Struct, frozen=True):
    element: str
    text: str
    grade: Grade


def differences(
    contract: pb.FileDescriptorProto, stub: pb.FileDescriptorProto, *, custom_options: bool = True
) -> tuple[Difference, ...]:
    """Everything that differs, the worst first; what goes with a message that one side lacks is not told
    again."""
    ours, theirs = dict(_file(contract)), dict(_file(stub))
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key), theirs.get(key)
        said = one or other
        assert said is not None
        if (one and one.text) == (other and other.text) or _has_no_home(key, ours, theirs):
            continue
        if key[0] == "custom" and not custom_options:
            continue
        found.append(
            Difference(said.grade, said.element, one.text if one else "", other.text if other else "")
        )
    return tuple(sorted(found, key=lambda it: (it.grade.rank, it.element, it.contract, it.stub)))


def _has_no_home(key: _Key, ours: dict[_Key, _Said], theirs: dict[_Key, _Said]) -> bool:
    """Whether a part stands in a declaration that only one side has."""
    homes = [("declared", part) for part in key[1:2]]
    return key[0] != "declared" and any((home in ours) != (home in theirs) for home in homes)


def _file(file: pb.FileDescriptorProto) -> Iterator[tuple[_Key, _Said]]:
    prefix = f"{file.package}." if file.package else ""
    syntax = file.syntax or "proto2"
    if syntax == "editions":
        syntax = f"edition {file.edition}"
    yield ("syntax",), _Said("syntax", syntax, Grade.WIRE)
    yield from _options(file.options, "file", Grade.COSMETIC, ("features",))
    for message in file.message_type:
        yield from _message(message, prefix)
    for enum in file.enum_type:
        yield from _enum(enum, prefix)
    for field in file.extension:
        yield _extension(field, prefix)
    for service in file.service:
        yield from _service(service, prefix)


def _message(message: pb.DescriptorProto, prefix: str) -> Iterator[tuple[_Key, _Said]]:
    waiting = [(prefix, message)]
    while waiting:
        within, one = waiting.pop()
        name = within + one.name
        yield ("declared", name), _Said(name, f"message {name}", Grade.WIRE)
        yield from _options(one.options, name, Grade.COSMETIC)
        maps = {nested.name: nested for nested in one.nested_type if nested.options.map_entry}
        for field in one.field:
            key = ("field", name, str(field.number))
            yield key, _Said(f"{name}.{field.name}", _field(field, one, maps), Grade.WIRE)
            yield from _options(field.options, f"{name}.{field.name}", Grade.COSMETIC, ("features",), name)
        ranges = [("reserved", part.start, part.end) for part in one.reserved_range]
        ranges += [("extensions", part.start, part.end) for part in one.extension_range]
        for kind, start, end in ranges:
            text = f"{kind} {start} to {end - 1}"
            yield ("range", name, text), _Said(name, text, Grade.COSMETIC)
        for reserved in one.reserved_name:
            yield ("reserved", name, reserved), _Said(name, f"reserved {reserved}", Grade.COSMETIC)
        for nested in one.enum_type:
            yield from _enum(nested, f"{name}.")
        for extension in one.extension:
            yield _extension(extension, f"{name}.")
        waiting += [(f"{name}.", nested) for nested in one.nested_type if not nested.options.map_entry]


def _field(
    field: pb.FieldDescriptorProto, message: pb.DescriptorProto, maps: dict[str, pb.DescriptorProto]
) -> str:
    """As a contract spells it: `repeated string tag = 2`."""
    entry = maps.get(field.type_name.rpartition(".")[2]) if field.type == _TYPE.TYPE_MESSAGE else None
    if entry is not None and len(entry.field) == 2:
        kind = f"map<{_type(entry.field[0])}, {_type(entry.field[1])}>"
        label = ""
    else:
        kind = _type(field)
        label = {_LABEL.LABEL_REPEATED: "repeated ", _LABEL.LABEL_REQUIRED: "required "}.get(field.label, "")
    if field.proto3_optional:
        label = "optional "
    inside = ""
    if field.HasField("oneof_index") and not field.proto3_optional:
        index = field.oneof_index
        named = message.oneof_decl[index].name if 0 <= index < len(message.oneof_decl) else str(index)
        inside = f" in oneof {named}"
    default = f" [default = {field.default_value}]" if field.default_value else ""
    return f"{label}{kind} {field.name} = {field.number}{default}{inside}"


def _type(field: pb.FieldDescriptorProto) -> str:
    if field.type_name:
        return field.type_name.lstrip(".")
    return _TYPE.Name(field.type)[len("TYPE_") :].lower() if field.type in _TYPE.values() else str(field.type)


def _extension(field: pb.FieldDescriptorProto, prefix: str) -> tuple[_Key, _Said]:
    owner = field.extendee.lstrip(".")
    text = f"extend {owner} {_field(field, pb.DescriptorProto(), {})}"
    return ("extension", owner, str(field.number)), _Said(prefix + field.name, text, Grade.WIRE)


def _enum(enum: pb.EnumDescriptorProto, prefix: str) -> Iterator[tuple[_Key, _Said]]:
    name = prefix + enum.name
    yield ("declared", name), _Said(name, f"enum {name}", Grade.WIRE)
    yield from _options(enum.options, name, Grade.COSMETIC, ("features",))
    numbers: dict[int, list[str]] = {}
    for value in enum.value:
        numbers.setdefault(value.number, []).append(value.name)
    for number, names in numbers.items():
        text = ", ".join(f"{one} = {number}" for one in sorted(names))
        yield ("value", name, str(number)), _Said(f"{name}.{sorted(names)[0]}", text, Grade.WIRE)


def _service(service: pb.ServiceDescriptorProto, prefix: str) -> Iterator[tuple[_Key, _Said]]:
    name = prefix + service.name
    yield ("declared", name), _Said(name, f"service {name}", Grade.WIRE)
    yield from _options(service.options, name, Grade.POLICY)
    for method in service.method:
        asks = f"{'stream ' if method.client_streaming else ''}{method.input_type.lstrip('.')}"
        answers = f"{'stream ' if method.server_streaming else ''}{method.output_type.lstrip('.')}"
        element = f"{name}/{method.name}"
        text = f"rpc {method.name}({asks}) returns ({answers})"
        yield ("rpc", name, method.name), _Said(element, text, Grade.WIRE)
        yield from _options(method.options, element, Grade.POLICY, (), name)


def _options(
    options: Message, element: str, grade: Grade, on_wire: Iterable[str] = (), home: str = ""
) -> Iterator[tuple[_Key, _Said]]:
    """Each option that is set; what this process does not know of it, by its number."""
    wire = set(on_wire)
    for field, value in options.ListFields():
        if field.name == "uninterpreted_option":
            continue
        of = Grade.WIRE if field.name in wire else Grade.COSMETIC if field.name == "deprecated" else grade
        kind = "custom" if field.is_extension else "option"
        name = f"({field.full_name})" if field.is_extension else field.name
        yield (
            (kind, home or element, element, f"{field.number:09d}"),
            _Said(element, f"{name} = {_shown(value)}", of),
        )
    for tag, raw in _unknown(options):
        name = f"({_CUSTOM.get(tag, tag)})"
        digest = hashlib.sha256(raw).hexdigest()[:8]
        yield (
            ("custom", home or element, element, f"{tag:09d}"),
            _Said(element, f"{name} of {len(raw)} bytes, {digest}", grade),
        )


_CUSTOM = {
    72295728: "google.api.http",
    1049: "google.api.default_host",
    1051: "google.api.method_signature",
    1052: "google.api.field_behavior",
    1053: "google.api.resource",
    1055: "google.api.resource_reference",
    1071: "validate.rules",
    1042: "grpc.gateway openapiv2",
    1143: "gnostic.openapi.v3",
    1159: "buf.validate",
}
"""Custom options that are met everywhere, by their registered numbers."""


def _shown(value: object) -> str:
    if isinstance(value, Message):
        return text_format.MessageToString(value, as_one_line=True)[:200]
    return str(value)


def _unknown(options: Message) -> Iterator[tuple[int, bytes]]:
    """Custom options as a runtime keeps them that does not know them, joined by number."""
    known = {field.number for field, _ in options.ListFields()}
    together = _by_number(options.SerializeToString(deterministic=True), 0)
    yield from sorted((number, raw) for number, raw in together.items() if number not in known)


def canonical(raw: bytes, depth: int = 0) -> bytes:
    """Bytes of the wire format with the fields of each message in order of their numbers, and numbers packed:
    compilers, and versions of the file that declares an option, differ in both. What is no message stays as
    it is; text that happens to read as one is treated alike on both sides.
    """
    if depth > MAX_DEPTH:
        return raw
    try:
        fields = _by_number(raw, depth)
    except ValueError:
        return raw
    return b"".join(part for _, part in sorted(fields.items()))


def _by_number(raw: bytes, depth: int) -> dict[int, bytes]:
    """The fields of a message, each with its tag, those of one number together; ValueError if it is none."""
    numbers: dict[int, bytes] = {}
    texts: dict[int, bytes] = {}
    for number, kind, body in _fields(raw):
        if kind == _LENGTH:
            texts[number] = texts.get(number, b"") + _delimited(number, canonical(body, depth + 1))
        else:
            numbers[number] = numbers.get(number, b"") + body
    packed = {number: _delimited(number, canonical(body, depth + 1)) for number, body in numbers.items()}
    return {number: packed.get(number, b"") + texts.get(number, b"") for number in packed | texts}


_LENGTH = 2
"""The kind of fields that have a length in front: texts, messages, and numbers that are packed."""


def _fields(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The fields of a message: number, kind, and what stands behind tag and length; ValueError where it is
    none."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError
        body = at
        if kind == 0:
            _, at = _varint(raw, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind == _LENGTH:
            size, body = _varint(raw, at)
            at = body + size
        else:
            raise ValueError
        if at > len(raw):
            raise ValueError
        yield number, kind, raw[body:at]


def _delimited(number: int, body: bytes) -> bytes:
    return _written(number << 3 | _LENGTH) + _written(len(body)) + body


def _written(value: int) -> bytes:
    """A varint."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(raw) and shift < 64:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError
