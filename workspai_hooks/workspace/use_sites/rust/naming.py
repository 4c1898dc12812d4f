"""What prost and tonic make of a contract in Rust.

A ModuleOf is a package by its name, or one of the modules inside it: `in:<message>` (its nested types and
oneofs), `client:<service>`, `server:<service>`; `variants:<enum>` and `cases:<oneof>` are types whose
variants can be imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import Field, Kind, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value, given_by, taken_by
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.rust.modules import Module, Modules, unit_of
from workspai_hooks.workspace.use_sites.rust.names import MODULE, camel, snake, variant
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
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
    TypeOf,
    Value,
    WrapperOf,
)

Names = dict[str, Access]
REQUEST, RESPONSE = "tonic.Request", "tonic.Response"
MAKES_CLIENT = frozenset({"new", "connect", "with_interceptor", "with_origin"})
CLIENT_ITSELF = frozenset(
    {
        *("send_compressed", "accept_compressed", "max_decoding_message_size", "max_encoding_message_size"),
        *("clone", "ready", "to_owned"),
    }
)
ENCODERS = frozenset({"encode", "encode_to_vec", "encode_length_delimited", "encode_length_delimited_to_vec"})
DECODERS = frozenset({"decode", "decode_length_delimited", "default"})


class RustNaming:
    """The protocol `naming.Naming` for Rust. `sources`: all files, for their modules."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._symbols = _symbols_of(schema)
        self._packages = {file.package for file in schema.files.values()}
        self._fields = {message.name: _members_of(message) for message in schema.messages.values()}
        self._settable = {message.name: _settable(message) for message in schema.messages.values()}
        self._values = {enum.name: _variants_of(enum.name, enum.values) for enum in schema.enums.values()}
        self._calls = {
            service.name: {snake(rpc.name): _call_of(service.name, rpc) for rpc in service.methods.values()}
            for service in schema.services.values()
        }
        self._modules = Modules(schema, layout, sources, self._inside, self._has)

    def unit(self, path: str, source: Source) -> str:
        """Each module by itself."""
        return unit_of(path, source.package)

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """What paths start with."""
        here = unit_of(path, source.package)
        starts = {
            "self": LocalModule(here),
            "crate": self._modules.resolve(here, ["crate"], 1),
            "super": self._modules.resolve(here, ["super"], 1),
        }
        others = self._modules.crates().items()
        return tuple(Binding(f"{name}{MODULE}", module) for name, module in (*others, *starts.items()))

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """`use a::b::C as D;`, `use a::*;`, `mod x;`, what a macro includes."""
        module = self._modules.imported(path, imported)
        if imported.alias is not None:
            return _both(imported.alias, module)
        found = []
        for name, alias in imported.names:
            inner = None if name == "*" else self._modules.step(module, name)
            if name == "*":
                found.append(Binding("*", module))
            elif inner is None or isinstance(module, LibraryOf) or self._is_type(inner):
                found.append(Binding(alias, module, name, self._touched(module, name)))
            else:
                found.extend(_both(alias, inner, self._touched(module, name)))
        return tuple(found)

    def _touched(self, module: Module, name: str) -> tuple[str, ...]:
        """What an import names: without it, the import itself does not compile."""
        origin = self._modules.origin(module, name)
        access = None if origin is None else self.symbol(*origin)
        return () if access is None else access.touches

    def _has(self, module: ModuleOf, name: str) -> bool:
        return self.symbol(module, name) is not None

    def _is_type(self, module: Module) -> bool:
        """Whether a module is a type whose variants can be imported."""
        return isinstance(module, ModuleOf) and module.key.startswith(("variants:", "cases:"))

    def _inside(self, module: ModuleOf, name: str) -> ModuleOf | None:
        """A module of generated code in another one."""
        access = self.symbol(module, name)
        match access.value if access is not None else None:
            case ModuleOf() as inner:
                return inner
            case TypeOf(EnumOf(full)):
                return ModuleOf(f"variants:{full}")
            case TypeOf(OneofOf(message, oneof)):
                return ModuleOf(f"cases:{message}.{oneof}")
            case _:
                return None

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A type, or a module inside; a package also has the packages below it (prost's one file of all)."""
        kind, colon, full = module.key.partition(":")
        if not colon:
            found = self._symbols.get(module.key, {}).get(name)
            return self._below(module.key, name) if found is None else found
        if kind == "variants":
            return self._values.get(full, {}).get(name)
        if kind == "cases":
            return self._case(full, name)
        if kind == "in":
            return self._symbols.get(module.key, {}).get(name)
        short = _short(full)
        if kind == "client":
            return (
                Access(TypeOf(ClientOf(full)), (full,), "type") if name == f"{camel(short)}Client" else None
            )
        if name == camel(short):
            return Access(TypeOf(ServerOf(full)), (full,), "type")
        registers = Access(LibraryOf(f"server:{full}"), (full,), "type")
        return registers if name == f"{camel(short)}Server" else None

    def _below(self, package: str, name: str) -> Access | None:
        for known in sorted(self._packages):
            rest = known.removeprefix(f"{package}.") if package else known
            if rest != known or not package:
                first = rest.partition(".")[0]
                if first and snake(first) == name:
                    return Access(ModuleOf(f"{package}.{first}" if package else first))
        return None

    def _case(self, oneof: str, name: str) -> Access | None:
        """A variant of a oneof's enum."""
        message, _, word = oneof.rpartition(".")
        known = self._schema.messages.get(message)
        for field in known.fields.values() if known is not None else ():
            if field.oneof == word and camel(field.name) == name:
                value = TypeOf(WrapperOf(message, field.name))
                return Access(value, (f"{message}.{field.name}",), "field")
        return None

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind, and modules inside a module."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name) or _of_message(full, name)
            case TypeOf(MessageOf(full)):
                return _of_message(full, name)
            case WrapperOf(message, field) if name == "0":
                known = self._schema.messages.get(message)
                held = known.fields.get(field) if known is not None else None
                return None if held is None else Access(field_value(held))
            case TypeOf(EnumOf(full)):
                found = self._values.get(full, {}).get(name)
                return _of_enum(full, name) if found is None else found
            case TypeOf(OneofOf(message, oneof)):
                return self._case(f"{message}.{oneof}", name)
            case ClientOf(service):
                return self._calls.get(service, {}).get(name) or _of_client(value, name)
            case TypeOf(ClientOf() as client):
                return _of_client(client, name)
            case LibraryOf(path) if path.startswith("server:"):
                return self._of_server(path.removeprefix("server:"), name)
            case LocalModule() | ModuleOf():
                inner = self._modules.step(value, name)
                return None if inner is None or isinstance(inner, LibraryOf) else Access(inner)
            case _:
                return None

    def _of_server(self, service: str, name: str) -> Access | None:
        """`CartsServer::new(implementation)`."""
        if name in ("new", "from_arc", "with_interceptor"):
            return Access(Method(registers=service), (service,), "registration")
        return Access(Method())

    def argument(self, value: Value, name: str) -> Access | None:
        """A field in a struct literal."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                return self._settable.get(full, {}).get(name)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """Strings name fields in reflection only, by their proto names."""
        found = self._schema.messages.get(message)
        if found is None or text not in found.fields:
            return None
        return Access(field_value(found.fields[text]), (f"{message}.{text}",), "field")

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method of tonic's trait, or the type of its stream: without the rpc they do not compile."""
        service = self._schema.services.get(server.service)
        for rpc in service.methods.values() if service is not None else ():
            if name == snake(rpc.name) or (rpc.server_streaming and name == f"{camel(rpc.name)}Stream"):
                request = LibraryOf(REQUEST, (_flow(taken_by(rpc)),))
                given = LibraryOf(RESPONSE, (_flow(given_by(rpc)),))
                parameters = (request,) if name == snake(rpc.name) else ()
                return Access(Method(given, parameters), (f"{server.service}/{rpc.name}",), "handler")
        return None

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Members of messages and clients by the names that they have in Rust."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (name, element)
            for table in tables
            for name, access in table.items()
            for element in access.touches
        )


def _both(name: str, module: Module, touches: tuple[str, ...] = ()) -> tuple[Binding, ...]:
    """A module by its name, as others see it, and as paths begin with it."""
    return Binding(name, module, None, touches), Binding(f"{name}{MODULE}", module)


def _symbols_of(schema: Schema) -> dict[str, Names]:
    """ModuleOf's key -> its types and modules."""
    found: dict[str, Names] = {}
    for full in (*schema.messages, *schema.enums):
        owner, _, short = full.rpartition(".")
        key = f"in:{owner}" if owner in schema.messages else owner
        value: Value = MessageOf(full) if full in schema.messages else EnumOf(full)
        found.setdefault(key, {})[camel(short)] = Access(TypeOf(value), (full,), "type")
        if full in schema.messages:
            found[key].setdefault(snake(short), Access(ModuleOf(f"in:{full}")))
    for message in schema.messages.values():
        inside = found.setdefault(f"in:{message.name}", {})
        for oneof in message.oneofs:
            access = Access(TypeOf(OneofOf(message.name, oneof)), (f"{message.name}.{oneof}",), "oneof")
            inside.setdefault(camel(oneof), access)
            inside.setdefault(f"{camel(oneof)}OneOf", access)
    for service in schema.services:
        package, _, short = service.rpartition(".")
        own = found.setdefault(package, {})
        own[f"{snake(short)}_client"] = Access(ModuleOf(f"client:{service}"), (service,), "type")
        own[f"{snake(short)}_server"] = Access(ModuleOf(f"server:{service}"), (service,), "type")
    return found


def _members_of(message: Message) -> Names:
    found: Names = {}
    for field, access in _accesses(message):
        name = snake(field.name)
        if field.oneof is None:
            found[name] = access
        if field.kind is Kind.ENUM and field.oneof is None:
            for before in ("set_", "push_", "insert_", "get_"):
                found.setdefault(f"{before}{name.rstrip('_')}", Access(Method(), access.touches))
    for oneof in message.oneofs:
        found[snake(oneof)] = _oneof(message, oneof)
    return found


def _settable(message: Message) -> Names:
    found = {snake(field.name): access for field, access in _accesses(message) if field.oneof is None}
    return {**found, **{snake(oneof): _oneof(message, oneof) for oneof in message.oneofs}}


def _oneof(message: Message, oneof: str) -> Access:
    return Access(OneofOf(message.name, oneof), (f"{message.name}.{oneof}",), "oneof")


def _accesses(message: Message) -> Iterator[tuple[Field, Access]]:
    for field in message.fields.values():
        yield field, Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _variants_of(enum: str, values: Mapping[str, object]) -> Names:
    """Without the enum's name before them; with it where the build says so."""
    found: Names = {}
    for value in values:
        access = Access(EnumOf(enum), (f"{enum}.{value}",), "enum")
        found.setdefault(camel(value), access)
        found[variant(_short(enum), value)] = access
    return found


def _flow(value: Value) -> Value:
    """A stream is no vector."""
    return ListOf(value.item, indexed=False) if isinstance(value, ListOf) else value


def _call_of(service: str, rpc: Rpc) -> Access:
    """A call takes a message, or a request around it, and gives a response around what the rpc gives."""
    given = LibraryOf(RESPONSE, (_flow(given_by(rpc)),))
    call = Method(given, (_flow(taken_by(rpc)),), escape="forwarded")
    return Access(call, (f"{service}/{rpc.name}",), "call")


def _of_client(client: ClientOf, name: str) -> Access | None:
    return Access(Method(client)) if name in MAKES_CLIENT or name in CLIENT_ITSELF else None


def _of_message(full: str, name: str) -> Access | None:
    """What every message can do, by itself or by its type."""
    if name in ENCODERS:
        return Access(Method(escape="bytes", escapes=full))
    if name in DECODERS:
        return Access(Method(MessageOf(full)))
    return Access(Method()) if name in ("encoded_len", "clear", "eq", "ne", "fmt", "merge") else None


def _of_enum(full: str, name: str) -> Access | None:
    if name in ("try_from", "from_i32", "from_str_name", "default", "from"):
        return Access(Method(EnumOf(full)))
    return Access(Method()) if name in ("is_valid", "as_str_name") else None


def _short(full: str) -> str:
    return full.rsplit(".", 1)[-1]
