"""What protoc, grpc and the servers of grpc and RoadRunner make of a contract's names in PHP."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import EnumType, Field, File, Message, Schema, Service
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value, given_by
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.php.names import camel, class_of, constant_of, namespace_of
from workspai_hooks.workspace.use_sites.php.types import IN_COMMENT
from workspai_hooks.workspace.use_sites.projects import Projects
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
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

MANIFESTS = ("composer.json",)
ENCODERS = {"serializeToString": "bytes", "serializeToJsonString": "json", "mergeFromJsonString": "json"}
QUIET = frozenset({"mergeFromString", "discardUnknownFields", "byteSize", "clear", "__toString"})
SERVED = frozenset({"Interface", "Stub"})
"""What servers call the class that an implementation of a service derives from: RoadRunner's and grpc's."""


class PhpNaming:
    """The protocol `naming.Naming` for PHP. `sources`: all files, for classes that they declare."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._generated = _classes_of(schema)
        self._projects = Projects("php", MANIFESTS, layout.paths, sources)
        self._fields = {m.name: _members_of(m) for m in schema.messages.values()}
        self._values = {enum.name: _values_of(enum) for enum in schema.enums.values()}
        self._calls = {
            service.name: {rpc.name: _call_of(service.name, rpc) for rpc in service.methods.values()}
            for service in schema.services.values()
        }

    def unit(self, path: str, source: Source) -> str:
        """A project's classes hold in all of its files."""
        return self._projects.unit(path)

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing that names would not say themselves."""
        return ()

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """A class or function that the file names; a function may be a global one."""
        for name in imported.path.removeprefix(IN_COMMENT).split("|"):
            if name in self._generated:
                outer, _, inner = name.rpartition("\\")
                said = IN_COMMENT if imported.path.startswith(IN_COMMENT) else ""
                return (Binding(imported.path, ModuleOf(f"php:{outer}"), f"{said}{inner}"),)
            unit = self._projects.declaring(name, path)
            if unit is not None:
                return (Binding(imported.path, LocalModule(unit), name),)
        return (Binding(imported.path, LibraryOf(imported.path.rpartition("|")[2].removesuffix("()"))),)

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A generated class by its name inside of a namespace."""
        inside, word = module.key.partition(":")[2], name.removeprefix(IN_COMMENT)
        known = self._generated.get(f"{inside}\\{word}" if inside else word)
        return Access(known.value) if known is not None and name.startswith(IN_COMMENT) else known

    def member(self, value: Value, name: str) -> Access | None:
        """A method or constant of anything that the contract is behind."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name) or _method(full, name)
            case TypeOf(EnumOf(full)):
                return self._values.get(full, {}).get(name) or _of_enum(full, name)
            case ClientOf(service):
                return self._calls.get(service, {}).get(name)
            case StreamOf():
                return _of_call(value, name)
            case _:
                return None

    def argument(self, value: Value, name: str) -> Access | None:
        """A key of the array that a message is made of: the field's own name."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                message = self._schema.messages.get(full)
                field = None if message is None else message.fields.get(name)
                return None if message is None or field is None else _field(message, field)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """A string: the name of a oneof's field, or (for the name of an enum) of a value."""
        if message in self._values:
            return self._values[message].get(text)
        found = self._schema.messages.get(message)
        if found is None or text not in found.fields:
            return None
        return _field(found, found.fields[text])

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method that an interface demands; its types are written."""
        service = self._schema.services.get(server.service)
        rpc = None if service is None else service.methods.get(name)
        if rpc is None:
            return None
        context = LibraryOf("GRPC\\ContextInterface")
        taken = MessageOf(rpc.input)
        parameters = (context, taken) if server.flavour == "Interface" else (taken, context)
        return Access(Method(given_by(rpc), parameters), (f"{server.service}/{rpc.name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Methods of messages and clients by the names that they have in PHP."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (name, element)
            for table in tables
            for name, access in table.items()
            for element in access.touches
        )


def _classes_of(schema: Schema) -> dict[str, Access]:
    """Full class -> what it is. Copies of a contract may have options of their own."""
    found: dict[str, Access] = {}
    files: dict[str, list[File]] = {}
    for file in schema.files.values():
        files.setdefault(file.package, []).append(file)
    for full in schema.messages:
        for file in files.get(schema.package_of(full), ()):
            found[class_of(file, full)] = Access(TypeOf(MessageOf(full)), (full,), "type")
    for full in schema.enums:
        for file in files.get(schema.package_of(full), ()):
            found[class_of(file, full)] = Access(TypeOf(EnumOf(full)), (full,), "type")
    for service in schema.services.values():
        for file in files.get(schema.package_of(service.name), ()):
            found.update(_of_service(service, file))
    return found


def _of_service(service: Service, file: File) -> dict[str, Access]:
    namespace, short = namespace_of(file), service.name.rpartition(".")[2]
    name = f"{namespace}\\{short}" if namespace else short
    touches = (service.name,)
    found = {f"{name}Client": Access(TypeOf(ClientOf(service.name)), touches, "type")}
    for word in SERVED:
        found[f"{name}{word}"] = Access(TypeOf(ServerOf(service.name, word)), touches, "type")
    return found


def _field(message: Message, field: Field) -> Access:
    return Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _members_of(message: Message) -> dict[str, Access]:
    found = {}
    itself = MessageOf(message.name)
    for field in message.fields.values():
        touches, name, held = (f"{message.name}.{field.name}",), camel(field.name), field_value(field)
        found[f"get{name}"] = found[f"get{name}Unwrapped"] = Access(Method(held), touches)
        found[f"set{name}"] = Access(Method(itself, (held,)), touches)
        found[f"has{name}"] = found[f"clear{name}"] = Access(Method(), touches)
    for oneof in message.oneofs:
        value = Method(OneofOf(message.name, oneof))
        found[f"get{camel(oneof)}"] = Access(value, (f"{message.name}.{oneof}",), "oneof")
    return found


def _values_of(enum: EnumType) -> dict[str, Access]:
    return {
        constant_of(word): Access(EnumOf(enum.name), (f"{enum.name}.{word}",), "enum") for word in enum.values
    }


def _of_enum(full: str, name: str) -> Access | None:
    """`Color::value("RED")`, `Color::name(1)`."""
    if name == "value":
        return Access(Method(EnumOf(full), names_fields_of=full))
    return Access(Method()) if name == "name" else None


def _call_of(service: str, rpc: Rpc) -> Access:
    """A client's method gives a call: `wait()` gives `[reply, status]`, streams read and write."""
    reply = MessageOf(rpc.output)
    receives = reply if rpc.server_streaming else PLAIN
    result: Value = PLAIN if rpc.server_streaming else TupleOf((reply, PLAIN))
    sends: Value = MessageOf(rpc.input)
    parameters: tuple[Value, ...] = () if rpc.client_streaming else (sends,)
    called = Method(StreamOf(receives, sends, result), parameters, escape="forwarded")
    return Access(called, (f"{service}/{rpc.name}",), "call")


def _of_call(call: StreamOf, name: str) -> Access | None:
    if name == "wait":
        return Access(Method(call.result))
    if name == "responses":
        return Access(Method(ListOf(call.receives)))
    if name == "read":
        return Access(Method(call.receives))
    if name == "write":
        return Access(Method(parameters=(call.sends,), escape="forwarded"))
    return (
        Access(Method()) if name in ("writesDone", "cancel", "getMetadata", "getStatus", "getPeer") else None
    )


def _method(full: str, name: str) -> Access | None:
    """What every message can do."""
    if name in ENCODERS:
        return Access(Method(escape=ENCODERS[name], escapes=full))
    if name == "mergeFrom":
        return Access(Method(parameters=(MessageOf(full),)))
    return Access(Method()) if name in QUIET else None
