"""What protoc and the gRPC plugin make of a contract in C++.

A ModuleOf is a namespace of files that hang together (`shop::v1|svc/main.cc`: what stands behind the `|`
tells services apart that use one name twice), or a class that only holds others: `service:<service>`. A
LocalModule is a namespace without generated code. Each file's own top level is a LocalModule by its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.contract_values import by_name
from workspai_hooks.workspace.use_sites.cpp.includes import Includes, declared_by, proto_of
from workspai_hooks.workspace.use_sites.cpp.members import (
    call_of,
    inside_message,
    members_of,
    method_of_message,
    type_names,
)
from workspai_hooks.workspace.use_sites.cpp.names import namespace_of
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    ClientOf,
    EnumOf,
    LibraryOf,
    LocalModule,
    MessageOf,
    Method,
    ModuleOf,
    OneofOf,
    ServerOf,
    TypeOf,
    Value,
)

Module = ModuleOf | LocalModule | LibraryOf
SERVICES = ("Service", "AsyncService", "CallbackService", "ExperimentalCallbackService", "StreamedService")
WITH = (
    *("WithAsyncMethod_", "WithCallbackMethod_", "WithGenericMethod_", "WithRawMethod_"),
    *("WithStreamedUnaryMethod_", "WithRawCallbackMethod_", "WithSplitStreamingMethod_"),
    "ExperimentalWithCallbackMethod_",
)


class CppNaming:
    """The protocol `naming.Naming` for C++. `sources`: all files, for their includes and namespaces."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._fields = {message.name: members_of(message) for message in schema.messages.values()}
        self._static = {message.name: inside_message(message, schema) for message in schema.messages.values()}
        self._calls = {
            service.name: {
                name: access
                for rpc in service.methods.values()
                for name, access in call_of(service.name, rpc)
            }
            for service in schema.services.values()
        }
        self._types = type_names(schema)
        self._sources = {path: source for path, source in sources.items() if source.language == "cpp"}
        self._includes = Includes(
            {
                path: [one.path.removeprefix("include:") for one in source.imports if _is_include(one)]
                for path, source in self._sources.items()
            }
        )
        self._generated: dict[str, set[str]] = {}
        """Component -> the namespaces of the stubs that its files include."""
        self._declared: dict[str, set[str]] = {}
        """Component -> the namespaces that its files open."""
        for path, source in self._sources.items():
            component = self._includes.component(path)
            self._declared.setdefault(component, set()).update(_namespaces_in(source))
            for include in self._includes.written[path]:
                self._generated.setdefault(component, set()).update(self._namespaces_of(include))

    def _namespaces_of(self, include: str) -> Iterator[str]:
        """The namespaces that a stub brings: its own, and those of what its contract imports."""
        proto = proto_of(include)
        if proto is None:
            return
        files = declared_by(proto, self._schema.files.values())
        seen: set[str] = set()
        while files:
            file = files.pop()
            if file.path not in seen:
                seen.add(file.path)
                yield namespace_of(file.package)
                for imported in file.imports:
                    files.extend(declared_by(imported, self._schema.files.values()))

    # -- files and namespaces

    def unit(self, path: str, source: Source) -> str:
        """A file's top level by itself; a namespace in all files that hang together."""
        if not source.package:
            return path
        return f"{source.package}|{self._includes.component(path)}"

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """The namespaces around, those inside them by name, and what included files bring."""
        component = self._includes.component(path)
        closure = self._includes.closure(path)
        found: dict[str, Binding] = {}
        opened: list[Binding] = []
        for other in reversed(closure):
            for imported in _brought(self._sources[other]):
                for binding in self.imports(other, imported):
                    if binding.name == "*":
                        opened.append(Binding("*", binding.module))
                    else:
                        found[binding.name] = Binding(binding.name, binding.module, binding.symbol)
        parts = source.package.split("::") if source.package else []
        for count in range(len(parts) + 1):
            around = "::".join(parts[:count])
            for inner in self._inside(around, component):
                found[inner.rpartition("::")[2]] = Binding(
                    inner.rpartition("::")[2], self._module(inner, component)
                )
        own = [self._module("::".join(parts[:count]), component) for count in range(len(parts), 0, -1)]
        files = [LocalModule(each) for each in (path, *closure)]
        plain = [self._module("", component)]
        brought = [Binding("*", module) for module in (*own, *files, *plain)]
        return (*brought, *opened, *found.values())

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """`#include`, `using`, `namespace a = b`."""
        if _is_include(imported):
            return self._included(imported.path.removeprefix("include:"), path)
        component = self._includes.component(path)
        module = self._named(imported.path, component)
        if imported.alias is not None:
            return (Binding(imported.alias, module),)
        found = []
        for name, alias in imported.names:
            if name == "*":
                found.append(Binding("*", module))
                found.extend(
                    Binding(inner.rpartition("::")[2], self._module(inner, component))
                    for inner in self._inside(imported.path, component)
                )
            else:
                access = self.symbol(module, name) if isinstance(module, ModuleOf) else None
                found.append(Binding(alias, module, name, () if access is None else access.touches))
        return tuple(found)

    def _included(self, include: str, path: str) -> tuple[Binding, ...]:
        """A stub uses its contract; any other header is opened with all that it includes."""
        proto = proto_of(include)
        if proto is None:
            return ()
        files = declared_by(proto, self._schema.files.values())
        touches = tuple(sorted(f"file:{file.path}" for file in files))
        module = self._module("", self._includes.component(path))
        return (
            Binding("*", ModuleOf(module.key) if isinstance(module, ModuleOf) else module, None, touches),
        )

    def _inside(self, namespace: str, component: str) -> list[str]:
        """The namespaces right inside a namespace."""
        known = {*self._generated.get(component, ()), *self._declared.get(component, ())}
        before = f"{namespace}::" if namespace else ""
        inner = {name[len(before) :].partition("::")[0] for name in known if name.startswith(before)}
        return sorted(f"{before}{name}" for name in inner if name)

    def _module(self, namespace: str, component: str) -> ModuleOf | LocalModule:
        key = f"{namespace}|{component}"
        generated = self._generated.get(component, set())
        inside = any(name == namespace or name.startswith(f"{namespace}::") for name in generated)
        return ModuleOf(key) if inside or (not namespace and generated) else LocalModule(key)

    def _named(self, path: str, component: str) -> Module:
        """A namespace, a class that only holds others, or a library's namespace."""
        known = {*self._generated.get(component, ()), *self._declared.get(component, ())}
        if path and any(name == path or name.startswith(f"{path}::") for name in known):
            return self._module(path, component)
        owner, _, name = path.rpartition("::")
        access = self.symbol(ModuleOf(f"{owner}|{component}"), name) if owner in known else None
        if access is not None and isinstance(access.value, ModuleOf):
            return access.value
        return LibraryOf(path.replace("::", ".")) if path else self._module("", component)

    # -- names

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A type, an enum's value or function, a service; or what stands in a service's class."""
        if module.key.startswith("service:"):
            return self._of_service(module.key.removeprefix("service:"), name)
        namespace, _, component = module.key.partition("|")
        if namespace not in self._generated.get(component, ()):
            return None
        return self._types.get(namespace, {}).get(name)

    def _of_service(self, full: str, name: str) -> Access | None:
        if name == "NewStub":
            return Access(Method(ClientOf(full)), (full,), "type")
        if name in ("Stub", "StubInterface", "async_interface", "experimental_async_interface"):
            return Access(TypeOf(ClientOf(full)), (full,), "type")
        if name in SERVICES:
            return Access(TypeOf(ServerOf(full)), (full,), "type")
        for before in WITH:
            rpc = name.removeprefix(before)
            if rpc != name and rpc in self._schema.services[full].methods:
                return Access(TypeOf(ServerOf(full)), (f"{full}/{rpc}",), "rpc")
        return Access(Method()) if name == "service_full_name" else None

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind, and namespaces inside a namespace."""
        match value:
            case MessageOf(full):
                found = self._fields.get(full, {}).get(name) or self._static.get(full, {}).get(name)
                return method_of_message(full, name) if found is None else found
            case TypeOf(MessageOf(full)):
                found = self._static.get(full, {}).get(name) or self._fields.get(full, {}).get(name)
                return method_of_message(full, name) if found is None else found
            case TypeOf(EnumOf(full)):
                return self._value(full, name)
            case TypeOf(OneofOf(message)):
                return self._static.get(message, {}).get(name)
            case ClientOf(service):
                if name in ("async", "experimental_async", "get"):
                    return Access(Method(value))
                return self._calls.get(service, {}).get(name)
            case ServerOf(service):
                rpc = name.removeprefix("Request")
                known = self._schema.services.get(service)
                if known is None or rpc == name or rpc not in known.methods:
                    return None
                return Access(Method(), (f"{service}/{rpc}",), "rpc")
            case ModuleOf(key) | LocalModule(key) if "|" in key:
                namespace, _, component = key.partition("|")
                inner = f"{namespace}::{name}" if namespace else name
                known_inner = inner in self._inside(namespace, component)
                return Access(self._module(inner, component)) if known_inner else None
            case _:
                return None

    def _value(self, enum: str, name: str) -> Access | None:
        """`Color::RED` for an enum at the top or inside a message."""
        known = self._schema.enums.get(enum)
        if known is None or name.rstrip("_") not in {value.rstrip("_") for value in known.values}:
            return None
        value = name if name in known.values else name.removesuffix("_")
        return Access(EnumOf(enum), (f"{enum}.{value}",), "enum") if value in known.values else None

    def argument(self, value: Value, name: str) -> Access | None:
        """Messages have no members that a literal could name."""
        return None

    def by_text(self, message: str, text: str) -> Access | None:
        """Strings name fields in reflection only."""
        found = self._schema.messages.get(message)
        if found is None or text not in found.fields:
            return None
        return Access(MessageOf(message), (f"{message}.{text}",), "field")

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """An override of an rpc's method: without the rpc it does not compile. Its types are written."""
        service = self._schema.services.get(server.service)
        if service is None or name not in service.methods:
            return None
        return Access(Method(), (f"{server.service}/{name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Members of messages and clients by the names that they have in C++."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (name, element)
            for table in tables
            for name, access in table.items()
            for element in access.touches
        )


def _is_include(imported: Import) -> bool:
    return imported.path.startswith("include:")


def _namespaces_in(source: Source) -> Iterator[str]:
    if source.package:
        yield source.package
    for one in source.inner:
        yield from _namespaces_in(one)


def _brought(source: Source) -> list[Import]:
    """What a header's own `using`s bring to those who include it."""
    return [one for one in source.imports if not _is_include(one)]
