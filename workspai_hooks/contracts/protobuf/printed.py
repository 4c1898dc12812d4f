"""A descriptor as .proto text, for a compiler that takes no descriptors.

It serves files that others import: what they declare is all there, as types and as extensions. What only
their own code would look at (comments, defaults, custom options, reserved names) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf import descriptor_pb2 as pb

_Field = pb.FieldDescriptorProto
_LABELS = {_Field.LABEL_REPEATED: "repeated ", _Field.LABEL_REQUIRED: "required "}
_EDITIONS = {pb.EDITION_2023: "2023", pb.EDITION_2024: "2024"}
_MOST_DEPTH = 64
_MAX_NUMBER = 536870912
"""One above the largest number of a field, which is written as `max`."""


def printed(file: pb.FileDescriptorProto) -> bytes | None:
    """The text; None for a file that is nested more deeply than anybody writes it."""
    try:
        return ("\n".join(_Printer(file).lines()) + "\n").encode("utf-8", "surrogatepass")
    except _TooDeepError:
        return None


class _TooDeepError(Exception):
    pass


class _Printer:
    def __init__(self, file: pb.FileDescriptorProto) -> None:
        self._file = file
        self._is_proto2 = file.syntax in ("", "proto2")

    def lines(self) -> Iterator[str]:
        file = self._file
        if file.syntax == "editions":
            yield f'edition = "{_EDITIONS.get(file.edition, "2023")}";'
        else:
            yield f'syntax = "{file.syntax or "proto2"}";'
        if file.package:
            yield f"package {file.package};"
        for number, name in enumerate(file.dependency):
            public = "public " if number in file.public_dependency else ""
            yield f"import {public}{_quoted(name)};"
        yield from _features(file.options)
        for enum in file.enum_type:
            yield from _enum(enum)
        for message in file.message_type:
            yield from self._message(message, 0)
        yield from self._extensions(file.extension, ())
        for service in file.service:
            yield f"service {service.name} {{"
            for method in service.method:
                taken, given = (
                    ("stream " if streams else "") + name
                    for streams, name in (
                        (method.client_streaming, method.input_type),
                        (method.server_streaming, method.output_type),
                    )
                )
                yield f"rpc {method.name}({taken}) returns ({given});"
            yield "}"

    def _message(self, message: pb.DescriptorProto, depth: int) -> Iterator[str]:
        yield f"message {message.name} {{"
        yield from self._body(message, depth)
        yield "}"

    def _body(self, message: pb.DescriptorProto, depth: int) -> Iterator[str]:
        if depth > _MOST_DEPTH:
            raise _TooDeepError
        if message.options.message_set_wire_format:
            yield "option message_set_wire_format = true;"
        yield from _features(message.options)
        groups = {one.type_name.rpartition(".")[2] for one in message.field if one.type == _Field.TYPE_GROUP}
        groups |= {
            one.type_name.rpartition(".")[2] for one in message.extension if one.type == _Field.TYPE_GROUP
        }
        maps = {one.name: one for one in message.nested_type if one.options.map_entry}
        for enum in message.enum_type:
            yield from _enum(enum)
        for nested in message.nested_type:
            if nested.name not in maps and nested.name not in groups:
                yield from self._message(nested, depth + 1)
        yield from self._fields(message, maps, depth)
        for span in message.extension_range:
            last = "max" if span.end >= _MAX_NUMBER else str(span.end - 1)
            yield f"extensions {span.start} to {last};"
        yield from self._extensions(message.extension, message.nested_type, depth)

    def _fields(
        self, message: pb.DescriptorProto, maps: dict[str, pb.DescriptorProto], depth: int
    ) -> Iterator[str]:
        synthetic = {one.oneof_index for one in message.field if one.proto3_optional}
        for number, oneof in enumerate(message.oneof_decl):
            inside = [
                one for one in message.field if one.HasField("oneof_index") and one.oneof_index == number
            ]
            if number not in synthetic and inside:
                yield f"oneof {oneof.name} {{"
                for field in inside:
                    yield from self._field(field, message.nested_type, depth, label="")
                yield "}"
        for field in message.field:
            entry = (
                maps.get(field.type_name.rpartition(".")[2]) if field.type == _Field.TYPE_MESSAGE else None
            )
            if entry is not None and field.label == _Field.LABEL_REPEATED:
                key, value = (_type(one) for one in sorted(entry.field, key=lambda one: one.number)[:2])
                yield f"map<{key}, {value}> {field.name} = {field.number};"
            elif not field.HasField("oneof_index") or field.proto3_optional:
                yield from self._field(field, message.nested_type, depth)

    def _field(
        self,
        field: pb.FieldDescriptorProto,
        nested: Iterable[pb.DescriptorProto],
        depth: int,
        label: str | None = None,
    ) -> Iterator[str]:
        if label is None:
            label = _LABELS.get(field.label, "optional " if self._is_proto2 or field.proto3_optional else "")
        name = field.type_name.rpartition(".")[2]
        group = next((one for one in nested if one.name == name), None)
        if field.type == _Field.TYPE_GROUP and group is not None and self._is_proto2:
            yield f"{label}group {name} = {field.number} {{"
            yield from self._body(group, depth + 1)
            yield "}"
            return
        told = ", ".join(f"features.{key} = {value}" for key, value in _chosen(field.options))
        yield f"{label}{_type(field)} {field.name} = {field.number}{f' [{told}]' if told else ''};"

    def _extensions(
        self, fields: Iterable[pb.FieldDescriptorProto], nested: Iterable[pb.DescriptorProto], depth: int = 0
    ) -> Iterator[str]:
        for field in fields:
            yield f"extend {field.extendee} {{"
            yield from self._field(field, nested, depth)
            yield "}"


def _type(field: pb.FieldDescriptorProto) -> str:
    if field.type_name:
        return field.type_name
    return str(_Field.Type.Name(field.type)).removeprefix("TYPE_").lower()


def _enum(enum: pb.EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    if enum.options.allow_alias:
        yield "option allow_alias = true;"
    yield from _features(enum.options)
    for value in enum.value:
        yield f"{value.name} = {value.number};"
    yield "}"


_Options = pb.FileOptions | pb.MessageOptions | pb.EnumOptions | pb.FieldOptions


def _features(options: _Options) -> Iterator[str]:
    for key, value in _chosen(options):
        yield f"option features.{key} = {value};"


def _chosen(options: _Options) -> Iterator[tuple[str, str]]:
    """What an edition's file chooses, for the compiler to read it alike."""
    if options.HasField("features"):
        for field, value in options.features.ListFields():
            if field.enum_type is not None and not field.is_extension:
                yield field.name, field.enum_type.values_by_number[value].name


def _quoted(name: str) -> str:
    plain = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'
