"""What protobuf contracts declare, by full name: messages, enums and services of any number of files.

Full names have no leading dot: `hipster.v1.Cart`, `hipster.v1.Outer.Inner`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cached_property

import msgspec

from workspai_hooks.source import Location


class Kind(StrEnum):
    """What a field holds."""

    SCALAR = "scalar"
    MESSAGE = "message"
    ENUM = "enum"


class Field(msgspec.Struct, frozen=True):
    """A field. `type` is a scalar's proto name (`int32`) or the full name of a message or enum.

    A map has `repeated` false and `map_key` set to the key's scalar name; `kind` and `type` are its value's.
    `oneof` is the name of a declared oneof (not the synthetic one of a proto3 optional).
    """

    name: str
    number: int
    kind: Kind
    type: str
    location: Location
    repeated: bool = False
    map_key: str | None = None
    oneof: str | None = None
    optional: bool = False
    json_name: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message; map entries are not listed as messages."""

    name: str
    file: str
    location: Location
    fields: Mapping[str, Field]
    oneofs: Mapping[str, Location]


class EnumType(msgspec.Struct, frozen=True):
    """An enum: value name -> (number, where it stands)."""

    name: str
    file: str
    location: Location
    values: Mapping[str, tuple[int, Location]]


class Method(msgspec.Struct, frozen=True):
    """An rpc; `input` and `output` are full names of messages."""

    name: str
    input: str
    output: str
    client_streaming: bool
    server_streaming: bool
    location: Location


class Service(msgspec.Struct, frozen=True):
    """A service and its rpcs by name."""

    name: str
    file: str
    location: Location
    methods: Mapping[str, Method]


class File(msgspec.Struct, frozen=True):
    """A .proto file. `path` is relative to the repository's top, `import_path` as other protos import it.

    `options` are the file options that decide generated names, by their proto names: `go_package`,
    `csharp_namespace`, `java_package`, `java_outer_classname`, `java_multiple_files` ("true"), …
    """

    path: str
    import_path: str
    package: str
    imports: tuple[str, ...]
    options: Mapping[str, str]


class Schema(msgspec.Struct, frozen=True, dict=True):
    """Everything that a set of contract files declares."""

    files: Mapping[str, File]
    """By path in the repository. Where copies declare one name, the name below belongs to one of them."""
    messages: Mapping[str, Message]
    enums: Mapping[str, EnumType]
    services: Mapping[str, Service]

    def overlaid(self, other: Schema) -> Schema:
        """Both schemas in one; where a name is in both, `self` wins, field by field and rpc by rpc."""
        messages = dict(other.messages)
        for name, message in self.messages.items():
            there = other.messages.get(name)
            messages[name] = (
                message
                if there is None
                else Message(
                    message.name,
                    message.file,
                    message.location,
                    {**there.fields, **message.fields},
                    {**there.oneofs, **message.oneofs},
                )
            )
        enums = dict(other.enums)
        for name, enum in self.enums.items():
            before = other.enums.get(name)
            values = enum.values if before is None else {**before.values, **enum.values}
            enums[name] = EnumType(enum.name, enum.file, enum.location, values)
        services = dict(other.services)
        for name, service in self.services.items():
            known = other.services.get(name)
            methods = service.methods if known is None else {**known.methods, **service.methods}
            services[name] = Service(service.name, service.file, service.location, methods)
        return Schema({**other.files, **self.files}, messages, enums, services)

    def without(self, files: Collection[str]) -> Schema:
        """What other files than these declare."""
        return Schema(
            {path: file for path, file in self.files.items() if path not in files},
            {name: one for name, one in self.messages.items() if one.file not in files},
            {name: one for name, one in self.enums.items() if one.file not in files},
            {name: one for name, one in self.services.items() if one.file not in files},
        )

    @cached_property
    def ways(self) -> frozenset[str]:
        """What code gets from one thing to another by: rpcs, and fields that are messages."""
        fields = (
            f"{name}.{field.name} {field.type}"
            for name, message in self.messages.items()
            for field in message.fields.values()
            if field.kind is Kind.MESSAGE
        )
        rpcs = (f"{name}/{rpc}" for name, service in self.services.items() for rpc in service.methods)
        return frozenset((*fields, *rpcs))

    def is_declared_by(self, other: Schema) -> bool:
        """Whether every name of this schema stands for the same declaration in another one: of the same file,
        not of a copy."""
        return (
            self.messages.items() <= other.messages.items()
            and self.enums.items() <= other.enums.items()
            and self.services.items() <= other.services.items()
        )

    def package_of(self, name: str) -> str:
        """The package that a message, enum or service is declared in; empty where unknown."""
        declared = self.messages.get(name) or self.enums.get(name) or self.services.get(name)
        file = self.files.get(declared.file) if declared else None
        return file.package if file else ""


EMPTY = Schema({}, {}, {}, {})
