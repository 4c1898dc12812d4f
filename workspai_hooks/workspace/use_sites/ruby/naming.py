"""What google-protobuf and grpc make of a contract's names in Ruby."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import Field, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value, given_by, taken_by
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.projects import Projects
from workspai_hooks.workspace.use_sites.ruby.constants import Constants
from workspai_hooks.workspace.use_sites.ruby.names import camel, constant, module_of, rpc_method
from workspai_hooks.workspace.use_sites.ruby.requires import required
from workspai_hooks.workspace.use_sites.syntax import Import, Source
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
    ServerOf,
    StreamOf,
    TypeOf,
    Value,
)

MANIFESTS = ("Gemfile", "gems.rb", "config.ru")
TEMPLATES = "template:"
"""How infer knows units that are templates."""
CALL = LibraryOf("GRPC::ActiveCall")

ENCODERS = {
    "to_proto": "bytes",
    "to_json": "json",
    "each": "reflection",
    "each_pair": "reflection",
    "map": "reflection",
    "keys": "reflection",
    "values": "reflection",
    "merge": "reflection",
    "transform_values": "reflection",
    "instance_variables": "reflection",
}
"""Methods of a message, or of the hash that `to_h` makes of it, through which any field may go."""
SAME = frozenset({"dup", "clone", "deep_dup", "freeze", "to_h", "itself", "execute", "tap", "presence"})
"""Give the message, a copy of it, or a hash that has its fields as keys."""
QUIET = frozenset({"hash", "inspect", "to_s", "nil?", "eql?", "frozen?", "object_id", "is_a?", "kind_of?"})
DECODING = frozenset({"decode", "decode_json"})
ENCODING = {"encode": "bytes", "encode_json": "json"}


class RubyNaming:
    """The protocol `naming.Naming` for Ruby. `sources`: all files, for constants that they declare."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._generated = _constants_of(schema)
        self._projects = Projects("ruby", MANIFESTS, layout.paths, sources)
        self._constants = Constants(self._generated, self._projects, sources)
        self._fields = {m.name: _members_of(m) for m in schema.messages.values()}
        self._calls = {
            service.name: {
                rpc_method(rpc.name): _call_of(service.name, rpc) for rpc in service.methods.values()
            }
            for service in schema.services.values()
        }

    def unit(self, path: str, source: Source) -> str:
        """A project's names hold in all of its files; a template is one that nothing names."""
        return f"{TEMPLATES}{path}" if source.language == "erb" else self._projects.unit(path)

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing that constants would not say themselves."""
        return ()

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """A constant that the file names, or generated code that it requires."""
        if ">" in imported.path:
            return (self._constants.binding(imported.path, path),)
        files = required(imported.path, path, self._schema.files)
        if not files:
            return (Binding(imported.path, LibraryOf(imported.path)),)
        return (Binding(imported.path, ModuleOf("ruby"), None, tuple(f"file:{each}" for each in files)),)

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A generated constant by its name inside of another; a class that is opened again, by its own."""
        inside = module.key.partition(":")[2]
        return self._generated.get(f"{inside}::{name}" if inside else name) or self._generated.get(name)

    def member(self, value: Value, name: str) -> Access | None:
        """A method of anything that the contract is behind."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name) or _method(full, name)
            case TypeOf(MessageOf(full)):
                return _of_class(full, name)
            case TypeOf(EnumOf(full)):
                return self._of_enum(full, name)
            case ClientOf(service):
                return self._calls.get(service, {}).get(name)
            case TypeOf(ServerOf(service)) if name == "rpc_stub_class":
                return Access(TypeOf(ClientOf(service)))
            case StreamOf(receives):
                return _of_stream(receives, name)
            case _:
                return None

    def _of_enum(self, full: str, name: str) -> Access | None:
        """`Color.resolve(:RED)`, `Color.lookup(1)`, `Color.const_get(:RED)`."""
        if name in ("resolve", "const_get"):
            return Access(Method(EnumOf(full), names_fields_of=full))
        return Access(Method(EnumOf(full))) if name == "lookup" else None

    def argument(self, value: Value, name: str) -> Access | None:
        """A key in what a message is made of."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                message = self._schema.messages.get(full)
                field = None if message is None else message.fields.get(name)
                return None if message is None or field is None else _field(message, field)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """A symbol or string: a field, a oneof, or (for the name of an enum) a value."""
        enum = self._schema.enums.get(message)
        if enum is not None:
            return Access(EnumOf(message), (f"{message}.{text}",), "enum") if text in enum.values else None
        found = self._schema.messages.get(message)
        if found is None:
            return None
        if text in found.fields:
            return _field(found, found.fields[text])
        return self._fields[message].get(text) if text in found.oneofs else None

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method of a service's class. Streams of requests are read from the call, or are a list."""
        service = self._schema.services.get(server.service)
        rpc = (
            next((r for r in service.methods.values() if rpc_method(r.name) == name), None)
            if service
            else None
        )
        if rpc is None:
            return None
        if not rpc.client_streaming:
            parameters: tuple[Value, ...] = (MessageOf(rpc.input), CALL)
        elif rpc.server_streaming:
            parameters = (taken_by(rpc), CALL)
        else:
            parameters = (StreamOf(MessageOf(rpc.input), PLAIN),)
        return Access(Method(given_by(rpc), parameters), (f"{server.service}/{rpc.name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Fields and rpcs by the names that they have in Ruby."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (n, element) for table in tables for n, access in table.items() for element in access.touches
        )


def _constants_of(schema: Schema) -> dict[str, Access]:
    """Full constant -> what it is: types, values of enums, and the classes of a service."""
    found: dict[str, Access] = {}
    files = {file.package: [] for file in schema.files.values()}  # type: dict[str, list[str]]
    for file in schema.files.values():
        files[file.package].append(module_of(file))
    for kind, value in ((schema.messages, MessageOf), (schema.enums, EnumOf)):
        for full in kind:
            for name in _paths(schema, full, files):
                found[name] = Access(TypeOf(value(full)), (full,), "type")
    for enum in schema.enums.values():
        for name in _paths(schema, enum.name, files):
            for word in enum.values:
                touches = (f"{enum.name}.{word}", enum.name)
                found[f"{name}::{constant(word)}"] = Access(EnumOf(enum.name), touches, "enum")
    for service in schema.services:
        package = schema.package_of(service)
        for module in files.get(package, ()):
            name = "::".join(filter(None, (module, camel(service.rsplit(".", 1)[-1]))))
            found[f"{name}::Stub"] = Access(TypeOf(ClientOf(service)), (service,), "type")
            found[f"{name}::Service"] = Access(TypeOf(ServerOf(service)), (service,), "type")
    return found


def _paths(schema: Schema, full: str, modules: Mapping[str, list[str]]) -> Iterator[str]:
    """The constants of a type: messages are modules of what is nested in them."""
    package = _package_of(full, schema)
    inner = full[len(package) + 1 :] if package else full
    words = "::".join(constant(word) for word in inner.split("."))
    for module in sorted(set(modules.get(package, ()))):
        yield f"{module}::{words}" if module else words


def _package_of(full: str, schema: Schema) -> str:
    return schema.package_of(full)


def _field(message: Message, field: Field) -> Access:
    return Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _members_of(message: Message) -> dict[str, Access]:
    found = {}
    for field in message.fields.values():
        access = _field(message, field)
        found[field.name] = access
        found[f"has_{field.name}?"] = found[f"clear_{field.name}"] = Access(Method(), access.touches)
        found[f"{field.name}_const"] = found[f"{field.name}_as_value"] = access
    for oneof in message.oneofs:
        touches = (f"{message.name}.{oneof}",)
        found[oneof] = Access(OneofOf(message.name, oneof), touches, "oneof")
        found[f"has_{oneof}?"] = found[f"clear_{oneof}"] = Access(Method(), touches, "oneof")
    return found


def _call_of(service: str, rpc: Rpc) -> Access:
    """A stub's method; of a stream of responses it gives an enumerator, or hands each to its block."""
    result = given_by(rpc)
    block = Method(parameters=(MessageOf(rpc.output),))
    called = Method(result, (taken_by(rpc), block), escape="forwarded")
    return Access(called, (f"{service}/{rpc.name}",), "call")


def _method(full: str, name: str) -> Access | None:
    """What every message can do."""
    itself = MessageOf(full)
    if name in ENCODERS:
        return Access(Method(escape=ENCODERS[name], escapes=full))
    if name in SAME:
        return Access(itself)
    if name in ("then", "yield_self"):
        return Access(
            Method(
                compute=lambda args: args[0].result if args and isinstance(args[0], Method) else itself,
                parameters=(Method(parameters=(itself,)),),
            )
        )
    return Access(Method()) if name in QUIET else None


def _of_class(full: str, name: str) -> Access | None:
    """`Cart.decode(bytes)`, `Cart.encode(cart)`, `Cart.descriptor`."""
    if name in DECODING:
        how = "json" if name == "decode_json" else None
        return Access(Method(MessageOf(full), escape=how, escapes=full if how else None))
    if name in ENCODING:
        return Access(Method(escape=ENCODING[name], escapes=full))
    return Access(LibraryOf("Google::Protobuf::Descriptor")) if name == "descriptor" else None


def _of_stream(receives: Value, name: str) -> Access | None:
    """The call that hands a handler its stream of requests."""
    if name in ("each_remote_read", "each"):
        return Access(Method(ListOf(receives), (Method(parameters=(receives,)),)))
    return Access(Method(receives)) if name in ("remote_read", "next") else None
