"""What protoc, grpcio-tools, grpclib, betterproto and connect-python make of a contract's names in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import EnumType, Field, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import (
    by_name,
    declared,
    field_value,
    given_by,
    taken_by,
)
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.python.modules import Modules, Resolved
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    ClientOf,
    EnumOf,
    LibraryOf,
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

CLIENTS = {"grpc": "{}Stub", "grpclib": "{}Stub", "betterproto": "{}Stub", "connect": "{}Client"}
SERVERS = {"grpc": "{}Servicer", "grpclib": "{}Base", "betterproto": "{}Base", "connect": "{}"}
"""What a generator calls the client and the base of a server of a service."""

TEMPLATES = "template:"
"""How infer knows units that are templates."""

QUIET = frozenset(
    {
        *("Clear", "IsInitialized", "ByteSize", "SetInParent", "DiscardUnknownFields", "UnknownFields"),
        *("ParseFromString", "MergeFromString", "FindInitializationErrors"),
    }
)
NAMING = frozenset({"HasField", "ClearField", "is_set"})
"""Methods of a message that take the name of a field or of a oneof."""
ENCODERS = {
    "SerializeToString": "bytes",
    "SerializePartialToString": "bytes",
    "ListFields": "reflection",
    "to_dict": "json",
    "to_pydict": "json",
    "to_json": "json",
}
ITSELF = frozenset({"result", "__call__", "__aenter__", "__enter__"})
"""What a call's future or context manager gives is what the rpc gives."""


class PythonNaming:
    """The protocol `naming.Naming` for Python."""

    def __init__(self, schema: Schema, layout: Layout) -> None:
        self._schema = schema
        self._modules = Modules(schema.files, layout)
        self._service_modules: dict[tuple[str, str], Mapping[str, Access]] = {}
        self._rpcs = {
            service.name: {name: rpc for rpc in service.methods.values() for name in _names_of(rpc)}
            for service in schema.services.values()
        }

    def unit(self, path: str, source: Source) -> str:
        """Each file is a module; a template is one that no module imports."""
        return f"{TEMPLATES}{path}" if source.language == "jinja" else path

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing is visible without an import."""
        return ()

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """`import a.b` binds a, `import a.b as c` binds c to a.b, `from a import b` a module or a name."""
        dotted = imported.path
        if not imported.names:
            name = imported.alias or dotted.split(".")[0]
            touched = _bound(name, self._modules.absolute(dotted, path))
            return (touched if imported.alias else self._topmost(dotted, path, touched),)
        find = self._modules.relative if dotted.startswith(".") else self._modules.absolute
        module = find(dotted, path)
        found = []
        for name, alias in imported.names:
            if name == "*":
                found.append(_bound("*", module))
                continue
            inner = self._modules.submodule(module.module, name, path)
            if inner is None and not dotted.startswith("."):
                inner = _known(self._modules.absolute(f"{dotted}.{name}", path))
            found.append(_bound(alias, module, name) if inner is None else _bound(alias, inner))
        return tuple(found)

    def _topmost(self, dotted: str, path: str, touched: Binding) -> Binding:
        """`import a.b.c` makes `a` visible; what it uses is a.b.c."""
        if "." not in dotted:
            return touched
        first = dotted.split(".")[0]
        return Binding(first, self._modules.absolute(first, path).module, None, touched.touches)

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A message, an enum or a value of one; in service modules stubs, servicers, registrations."""
        kind, _, listed = module.key.partition(":")
        packages = listed.split(",")
        if kind in ("messages", "betterproto"):
            full = declared(self._schema, packages, name)
            found = self._type(full) or self._top_value(packages, name)
            if found is not None or kind == "messages":
                return found
        if kind not in CLIENTS:
            return None
        for package in packages:
            access = self._of_services(kind, package).get(name)
            if access is not None:
                return access
        return None

    def _of_services(self, kind: str, package: str) -> Mapping[str, Access]:
        """What a service module of one package holds, by name."""
        known = self._service_modules.get((kind, package))
        if known is None:
            services = [s for s in self._schema.services if self._schema.package_of(s) == package]
            known = {name: access for each in services for name, access in _of_service(kind, each)}
            self._service_modules[kind, package] = known
        return known

    def _type(self, full: str | None) -> Access | None:
        if full is not None and full in self._schema.messages:
            return Access(TypeOf(MessageOf(full)), (full,), "type")
        if full is not None and full in self._schema.enums:
            return Access(TypeOf(EnumOf(full)), (full,), "type")
        return None

    def _top_value(self, packages: list[str], name: str) -> Access | None:
        """Values of an enum stand beside it."""
        for package in packages:
            found = self._value_in(package, name)
            if found is not None:
                return found
        return None

    def _value_in(self, scope: str, name: str) -> Access | None:
        """The value `name` of an enum that is declared right in a package or message."""
        for full, enum in self._schema.enums.items():
            if name in enum.values and full.rpartition(".")[0] == scope:
                return _enum_value(enum, name)
        return None

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind, and the modules inside a module."""
        match value:
            case MessageOf(full):
                return self._of_message(full, name)
            case TypeOf(MessageOf(full)):
                return self._of_message_type(full, name)
            case TypeOf(EnumOf(full)):
                return self._of_enum_type(full, name)
            case ClientOf(service) | TypeOf(ClientOf(service)):
                return self._of_client(service, name)
            case Method(owner=owner) if owner:
                return _of_rpc(value, name)
            case StreamOf(result=result):
                awaited = None if result == PLAIN else self.member(result, name)
                return _of_stream(value, name) or awaited
            case LocalModule() | LibraryOf():
                inner = self._modules.submodule(value, name)
                return None if inner is None else Access(inner.module, (), "import", inner.confidence)
            case _:
                return None

    def _of_message(self, full: str, name: str) -> Access | None:
        message = self._schema.messages.get(full)
        field = None if message is None else message.fields.get(name)
        if message is not None and field is not None:
            return _field(message, field)
        of_type = self._of_message_type(full, name) if message is not None else None
        if of_type is not None:
            return of_type
        return _method(full, name)

    def _of_message_type(self, full: str, name: str) -> Access | None:
        """Nested types, values of nested enums, field numbers; a field of the class itself is rare."""
        nested = self._type(f"{full}.{name}") or self._value_in(full, name)
        if nested is not None:
            return nested
        message = self._schema.messages.get(full)
        if message is not None and name.endswith("_FIELD_NUMBER"):
            for field in message.fields.values():
                if f"{field.name.upper()}_FIELD_NUMBER" == name:
                    return Access(PLAIN, (f"{full}.{field.name}",), "field")
        if name in ("FromString", "parse", "from_dict", "from_json", "FromJsonString"):
            return Access(Method(MessageOf(full)))
        return Access(LibraryOf("google.protobuf.descriptor.Descriptor")) if name == "DESCRIPTOR" else None

    def _of_enum_type(self, full: str, name: str) -> Access | None:
        enum = self._schema.enums.get(full)
        if enum is not None and name in enum.values:
            return _enum_value(enum, name)
        if name == "Value":
            return Access(Method(EnumOf(full), names_fields_of=full))
        return Access(Method()) if name in ("Name", "keys", "values", "items") else None

    def _of_client(self, service: str, name: str) -> Access | None:
        rpc = self._rpcs.get(service, {}).get(name)
        if rpc is None:
            return None
        element = f"{service}/{rpc.name}"
        return Access(_called(rpc, element), (element,), "call")

    def argument(self, value: Value, name: str) -> Access | None:
        """A keyword argument of a message's constructor."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                message = self._schema.messages.get(full)
                field = None if message is None else message.fields.get(name)
                return None if message is None or field is None else _field(message, field)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """A field, a oneof, or (for the name of an enum) a value."""
        declared_enum = self._schema.enums.get(message)
        if declared_enum is not None:
            return _enum_value(declared_enum, text) if text in declared_enum.values else None
        found = self._schema.messages.get(message)
        if found is None:
            return None
        if text in found.fields:
            return _field(found, found.fields[text])
        return (
            Access(OneofOf(message, text), (f"{message}.{text}",), "oneof") if text in found.oneofs else None
        )

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method of a servicer; registering it asks for every rpc by name."""
        rpc = self._rpcs.get(server.service, {}).get(name)
        if rpc is None:
            return None
        method = Method(given_by(rpc), (taken_by(rpc), LibraryOf("grpc.ServicerContext")))
        return Access(method, (f"{server.service}/{rpc.name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Fields and rpcs by the names that they have in Python."""
        fields = [
            (field, f"{message.name}.{field}")
            for message in self._schema.messages.values()
            for field in message.fields
        ]
        rpcs = [
            (name, f"{service}/{rpc.name}") for service, by in self._rpcs.items() for name, rpc in by.items()
        ]
        return by_name([*fields, *rpcs])


def _of_service(kind: str, service: str) -> Iterator[tuple[str, Access]]:
    """The client, the base of a server, the registration; grpcio has a class of static calls, too."""
    short = service.rsplit(".", 1)[-1]
    if kind == "grpc":
        yield short, Access(TypeOf(ClientOf(service)), (service,), "type")
        registration = Access(Method(registers=service), (service,), "registration")
        yield f"add_{short}Servicer_to_server", registration
    yield CLIENTS[kind].format(short), Access(TypeOf(ClientOf(service)), (service,), "type")
    yield SERVERS[kind].format(short), Access(TypeOf(ServerOf(service)), (service,), "type")


def _bound(name: str, resolved: Resolved, symbol: str | None = None) -> Binding:
    touches = tuple(f"file:{path}" for path in resolved.files)
    return Binding(name, resolved.module, symbol, touches, resolved.confidence)


def _known(resolved: Resolved) -> Resolved | None:
    return None if isinstance(resolved.module, LibraryOf) else resolved


def _field(message: Message, field: Field) -> Access:
    return Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _enum_value(enum: EnumType, name: str) -> Access:
    return Access(EnumOf(enum.name), (f"{enum.name}.{name}",), "enum")


def _method(full: str, name: str) -> Access | None:
    """What every message can do."""
    itself = MessageOf(full)
    if name in NAMING:
        return Access(Method(names_fields_of=full))
    if name == "WhichOneof":
        return Access(Method(UNKNOWN, names_fields_of=full))
    if name in ("CopyFrom", "MergeFrom"):
        return Access(Method(parameters=(itself,)))
    if name in ENCODERS:
        return Access(Method(escape=ENCODERS[name], escapes=full))
    if name in ("parse", "from_dict", "from_json", *ITSELF):
        return Access(Method(itself))
    return Access(Method()) if name in QUIET else None


def _names_of(rpc: Rpc) -> tuple[str, ...]:
    """As declared (grpcio), and in snake case (betterproto, connect-python)."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", rpc.name).lower()
    return (rpc.name, snake)


def _called(rpc: Rpc, element: str) -> Method:
    """Calling an rpc; a client that streams may write its messages instead of handing them in."""
    result = given_by(rpc)
    if rpc.client_streaming:
        result = StreamOf(MessageOf(rpc.output), MessageOf(rpc.input), MessageOf(rpc.output))
    return Method(result, (taken_by(rpc),), escape="forwarded", owner=element)


def _of_rpc(rpc: Method, name: str) -> Access | None:
    """`stub.Get.future(request)`, `stub.Get.with_call(request)`."""
    if name == "with_call":
        return Access(Method(TupleOf((rpc.result, UNKNOWN)), rpc.parameters))
    return Access(Method(rpc.result, rpc.parameters)) if name in ("future", *ITSELF) else None


def _of_stream(stream: StreamOf, name: str) -> Access | None:
    """asyncio's calls: `await call.write(request)`, `await call.read()`."""
    if name in ("write", "send_message", "send"):
        return Access(Method(parameters=(stream.sends,)))
    if name in ("read", "recv_message", "recv", *ITSELF):
        return Access(Method(stream.receives))
    return Access(Method()) if name in ("done_writing", "cancel", "end") else None
