"""What generators and loaders for JavaScript and TypeScript make of a contract's names.

ts-proto, protoc-gen-es, protobuf-ts, google-protobuf, protobufjs and @grpc/proto-loader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.contract_values import by_name
from workspai_hooks.workspace.use_sites.ecmascript.messages import Messages
from workspai_hooks.workspace.use_sites.ecmascript.modules import DYNAMIC, STUB, Modules
from workspai_hooks.workspace.use_sites.ecmascript.names import (
    oneof_names,
    property_name,
    rpc_names,
    type_names,
)
from workspai_hooks.workspace.use_sites.ecmascript.services import SERVICES, called, handled, of_call, streams
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.syntax import Bind, Import, Name, Source
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
    TypeOf,
    Value,
)

LOADED = "loader:"
"""Modules that read contracts while the program runs."""
LOADERS = frozenset({"@grpc/proto-loader", "grpc", "protobufjs", "protobufjs/light"})
ALL_SERVICES = "services:"
MESSAGE_FORMS = ("{}", "{}Schema", "{}Json", "{}Valid", "I{}", "{}__Output", "{}_AsObject", "Partial{}")
"""What a message or enum is called by any generator."""


class EcmaNaming:
    """The protocol `naming.Naming` for JavaScript and TypeScript."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._sources = sources
        self._modules = Modules(schema.files, layout)
        self._messages = Messages(schema)
        self._symbols: dict[str, Mapping[str, Access]] = {}
        self._wholes: dict[str, frozenset[str]] = {}
        self._rpcs: dict[str, dict[str, Rpc]] = {
            service.name: {name: rpc for rpc in service.methods.values() for name in rpc_names(rpc.name)}
            for service in schema.services.values()
        }

    def unit(self, path: str, source: Source) -> str:
        """Each file is a module."""
        return path

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing is visible without an import."""
        return ()

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """A module under a name, names out of it, or all of them."""
        resolved = self._modules.resolve(path, imported.path)
        module, confidence = resolved.module, resolved.confidence
        if imported.path in LOADERS and isinstance(module, LibraryOf):
            module = ModuleOf(f"{LOADED}{imported.path}")
        touches = tuple([f"file:{file}" for file in resolved.files])
        whole = self._whole(module)
        if not imported.names:
            symbol = "=" if "=" in whole else None
            return (Binding(imported.alias or "", module, symbol, touches, confidence),)
        found = []
        for name, alias in imported.names:
            symbol = name
            if name == "default" and isinstance(module, LibraryOf | ModuleOf):
                found.append(Binding(alias, module, None, touches, confidence))
                continue
            if name == "default" and "=" in whole and "default" not in whole:
                symbol = "="
            if name == "ProtoGrpcType":
                found.append(Binding(alias, ModuleOf(DYNAMIC), name))
            else:
                found.append(Binding(alias, module, symbol if name != "*" else None, touches, confidence))
        return tuple(found)

    def _whole(self, module: Value) -> frozenset[str]:
        """Which of `export =` and `export default` a file of the repository has."""
        if not isinstance(module, LocalModule):
            return frozenset()
        known = self._wholes.get(module.unit)
        if known is None:
            source = self._sources.get(module.unit)
            targets = [
                target.id.removeprefix("export ")
                for statement in (source.body if source is not None else ())
                if isinstance(statement, Bind)
                for target in statement.targets
                if isinstance(target, Name) and target.id in ("export =", "export default")
            ]
            known = self._wholes[module.unit] = frozenset(targets)
        return known

    # -- modules

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A name of a generated module, or of what loads contracts."""
        if module.key.startswith(STUB):
            for package in module.key.removeprefix(STUB).split(","):
                access = self._of_package(package).get(name)
                if access is not None:
                    return access
            return _nameless(name)
        if module.key.startswith(DYNAMIC):
            return self._of_namespace(module.key.removeprefix(DYNAMIC), name)
        if module.key.startswith(LOADED):
            return _loader(module.key.removeprefix(LOADED), name)
        if module.key == ALL_SERVICES:
            full = self._service(name)
            return None if full is None else Access(TypeOf(ServerOf(full)), (full,), "type")
        return None

    def _of_package(self, package: str) -> Mapping[str, Access]:
        """All names that any generator gives to what a package declares."""
        known = self._symbols.get(package)
        if known is None:
            found: dict[str, Access] = {}
            for full in (*self._schema.messages, *self._schema.enums):
                if self._schema.package_of(full) == package:
                    for name, access in self._type_symbols(full, package):
                        found.setdefault(name, access)
            for full in self._schema.services:
                if self._schema.package_of(full) == package:
                    for form, value in SERVICES:
                        access = Access(value(full), (full,), "type")
                        found.setdefault(form.format(full.rpartition(".")[2]), access)
            known = self._symbols[package] = found
        return known

    def _type_symbols(self, full: str, package: str) -> Iterator[tuple[str, Access]]:
        value: Value = MessageOf(full) if full in self._schema.messages else EnumOf(full)
        access = Access(TypeOf(value), (full,), "type")
        for short in sorted(type_names(full, package)):
            for form in MESSAGE_FORMS:
                yield form.format(short), access
            prefix = f"_{package.replace('.', '_')}_" if package else "_"
            yield f"{prefix}{short}", access
            yield f"{prefix}{short}__Output", access
            lower = short[:1].lower() + short[1:]
            yield f"{lower}FromJSON", Access(Method(value), (full,), "type")
            yield f"{lower}ToJSON", Access(Method(), (full,), "type")

    def _of_namespace(self, prefix: str, name: str) -> Access | None:
        """A package within a package, a service, a message or an enum."""
        full = f"{prefix}.{name}" if prefix else name
        if name == "ProtoGrpcType":
            return Access(TypeOf(ModuleOf(DYNAMIC)))
        if full in self._schema.services:
            return Access(TypeOf(ClientOf(full)), (full,), "type")
        found = self._messages.type(full) or self._messages.type(
            f"{prefix}.{name[1:]}" if prefix else name[1:]
        )
        if found is not None:
            return found
        packages = {file.package for file in self._schema.files.values()}
        if any(package == full or package.startswith(f"{full}.") for package in packages):
            return Access(ModuleOf(f"{DYNAMIC}{full}"))
        return Access(ModuleOf(DYNAMIC)) if name in ("default", "root", "nested") else _looked_up(name)

    def _service(self, name: str) -> str | None:
        """The service of this full or only name."""
        if name in self._schema.services:
            return name
        found = [full for full in self._schema.services if full.rpartition(".")[2] == name]
        return found[0] if len(found) == 1 else None

    # -- members

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind."""
        match value:
            case MessageOf(full):
                return self._messages.member(full, name)
            case TypeOf(MessageOf(full)):
                return self._messages.of_type(full, name)
            case TypeOf(EnumOf(full)):
                return self._messages.of_enum(full, name)
            case EnumOf() if name in ("toString", "valueOf"):
                return Access(Method())
            case OneofOf() | TypeOf(OneofOf()):
                return self._messages.of_oneof(value, name)
            case TypeOf(ClientOf(service)) if name == "service":
                return Access(ServerOf(service, "grpc"), (service,), "type")
            case (
                ClientOf(service) | TypeOf(ClientOf(service)) | ServerOf(service) | TypeOf(ServerOf(service))
            ):
                return self._of_service(service, name)
            case StreamOf():
                awaited = None if value.result == PLAIN else self.member(value.result, name)
                return streams(value, name) or awaited
            case Method(owner=owner) if owner:
                return of_call(value, name)
            case _:
                return None

    def _of_service(self, service: str, name: str) -> Access | None:
        rpc = self._rpcs.get(service, {}).get(name)
        if rpc is None:
            inner = ("method", "methods", "api", "service")
            return Access(ServerOf(service)) if name in inner else None
        element = f"{service}/{rpc.name}"
        return Access(called(rpc, element), (element,), "call")

    def argument(self, value: Value, name: str) -> Access | None:
        """A key of an object literal that is a message."""
        match value:
            case MessageOf(full):
                return self._messages.argument(full, name)
            case OneofOf():
                return self._messages.of_oneof(value, name)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """A field, a oneof or a value of an enum; a type or an rpc by its full name where that is asked."""
        if message == "(type)":
            service = self._service(text.removeprefix("."))
            if service is not None:
                return Access(TypeOf(ServerOf(service)), (service,), "type")
            return self._messages.type(text.removeprefix("."))
        if message == "(rpc)":
            owner, _, name = text.strip("/").partition("/")
            service = self._service(owner)
            rpc = self._rpcs.get(service or "", {}).get(name)
            if service is None or rpc is None:
                return None
            return Access(handled(rpc, ""), (f"{service}/{rpc.name}",), "handler")
        return self._messages.by_text(message, text)

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A method or an entry of an implementation."""
        rpc = self._rpcs.get(server.service, {}).get(name)
        if rpc is None:
            return None
        return Access(handled(rpc, server.flavour), (f"{server.service}/{rpc.name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Fields, oneofs and rpcs by the names that they have as properties."""
        found = []
        for message in self._schema.messages.values():
            for field in message.fields.values():
                element = f"{message.name}.{field.name}"
                found += [(field.name, element), (property_name(field), element)]
            for oneof in message.oneofs:
                found += [(name, f"{message.name}.{oneof}") for name in oneof_names(oneof)]
        for service, rpcs in self._rpcs.items():
            found += [(name, f"{service}/{rpc.name}") for name, rpc in rpcs.items()]
        return by_name(found)


def _nameless(name: str) -> Access | None:
    """Helpers that generated modules hand out beside types."""
    if name in ("DeepPartial", "Exact", "protobufPackage"):
        return Access(PLAIN)
    return Access(PLAIN) if name.endswith(("_SERVICE_NAME", "_PACKAGE_NAME")) else None


def _loader(module: str, name: str) -> Access | None:
    """`loadSync` gives a definition; what becomes of it is asked of `loadPackageDefinition`."""
    if name in (
        "load",
        "loadSync",
        "fromJSON",
        "loadFileDescriptorSetFromBuffer",
        "parse",
        "Root",
        "loadProto",
    ):
        return Access(Method(ModuleOf(DYNAMIC)))
    if name in ("loadPackageDefinition", "loadObject"):
        return Access(Method(ModuleOf(DYNAMIC)))
    if name in ("fromFileDescriptorSet", "roots"):
        return Access(Method(ModuleOf(DYNAMIC)))
    return Access(LibraryOf(f"{module}.{name}")) if name else None


def _looked_up(name: str) -> Access | None:
    """`root.lookupType("shop.Cart")`."""
    if name in ("lookupType", "lookup", "lookupTypeOrEnum", "lookupEnum", "lookupService"):
        return Access(Method(UNKNOWN, names_fields_of="(type)"))
    if name in ("loadSync", "load", "resolveAll", "then"):
        return Access(Method(ModuleOf(DYNAMIC)))
    return None
