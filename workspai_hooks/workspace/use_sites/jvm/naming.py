"""What protobuf-java, grpc-java and their Kotlin companions make of a contract's names.

A ModuleOf is a package by its name (with `|project` where several projects have it), or a class that only
holds others: `outer:<class>`, `service:<service>|<prefix>`, `kt:<message>` (Kotlin's builder functions).
"""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value
from workspai_hooks.workspace.use_sites.jvm import clients
from workspai_hooks.workspace.use_sites.jvm.members import (
    Table,
    constants,
    of_builder,
    of_case,
    of_enum,
    of_message,
)
from workspai_hooks.workspace.use_sites.jvm.packages import Generated, Packages
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    BuilderOf,
    ClientOf,
    EnumOf,
    LibraryOf,
    ListOf,
    LocalModule,
    MapOf,
    MessageOf,
    Method,
    ModuleOf,
    OneofOf,
    ServerOf,
    StreamOf,
    TypeOf,
    Value,
)

ENCODERS = frozenset({"toByteArray", "toByteString", "writeTo", "writeDelimitedTo", "writeByteArray"})
HARMLESS = frozenset(
    {
        *("equals", "hashCode", "toString", "getSerializedSize", "serializedSize", "isInitialized"),
        *("getUnknownFields", "unknownFields", "getParserForType", "parserForType", "getClass", "javaClass"),
    }
)
DECODERS = frozenset({"parseFrom", "parseDelimitedFrom", "parsePartialFrom"})
REFLECTING = frozenset({"getAllFields", "allFields", "getField", "setField", "hasField", "getRepeatedField"})


class JvmNaming:
    """The protocol `naming.Naming` for Java and Kotlin. `sources`: all files, for packages and classes."""

    def __init__(
        self, schema: Schema, layout: Layout, sources: Mapping[str, Source], kotlin: bool = False
    ) -> None:
        self._schema = schema
        self._kotlin = kotlin
        self._generated = Generated(schema)
        self._packages = Packages(self._generated, layout.paths, sources)
        self._fields = {m.name: of_message(m, kotlin) for m in schema.messages.values()}
        self._builders = {m.name: of_builder(m, kotlin) for m in schema.messages.values()}
        self._statics: dict[str, Table] = {}
        self._enums = {enum.name: of_enum(enum) for enum in schema.enums.values()}
        self._calls: dict[tuple[str, str], Table] = {}

    def unit(self, path: str, source: Source) -> str:
        """The package, told apart by project where several have it."""
        return self._packages.unit(source.package, path)

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """The same package in other projects, and packages by their first names."""
        modules = self._packages.modules(source.package, path)
        roots = [Binding(root, self._module(root)) for root in self._packages.roots]
        return (*(Binding("*", module) for module in modules), *roots)

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """`import a.b.C;`, `import a.b.*;`, `import static a.b.C.d;`, Kotlin's `import a.b.c as d`."""
        confidence = "proven"
        package, inner = self._packages.split(imported.path)
        if not package or (inner and not self._has(package, inner)):
            managed, rest = self._packages.managed(imported.path)
            if managed:
                package, inner, confidence = managed, rest, "likely"
        everything = imported.names == (("*", "*"),)
        if not package:
            return (self._of_library(imported, everything),)
        modules = self._managed(package) if confidence == "likely" else self._packages.modules(package, path)
        if everything:
            symbol = inner or None
            return tuple([Binding("*", module, symbol, (), confidence) for module in modules])
        if not inner:
            return (Binding(imported.alias or package.rpartition(".")[2], modules[0], None, (), confidence),)
        name = imported.alias or inner.rpartition(".")[2]
        module = self._declaring(package, inner, modules)
        return (Binding(name, module, inner, self._touched(package, inner), confidence),)

    def _of_library(self, imported: Import, everything: bool) -> Binding:
        owner, _, name = imported.path.rpartition(".")
        if everything:
            return Binding("*", LibraryOf(imported.path))
        return Binding(imported.alias or name, LibraryOf(owner), name)

    def _managed(self, package: str) -> list[ModuleOf | LocalModule]:
        """The contract's package under another name: its types stand right in it."""
        key = f"managed:{package}"
        self._generated.packages.setdefault(key, {**self._generated.of_package(package)})
        return [ModuleOf(key)]

    def _has(self, package: str, inner: str) -> bool:
        first = inner.partition(".")[0]
        return first in self._generated.packages.get(package, {}) or self._packages.declares(package, first)

    def _declaring(
        self, package: str, inner: str, modules: list[ModuleOf | LocalModule]
    ) -> ModuleOf | LocalModule:
        """Hand-written classes win over generated ones that are only likely to stand there."""
        first = inner.partition(".")[0]
        access = self._generated.packages.get(package, {}).get(first)
        own = self._packages.declares(package, first)
        if isinstance(modules[0], ModuleOf) and own and (access is None or access.confidence != "proven"):
            return LocalModule(modules[0].key)
        return modules[0]

    def _touched(self, package: str, inner: str) -> tuple[str, ...]:
        """The type or enum value that an import names: without it the import fails."""
        value: Value = ModuleOf(package)
        touched: tuple[str, ...] = ()
        for name in inner.split("."):
            access = self.symbol(value, name) if isinstance(value, ModuleOf) else self.member(value, name)
            if access is None:
                return ()
            value, touched = access.value, access.touches
        return touched

    def _module(self, package: str) -> ModuleOf | LocalModule:
        return ModuleOf(package) if package in self._generated.packages else LocalModule(package)

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A class of a package, or what stands in one of the classes that only hold others."""
        kind, colon, full = module.key.partition(":")
        if not colon or kind == "managed":
            found = self._generated.packages.get(module.key.partition("|")[0], {}).get(name)
        elif kind == "outer":
            found = self._generated.outers.get(module.key, {}).get(name)
        elif kind == "kt":
            found = self._of_kotlin_object(full, name)
        else:
            service, _, prefix = full.partition("|")
            found = clients.of_holder(service, prefix, name)
            if found is None and service in self._schema.services:
                found = clients.descriptors(self._schema.services[service]).get(name)
        return found if found is None or self._kotlin or not _is_kotlin(found, name) else None

    def _of_kotlin_object(self, full: str, name: str) -> Access | None:
        """`CartKt.item { … }`, `CartKt.Dsl`."""
        if name == "Dsl":
            return Access(TypeOf(BuilderOf(full)))
        return self._generated.nested(full).get(name)

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind, and packages inside a package."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name) or self._of_any(full, name)
            case BuilderOf(full):
                return self._builders.get(full, {}).get(name) or _of_any_builder(full, name)
            case TypeOf(MessageOf(full)):
                return self._static(full, name)
            case TypeOf(BuilderOf(full)):
                return self.member(value.value, name)
            case EnumOf(full) | TypeOf(EnumOf(full)):
                return self._enums.get(full, {}).get(name)
            case OneofOf(message, oneof) | TypeOf(OneofOf(message, oneof)):
                return self._of_case(message, oneof, name)
            case ClientOf(service, flavour):
                return self._of_client(service, flavour, name)
            case TypeOf(ClientOf() as client):
                return Access(Method(client)) if name == "newStub" else self.member(client, name)
            case ServerOf(service):
                return self._of_server(service, name)
            case StreamOf():
                return _of_stream(value, name)
            case Method(owner=owner) if owner:
                return _of_owner(owner, name)
            case ModuleOf(package) | LocalModule(package):
                return self._inside(package.partition("|")[0], name)
            case _:
                return None

    def _inside(self, package: str, name: str) -> Access | None:
        """A package in a package: generated, of the repository, or a library's (`com.google`)."""
        inner = f"{package}.{name}"
        if inner in self._packages.known:
            return Access(self._module(inner))
        return Access(LibraryOf(inner)) if name[:1].islower() and ":" not in package else None

    def _of_any(self, full: str, name: str) -> Access | None:
        """What every message has."""
        itself = MessageOf(full)
        if name in ENCODERS:
            return Access(Method(escape="bytes", escapes=full))
        if name in ("toBuilder", "newBuilderForType"):
            return Access(Method(BuilderOf(full)))
        if name in ("getDefaultInstanceForType", "getDefaultInstance"):
            return Access(Method(itself))
        if name in ("defaultInstanceForType", "defaultInstance"):
            return Access(itself)
        if name == "copy" and self._kotlin:
            return Access(Method(itself, (Method(receiver=BuilderOf(full)),)))
        if name in ("getDescriptorForType", "descriptorForType"):
            return Access(Method(Method(owner=f"descriptor:{full}"), owner=f"descriptor:{full}"))
        if name in REFLECTING:
            return Access(Method(MapOf(PLAIN, PLAIN), escape="reflection", escapes=full))
        return Access(Method()) if name in HARMLESS else None

    def _static(self, full: str, name: str) -> Access | None:
        """What stands in a message's class: nested types, builders, parsers; getters as references."""
        message = self._schema.messages.get(full)
        if message is None:
            return None
        if full not in self._statics:
            self._statics[full] = {**self._generated.nested(full), **constants(message)}
        found = self._statics[full].get(name)
        if found is not None:
            return found
        if name == "Builder":
            return Access(TypeOf(BuilderOf(full)))
        if name == "newBuilder":
            return Access(Method(BuilderOf(full)))
        if name in DECODERS:
            return Access(Method(MessageOf(full)))
        if name == "parser":
            return Access(Method(Method(MessageOf(full), owner=f"parser:{full}")))
        if name in ("getDescriptor", "descriptor"):
            return Access(Method(Method(owner=f"descriptor:{full}"), owner=f"descriptor:{full}"))
        return self._fields[full].get(name) or self._of_any(full, name)

    def _of_case(self, message: str, oneof: str, name: str) -> Access | None:
        found = self._schema.messages.get(message)
        known = None if found is None else of_case(found, oneof).get(name)
        if known is not None:
            return known
        if name in ("forNumber", "valueOf"):
            return Access(Method(OneofOf(message, oneof)))
        return Access(Method()) if name in ("getNumber", "name", "ordinal", "equals") else None

    def _of_client(self, service: str, flavour: str, name: str) -> Access | None:
        declared = self._schema.services.get(service)
        if declared is None:
            return None
        key = (service, flavour)
        if key not in self._calls:
            self._calls[key] = clients.calls(declared, flavour)
        known = self._calls[key].get(name)
        if known is None and (name in clients.KEEPING or name.startswith("with")):
            return Access(Method(ClientOf(service, flavour)))
        return known

    def _of_server(self, service: str, name: str) -> Access | None:
        """`super.getCart(…)`, and calls by the interface that Quarkus implements."""
        declared = self._schema.services.get(service)
        access = None if declared is None else clients.calls(declared, "async").get(name)
        return None if access is None else Access(access.value, access.touches, "rpc")

    def argument(self, value: Value, name: str) -> Access | None:
        """Java has no named arguments; Kotlin's constructors of messages are private."""
        return None

    def by_text(self, message: str, text: str) -> Access | None:
        """Strings name fields in reflection only, by their proto names."""
        found = self._schema.messages.get(message)
        if found is None or text not in found.fields:
            return None
        return Access(field_value(found.fields[text]), (f"{message}.{text}",), "field")

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """An override of an rpc's method: without the rpc it does not compile."""
        service = self._schema.services.get(server.service)
        return None if service is None else clients.handled(service, name)

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Members of messages, builders and stubs by the names that they have here."""
        services = self._schema.services.values()
        tables = (
            *self._fields.values(),
            *self._builders.values(),
            *(clients.calls(service, "blocking") for service in services),
        )
        return by_name(
            (name, element)
            for table in tables
            for name, access in table.items()
            for element in access.touches
        )


def _is_kotlin(access: Access, name: str) -> bool:
    """Whether only Kotlin sees it: functions of a package, objects with builder functions."""
    value = access.value
    built = isinstance(value, Method) and any(
        isinstance(one, Method) and one.receiver is not None for one in value.parameters
    )
    return built or (isinstance(value, ModuleOf) and name.endswith("Kt"))


def _of_any_builder(full: str, name: str) -> Access | None:
    if name in ("build", "buildPartial", "getDefaultInstanceForType"):
        return Access(Method(MessageOf(full)))
    if name in ("clear", "clone", "newBuilderForType", "mergeUnknownFields", "setUnknownFields"):
        return Access(Method(BuilderOf(full)))
    if name in ("mergeFrom", "mergeDelimitedFrom"):
        return Access(Method(BuilderOf(full), (MessageOf(full),)))
    if name in REFLECTING or name in ("clearField", "setRepeatedField", "addRepeatedField"):
        return Access(Method(BuilderOf(full), escape="reflection", escapes=full))
    return Access(Method()) if name in HARMLESS else None


def _of_owner(owner: str, name: str) -> Access | None:
    """Members of parsers and descriptors."""
    kind, _, full = owner.partition(":")
    if kind == "parser":
        return Access(Method(MessageOf(full)))
    if name == "findFieldByName":
        return Access(Method(names_fields_of=full))
    if name in ("getFields", "fields"):
        return Access(Method(ListOf(PLAIN), escape="reflection", escapes=full))
    return Access(Method()) if kind == "descriptor" else None


def _of_stream(stream: StreamOf, name: str) -> Access | None:
    """StreamObserver, BlockingClientCall and their like."""
    if name in ("onNext", "write", "send"):
        return Access(Method(parameters=(stream.sends,), escape="forwarded"))
    if name in ("read", "readOrElse", "next"):
        return Access(Method(stream.receives))
    known = ("onError", "onCompleted", "isReady", "halfClose", "cancel", "request", "hasNext")
    return Access(Method()) if name in known or name.startswith(("set", "disable")) else None
