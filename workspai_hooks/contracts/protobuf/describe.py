"""Reads what an image declares: descriptors to `Schema`, and where each declaration stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf.schema import (
    EnumType,
    Field,
    File,
    Kind,
    Message,
    Method,
    Schema,
    Service,
)
from workspai_hooks.contracts.protobuf.serialized import files_of, name_of, no_image, repository_path
from workspai_hooks.source import Location
from workspai_hooks.store import Store

_Path = tuple[int, ...]
REQUEST_ID = "request_id"
"""The field by which a server tells a second try from another request (AIP-155)."""
_FILE, _MESSAGE = pb.FileDescriptorProto, pb.DescriptorProto
_TYPE = pb.FieldDescriptorProto.Type


class Span(msgspec.Struct, frozen=True):
    """From where to where a message, enum or service stands in its file; ends are exclusive."""

    name: str
    start: tuple[int, int]
    end: tuple[int, int]


class Reserved(msgspec.Struct):
    """What a message or enum reserves: names, and numbers from and to (both included), with their places."""

    names: dict[str, Location] = msgspec.field(default_factory=dict)
    numbers: list[tuple[int, int, Location]] = msgspec.field(default_factory=list)


class Described(msgspec.Struct):
    """What files declare, the spans of their declarations and the place of their package, by path."""

    files: dict[str, File] = msgspec.field(default_factory=dict)
    messages: dict[str, Message] = msgspec.field(default_factory=dict)
    enums: dict[str, EnumType] = msgspec.field(default_factory=dict)
    services: dict[str, Service] = msgspec.field(default_factory=dict)
    extensions: dict[str, Location] = msgspec.field(default_factory=dict)
    map_entries: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """The message that protobuf makes of a map field: its full name -> (message, field)."""
    spans: dict[str, list[Span]] = msgspec.field(default_factory=dict)
    packages: dict[str, Location] = msgspec.field(default_factory=dict)
    deprecated: dict[str, Location] = msgspec.field(default_factory=dict)
    """Elements that are marked deprecated, `file:<path>` among them."""
    reserved: dict[str, Reserved] = msgspec.field(default_factory=dict)
    """By message or enum, where it reserves anything."""
    offers: dict[str, bytes] = msgspec.field(default_factory=dict)
    """Of files with services: all that anybody can know of their rpcs, but for the lines (`_offered`)."""

    @property
    def schema(self) -> Schema:
        return Schema(self.files, self.messages, self.enums, self.services)

    def around(self, path: str, line: int, column: int) -> list[str]:
        """The full names of the declarations around a place, the innermost first."""
        at = (line, column)
        spans = [span for span in self.spans.get(path, []) if span.start <= at < span.end]
        return [span.name for span in sorted(spans, key=lambda span: span.start, reverse=True)]


Visit = Callable[[str, pb.FileDescriptorProto], None] | None
"""Gets path and descriptor of each file that is described."""


def describe(
    image: bytes,
    targets: Iterable[str],
    import_path: Callable[[str], str],
    visit: Visit = None,
    store: Store | None = None,
) -> Described:
    """What the `targets` (repository paths) among an image's files declare; `UndecidedError` for nonsense.
    With a `store` what was read of a file is kept."""
    wanted = set(targets)
    described = Described()
    try:
        files = {path: data for data in files_of(image) if (path := repository_path(name_of(data))) in wanted}
        for one in _of_each({path: (data, import_path(path)) for path, data in files.items()}, store):
            _add(described, one)
        if visit is not None:
            for path, data in files.items():
                visit(path, pb.FileDescriptorProto.FromString(data))
    except (DecodeError, LookupError, ValueError) as error:
        raise no_image() from error
    return described


_MOST_KEPT = 500
"""Files that are looked up one by one; an image of more is read."""
_RECENT: dict[bytes, Described] = {}
"""Files that were read last: a run asks for them twice, and both sides of a change have most of them."""


def _of_each(files: Mapping[str, tuple[bytes, str]], store: Store | None) -> list[Described]:
    """What each file declares, by path its descriptor and the path that it is imported by."""

    def read(paths: Iterable[str]) -> dict[str, Described]:
        return {path: _described(files[path][0], path, files[path][1]) for path in paths}

    if store is None or len(files) > _MOST_KEPT:
        return list(read(files).values())
    keys = {path: Store.key(path, *given) for path, given in files.items()}
    known = {path: _RECENT[key] for path, key in keys.items() if key in _RECENT}
    missing = {path: key for path, key in keys.items() if path not in known}
    known |= store.each("described file", missing, Described, read)
    if len(_RECENT) + len(missing) > _MOST_KEPT:
        _RECENT.clear()
    _RECENT.update({key: known[path] for path, key in keys.items()})
    return [known[path] for path in files]


def _described(data: bytes, path: str, import_path: str) -> Described:
    """One file of an image alone."""
    described = Described()
    _Reader(pb.FileDescriptorProto.FromString(data), path, described).read(import_path)
    return described


def _add(described: Described, more: Described) -> None:
    for name in Described.__struct_fields__:
        getattr(described, name).update(getattr(more, name))


def _offered(file: pb.FileDescriptorProto) -> bytes:
    """Package, options and services of a file, and what its requests tell tries by: equal for files whose
    policies are the same (resilience/sources/protobuf.py reads no more)."""
    asked = {rpc.input_type for service in file.service for rpc in service.method}
    prefix = f".{file.package}." if file.package else "."
    told = pb.FileDescriptorProto(package=file.package, service=file.service, options=file.options)
    for message in file.message_type:
        if prefix + message.name in asked:
            ids = [field for field in message.field if field.name == REQUEST_ID]
            told.message_type.append(pb.DescriptorProto(name=message.name, field=ids))
    return told.SerializeToString(deterministic=True)


class _Reader:
    """Reads one file into `described`; `_at` turns a descriptor's path into a place."""

    def __init__(self, file: pb.FileDescriptorProto, path: str, described: Described) -> None:
        self.file, self.path, self.into = file, path, described
        self.lines: dict[_Path, Sequence[int]] = {}
        for location in file.source_code_info.location:
            self.lines.setdefault(tuple(location.path), location.span)
        self.prefix = f"{file.package}." if file.package else ""

    def read(self, import_path: str) -> None:
        file = self.file
        imports = tuple(repository_path(name) for name in file.dependency)
        self.into.files[self.path] = File(self.path, import_path, file.package, imports, _options(file))
        if file.package:
            self.into.packages[self.path] = self._at((_FILE.PACKAGE_FIELD_NUMBER,))
        if file.options.deprecated:
            option = (_FILE.OPTIONS_FIELD_NUMBER, pb.FileOptions.DEPRECATED_FIELD_NUMBER)
            self.into.deprecated[f"file:{self.path}"] = self._at(option)
        for index, message in enumerate(file.message_type):
            self._message(message, self.prefix, (_FILE.MESSAGE_TYPE_FIELD_NUMBER, index))
        for index, enum in enumerate(file.enum_type):
            self._enum(enum, self.prefix, (_FILE.ENUM_TYPE_FIELD_NUMBER, index))
        if file.service:
            self.into.offers[self.path] = _offered(file)
        for index, service in enumerate(file.service):
            self._service(service, (_FILE.SERVICE_FIELD_NUMBER, index))
        for index, extension in enumerate(file.extension):
            self.into.extensions[self.prefix + extension.name] = self._at(
                (_FILE.EXTENSION_FIELD_NUMBER, index)
            )

    def _message(self, message: pb.DescriptorProto, prefix: str, path: _Path) -> None:
        name = prefix + message.name
        maps = {
            f".{name}.{nested.name}": nested for nested in message.nested_type if nested.options.map_entry
        }
        fields = {
            item.name: self._field(message, item, (*path, _MESSAGE.FIELD_FIELD_NUMBER, index), maps)
            for index, item in enumerate(message.field)
        }
        synthetic = {item.oneof_index for item in message.field if item.proto3_optional}
        oneofs = {
            oneof.name: self._at((*path, _MESSAGE.ONEOF_DECL_FIELD_NUMBER, index))
            for index, oneof in enumerate(message.oneof_decl)
            if index not in synthetic
        }
        self.into.messages[name] = Message(name, self.path, self._declare(name, path), fields, oneofs)
        self._deprecates(name, message.options.deprecated, self._at(path))
        for item in message.field:
            self._deprecates(f"{name}.{item.name}", item.options.deprecated, fields[item.name].location)
        self._reserves(name, path, message, 1)
        for index, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                self._message(nested, name + ".", (*path, _MESSAGE.NESTED_TYPE_FIELD_NUMBER, index))
        for index, enum in enumerate(message.enum_type):
            self._enum(enum, name + ".", (*path, _MESSAGE.ENUM_TYPE_FIELD_NUMBER, index))
        for index, extension in enumerate(message.extension):
            self.into.extensions[f"{name}.{extension.name}"] = self._at(
                (*path, _MESSAGE.EXTENSION_FIELD_NUMBER, index)
            )

    def _field(
        self,
        message: pb.DescriptorProto,
        item: pb.FieldDescriptorProto,
        path: _Path,
        maps: Mapping[str, pb.DescriptorProto],
    ) -> Field:
        entry = maps.get(item.type_name)
        if entry:
            self._map_entry(item.type_name[1:], item.name, path)
        held = entry.field[1] if entry else item
        kind, type_name = _type(held)
        in_oneof = item.HasField("oneof_index") and not item.proto3_optional
        return Field(
            item.name,
            item.number,
            kind,
            type_name,
            self._at(path),
            repeated=entry is None and item.label == item.LABEL_REPEATED,
            map_key=_type(entry.field[0])[1] if entry else None,
            oneof=message.oneof_decl[item.oneof_index].name if in_oneof else None,
            optional=item.proto3_optional
            or (self.file.syntax in ("", "proto2") and item.label == item.LABEL_OPTIONAL and not in_oneof),
            json_name=item.json_name,
        )

    def _map_entry(self, name: str, field_name: str, path: _Path) -> None:
        """It has no place of its own; buf reports it at its field."""
        self.into.map_entries[name] = name.rpartition(".")[0], field_name
        self._declare(name, path)

    def _enum(self, enum: pb.EnumDescriptorProto, prefix: str, path: _Path) -> None:
        name = prefix + enum.name
        number = pb.EnumDescriptorProto.VALUE_FIELD_NUMBER
        values = {
            value.name: (value.number, self._at((*path, number, index)))
            for index, value in enumerate(enum.value)
        }
        self.into.enums[name] = EnumType(name, self.path, self._declare(name, path), values)
        self._deprecates(name, enum.options.deprecated, self._at(path))
        for value in enum.value:
            self._deprecates(f"{name}.{value.name}", value.options.deprecated, values[value.name][1])
        self._reserves(name, path, enum, 0)

    def _deprecates(self, element: str, deprecated: bool, location: Location) -> None:
        if deprecated:
            self.into.deprecated[element] = location

    def _reserves(
        self, name: str, path: _Path, kind: pb.DescriptorProto | pb.EnumDescriptorProto, excluded: int
    ) -> None:
        """`excluded` is how far the end of a range lies beyond its last number."""
        names, ranges = kind.RESERVED_NAME_FIELD_NUMBER, kind.RESERVED_RANGE_FIELD_NUMBER
        numbers = [(one.start, one.end - excluded) for one in kind.reserved_range]
        if kind.reserved_name or numbers:
            self.into.reserved[name] = Reserved(
                {word: self._at((*path, names, index)) for index, word in enumerate(kind.reserved_name)},
                [(*pair, self._at((*path, ranges, index))) for index, pair in enumerate(numbers)],
            )

    def _service(self, service: pb.ServiceDescriptorProto, path: _Path) -> None:
        name = self.prefix + service.name
        number = pb.ServiceDescriptorProto.METHOD_FIELD_NUMBER
        methods = {
            method.name: Method(
                method.name,
                method.input_type.lstrip("."),
                method.output_type.lstrip("."),
                method.client_streaming,
                method.server_streaming,
                self._at((*path, number, index)),
            )
            for index, method in enumerate(service.method)
        }
        self.into.services[name] = Service(name, self.path, self._declare(name, path), methods)
        self._deprecates(name, service.options.deprecated, self._at(path))
        for method in service.method:
            self._deprecates(
                f"{name}/{method.name}", method.options.deprecated, methods[method.name].location
            )

    def _declare(self, name: str, path: _Path) -> Location:
        span = self.lines.get(path)
        if span:
            start = (span[0] + 1, span[1] + 1)
            end = (span[-2] + 1 if len(span) == 4 else start[0], span[-1] + 1)
            self.into.spans.setdefault(self.path, []).append(Span(name, start, end))
        return self._at(path)

    def _at(self, path: _Path) -> Location:
        span = self.lines.get(path)
        return Location(self.path, span[0] + 1, span[1] + 1) if span else Location(self.path)


def _type(item: pb.FieldDescriptorProto) -> tuple[Kind, str]:
    if item.type == item.TYPE_ENUM:
        return Kind.ENUM, item.type_name.lstrip(".")
    if item.type in (item.TYPE_MESSAGE, item.TYPE_GROUP):
        return Kind.MESSAGE, item.type_name.lstrip(".")
    return Kind.SCALAR, _TYPE.Name(item.type).removeprefix("TYPE_").lower()


def _options(file: pb.FileDescriptorProto) -> dict[str, str]:
    """File options that are set and plain, as they would be written."""
    values = {}
    for descriptor, value in file.options.ListFields():
        if isinstance(value, bool):
            values[descriptor.name] = str(value).lower()
        elif isinstance(value, str) and not descriptor.is_extension:
            values[descriptor.name] = value
    return values
