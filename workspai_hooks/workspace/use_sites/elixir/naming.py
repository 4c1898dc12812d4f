"""What protobuf-elixir and grpc-elixir make of a contract's names.

The modules of a package can stand below a prefix that only the generator's options name (`package_prefix`),
so `Any.Prefix.Shop.Cart` is `shop.Cart` as well where the repository declares no such module.
"""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import Field, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value, given_by, taken_by
from workspai_hooks.workspace.use_sites.elixir.names import declared_name, module_of, underscore
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.projects import Projects
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    ClientOf,
    EnumOf,
    LibraryOf,
    ListOf,
    LocalModule,
    MessageOf,
    Method,
    ModuleOf,
    OneofOf,
    ServerOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
)

MANIFESTS = ("mix.exs",)
TEMPLATES = "template:"
"""How infer knows units that are templates."""
STREAM = LibraryOf("GRPC.Server.Stream")
OK = PLAIN
"""The tag of a result."""


class ElixirNaming:
    """The protocol `naming.Naming` for Elixir. `sources`: all files, for modules that they declare."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._generated = _modules_of(schema)
        self._projects = Projects("elixir", MANIFESTS, layout.paths, sources)
        self._fields = {m.name: _members_of(m) for m in schema.messages.values()}
        self._calls = {
            service.name: {
                underscore(rpc.name): _call_of(service.name, rpc) for rpc in service.methods.values()
            }
            for service in schema.services.values()
        }

    def unit(self, path: str, source: Source) -> str:
        """A project's modules hold in all of its files; a template is one that nothing names."""
        return f"{TEMPLATES}{path}" if source.language == "eex" else self._projects.unit(path)

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing that names of modules would not say themselves."""
        return ()

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """A module that the file names."""
        name = imported.path
        if name in self._generated:
            return (_generated(name, name),)
        unit = self._projects.declaring(declared_name(name), path)
        if unit is not None:
            return (Binding(name, LocalModule(unit), declared_name(name)),)
        shorter = self._without_prefix(name)
        return (Binding(name, LibraryOf(name)) if shorter is None else _generated(name, shorter),)

    def _without_prefix(self, name: str) -> str | None:
        """A generated module below a prefix: its package must be named, the type alone says too little."""
        parts = name.split(".")
        for count in range(1, len(parts) - 1):
            tail = ".".join(parts[count:])
            if tail in self._generated:
                return tail
        return None

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A generated module by its name inside of another."""
        return self._generated.get(f"{module.key.partition(':')[2]}.{name}".lstrip("."))

    def member(self, value: Value, name: str) -> Access | None:
        """A key of a message, or a function of a generated module."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name)
            case TypeOf(MessageOf(full)):
                return _of_module(full, name)
            case TypeOf(EnumOf(full)):
                return self._of_enum(full, name)
            case ClientOf(service):
                return self._calls.get(service, {}).get(name)
            case _:
                return None

    def _of_enum(self, full: str, name: str) -> Access | None:
        if name == "value":
            return Access(Method(PLAIN, names_fields_of=full))
        return Access(Method(EnumOf(full))) if name in ("key", "mapping") else None

    def argument(self, value: Value, name: str) -> Access | None:
        """A key of a struct that is made; a oneof is one key, its case stands in the value."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                return self._fields.get(full, {}).get(name)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """An atom: a field, a case of a oneof, or (for the name of an enum) a value."""
        enum = self._schema.enums.get(message)
        if enum is not None:
            return Access(EnumOf(message), (f"{message}.{text}",), "enum") if text in enum.values else None
        found = self._schema.messages.get(message)
        if found is not None and text in found.fields:
            return _field(found, found.fields[text])
        return self._fields.get(message, {}).get(text)

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A function of a server's module: (request, stream); streams of requests are enumerable."""
        service = self._schema.services.get(server.service)
        rpc = (
            next((r for r in service.methods.values() if underscore(r.name) == name), None)
            if service
            else None
        )
        if rpc is None:
            return None
        return Access(
            Method(given_by(rpc), (taken_by(rpc), STREAM)), (f"{server.service}/{rpc.name}",), "handler"
        )

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Fields and rpcs by the names that they have in Elixir."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (n, element) for table in tables for n, access in table.items() for element in access.touches
        )


def _generated(name: str, full: str) -> Binding:
    outer, _, inner = full.rpartition(".")
    return Binding(name, ModuleOf(f"elixir:{outer}"), inner)


def _modules_of(schema: Schema) -> dict[str, Access]:
    """Full module -> what it is."""
    found: dict[str, Access] = {}
    for full in schema.messages:
        found[module_of(full, schema.package_of(full))] = Access(TypeOf(MessageOf(full)), (full,), "type")
    for full in schema.enums:
        found[module_of(full, schema.package_of(full))] = Access(TypeOf(EnumOf(full)), (full,), "type")
    for full in schema.services:
        name = module_of(full, schema.package_of(full))
        found[f"{name}.Stub"] = Access(ClientOf(full), (full,), "type")
        found[f"{name}.Service"] = Access(TypeOf(ServerOf(full)), (full,), "type")
    return found


def _field(message: Message, field: Field) -> Access:
    return Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _members_of(message: Message) -> dict[str, Access]:
    """Keys of the struct: fields outside of oneofs, and oneofs."""
    found = {f.name: _field(message, f) for f in message.fields.values() if f.oneof is None}
    for oneof in message.oneofs:
        found[oneof] = Access(OneofOf(message.name, oneof), (f"{message.name}.{oneof}",), "oneof")
    return found


def _call_of(service: str, rpc: Rpc) -> Access:
    """`Stub.name(channel, request)` gives `{:ok, reply}`; of a stream `{:ok, enumerable of {:ok, reply}}`."""
    reply = TupleOf((OK, MessageOf(rpc.output)))
    result: Value = TupleOf((OK, ListOf(reply))) if rpc.server_streaming else reply
    if rpc.client_streaming:
        called = Method(StreamOf(result, MessageOf(rpc.input)), (PLAIN,))
    else:
        called = Method(result, (PLAIN, MessageOf(rpc.input)), escape="forwarded")
    return Access(called, (f"{service}/{rpc.name}",), "call")


def _of_module(full: str, name: str) -> Access | None:
    """`Cart.new(a: 1)`, `Cart.decode(bytes)`, `Cart.encode(cart)`."""
    if name in ("new", "new!", "__struct__"):
        return Access(TypeOf(MessageOf(full)))
    if name == "decode":
        return Access(Method(MessageOf(full)))
    if name == "from_json":
        return Access(Method(TupleOf((OK, MessageOf(full))), escape="json", escapes=full))
    if name in ("encode", "encode_to_iodata"):
        return Access(Method(escape="bytes", escapes=full))
    return Access(Method(UNKNOWN)) if name in ("schema", "descriptor", "full_name") else None
