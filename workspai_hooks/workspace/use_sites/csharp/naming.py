"""What protoc, Grpc.Tools and protobuf-net-free gRPC code see of a contract in C#.

A ModuleOf is a namespace by its name, or a class that only holds others: `types:<message>`, `case:<oneof>`,
`service:<service>`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from workspai_hooks.contracts.protobuf.schema import Field, Message, Schema
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import by_name, field_value, given_by
from workspai_hooks.workspace.use_sites.csharp.names import (
    case_name,
    enum_value_name,
    namespace_of,
    pascal,
    property_name,
)
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.syntax import Class, Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
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

Named = Mapping[str, Access]

ENCODERS = {
    "ToByteArray": "bytes",
    "ToByteString": "bytes",
    "WriteTo": "bytes",
    "WriteDelimitedTo": "bytes",
}
PROMISES = frozenset({"ResponseAsync", "Result", "Value"})
"""A call's or a task's members that give what it promises; awaiting is left out of the tree."""
PROMISING = frozenset({"GetAwaiter", "GetResult", "ConfigureAwait", "WaitAsync", "AsTask", "Clone"})


class CSharpNaming:
    """The protocol `naming.Naming` for C#. `sources`: all files, for namespaces and global usings."""

    def __init__(self, schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> None:
        self._schema = schema
        self._types = _types_by_namespace(schema)
        self._fields = {m.name: _members_of(m) for m in schema.messages.values()}
        self._arguments = {m.name: _settable(m) for m in schema.messages.values()}
        self._values = {
            enum.name: {
                enum_value_name(_short(enum.name), value): Access(
                    EnumOf(enum.name), (f"{enum.name}.{value}",), "enum"
                )
                for value in enum.values
            }
            for enum in schema.enums.values()
        }
        self._calls = {
            service.name: {
                name: access
                for rpc in service.methods.values()
                for name, access in _calls_of(service.name, rpc).items()
            }
            for service in schema.services.values()
        }
        csharp = {path: source for path, source in sources.items() if source.language == "csharp"}
        self._projects = {str(PurePosixPath(p).parent) for p in layout.paths if p.endswith(".csproj")}
        self._units: dict[str, set[str]] = {}
        """Namespace -> the projects that declare something in it: two of them may use one name twice."""
        for path, source in csharp.items():
            self._units.setdefault(source.package, set()).add(self._project(path))
        self._namespaces = {
            prefix
            for name in (*self._types, *(source.package for source in csharp.values()))
            for prefix in _prefixes(name)
        }
        self._inside: dict[str, list[str]] = {}
        for name in sorted(self._namespaces):
            self._inside.setdefault(name.rpartition(".")[0], []).append(name)
        self._declared = {name: set(types) for name, types in self._types.items()}
        """What hides a namespace of the same name that stands further out."""
        for source in csharp.values():
            names = {each.name for each in source.body if isinstance(each, Class)}
            self._declared.setdefault(source.package, set()).update(names)
        self._own: dict[str, set[str]] = {}
        """Project -> the namespaces that it declares, with those around them."""
        for path, source in csharp.items():
            self._own.setdefault(self._project(path), set()).update(_prefixes(source.package))
        self._generated = {name for types in self._types.values() for name in types}
        self._global: dict[str, list[Import]] = {}
        for path in sorted(csharp):
            for imported in csharp[path].imports:
                if imported.everywhere:
                    self._global.setdefault(self._project(path), []).append(imported)

    def unit(self, path: str, source: Source) -> str:
        """Files of one namespace of one project see each other's types."""
        projects = self._units.get(source.package, set())
        return source.package if len(projects) < 2 else f"{source.package}|{self._project(path)}"

    def _opened(self, namespace: str, path: str) -> list[Binding]:
        """What `using` a namespace opens: generated types, and those of each project, its own first."""
        projects = self._units.get(namespace, set())
        own = self._project(path)
        units = [f"{namespace}|{each}" for each in sorted(projects, key=lambda each: (each != own, each))]
        found = [Binding("*", self._module(namespace))]
        return found if len(projects) < 2 else [*found, *(Binding("*", LocalModule(unit)) for unit in units)]

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """The namespaces around the file's, namespaces by their first names, and global usings."""
        hidden: set[str] = set()
        found: list[Binding] = []
        own = self._own.get(self._project(path), set())
        for parent in (*reversed(_prefixes(source.package)), ""):
            hidden |= self._declared.get(parent, set())
            for name in self._inside.get(parent, ()):
                foreign = name not in own and _short(name) in self._generated
                if _short(name) not in hidden and not foreign:  # another project's namespace hides no type
                    hidden.add(_short(name))
                    found.append(Binding(_short(name), self._module(name)))
        parents = (*reversed(_prefixes(source.package)), "")
        opened = [binding for parent in parents for binding in self._opened(parent, path)]
        usings = self._global.get(self._project(path), [])
        brought = [binding for imported in usings for binding in self.imports(path, imported)]
        return (*opened, *brought, *found)

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """`using N;`, `using static N.T;`, `using A = N.T;`."""
        if imported.alias is None and imported.path in self._namespaces:
            return tuple(self._opened(imported.path, path))
        if imported.alias is None:
            return (Binding("*", self._path(imported.path)),)
        if imported.path in self._namespaces:
            return (Binding(imported.alias, self._module(imported.path)),)
        owner, _, name = imported.path.rpartition(".")
        return (Binding(imported.alias, self._path(owner), name),)

    def _project(self, path: str) -> str:
        """The folder of the project that a file belongs to."""
        folders = [str(folder) for folder in PurePosixPath(path).parents]
        return next((folder for folder in folders if folder in self._projects), ".")

    def _module(self, namespace: str) -> ModuleOf | LocalModule:
        generated = any(known == namespace or known.startswith(f"{namespace}.") for known in self._types)
        return ModuleOf(namespace) if namespace and generated else LocalModule(namespace)

    def _path(self, dotted: str) -> ModuleOf | LocalModule | LibraryOf:
        """A namespace, or the class at the end of a path of names."""
        if dotted in self._namespaces:
            return self._module(dotted)
        owner, _, name = dotted.rpartition(".")
        access = self.symbol(ModuleOf(owner), name) if owner in self._types else None
        if access is not None and isinstance(access.value, ModuleOf):
            return access.value
        return LocalModule(dotted) if owner in self._namespaces else LibraryOf(dotted)

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A type of a namespace, or what stands in one of the classes that only hold others."""
        kind, colon, full = module.key.partition(":")
        if not colon:
            return self._types.get(module.key.partition("|")[0], {}).get(name)
        if kind == "types":
            nested = f"{full}.{name}"
            return self._type(nested)
        if kind == "case":
            return self._case(full, name)
        short = _short(full)
        if name == f"{short}Client":
            return Access(TypeOf(ClientOf(full)), (full,), "type")
        if name == f"{short}Base":
            return Access(TypeOf(ServerOf(full)), (full,), "type")
        return Access(Method(registers=full), (full,), "registration") if name == "BindService" else None

    def _type(self, full: str) -> Access | None:
        if full in self._schema.messages:
            return Access(TypeOf(MessageOf(full)), (full,), "type")
        return Access(TypeOf(EnumOf(full)), (full,), "type") if full in self._schema.enums else None

    def _case(self, oneof: str, name: str) -> Access | None:
        message, _, word = oneof.rpartition(".")
        found = self._schema.messages.get(message)
        for field in found.fields.values() if found is not None else ():
            if field.oneof == word and case_name(field.name) == name:
                return Access(OneofOf(message, word), (f"{message}.{field.name}",), "field")
        return Access(OneofOf(message, word)) if name == "None" else None

    def member(self, value: Value, name: str) -> Access | None:
        """A member of anything that the contract is behind, and namespaces inside a namespace."""
        match value:
            case MessageOf(full):
                return self._fields.get(full, {}).get(name) or self._static(full, name) or _method(full, name)
            case TypeOf(MessageOf(full)):
                return self._static(full, name) or self._fields.get(full, {}).get(name)
            case TypeOf(EnumOf(full)) | EnumOf(full):
                return self._values.get(full, {}).get(name)
            case ClientOf(service):
                return self._calls.get(service, {}).get(name)
            case StreamOf():
                return self._of_stream(value, name)
            case Method(owner=owner) if owner.startswith("parser:"):
                return _of_parser(owner.removeprefix("parser:"), name)
            case ModuleOf(namespace) | LocalModule(namespace):
                inner = f"{namespace}.{name}"
                return Access(self._module(inner)) if inner in self._namespaces else None
            case _:
                return None

    def _static(self, full: str, name: str) -> Access | None:
        """What stands in a message's class: its nested types, its parser, its field numbers."""
        message = self._schema.messages.get(full)
        if message is None:
            return None
        if name == "Types":
            return Access(ModuleOf(f"types:{full}"))
        if name == "Parser":
            return Access(Method(MessageOf(full), owner=f"parser:{full}"))
        if name == "Descriptor":
            return Access(LibraryOf("Google.Protobuf.Reflection.MessageDescriptor"))
        for oneof in message.oneofs:
            if name == f"{pascal(oneof)}OneofCase":
                return Access(ModuleOf(f"case:{full}.{oneof}"), (f"{full}.{oneof}",), "oneof")
        return None

    def _of_stream(self, stream: StreamOf, name: str) -> Access | None:
        """Both sides of a call; awaiting a call that only sends gives its result."""
        if name in ("ResponseStream", "RequestStream"):
            return Access(stream)
        if name == "ReadAllAsync":
            return Access(
                Method(stream.receives if stream.receives == PLAIN else StreamOf(stream.receives, PLAIN))
            )
        if name == "Current":
            return Access(stream.receives)
        if name in ("WriteAsync", "Write"):
            return Access(Method(parameters=(stream.sends,), escape="forwarded"))
        if name in ("CompleteAsync", "MoveNext", "Dispose", "DisposeAsync", "GetStatus", "GetTrailers"):
            return Access(Method())
        if name in PROMISES:
            return Access(stream.result)
        if name in PROMISING:
            return Access(Method(stream))
        return None if stream.result == PLAIN else self.member(stream.result, name)

    def argument(self, value: Value, name: str) -> Access | None:
        """A member in an object initialiser."""
        match value:
            case MessageOf(full) | TypeOf(MessageOf(full)):
                return self._arguments.get(full, {}).get(name)
            case _:
                return None

    def by_text(self, message: str, text: str) -> Access | None:
        """Strings name fields in reflection only, by their proto names."""
        found = self._schema.messages.get(message)
        if found is None or text not in found.fields:
            return None
        return Access(field_value(found.fields[text]), (f"{message}.{text}",), "field")

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """An override of an rpc's method: without the rpc it does not compile. Its types are written."""
        service = self._schema.services.get(server.service)
        rpc = None if service is None else service.methods.get(name)
        if rpc is None:
            return None
        return Access(Method(given_by(rpc)), (f"{server.service}/{rpc.name}",), "handler")

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Members of messages and clients by the names that they have in C#."""
        tables = (*self._fields.values(), *self._calls.values())
        return by_name(
            (name, element)
            for table in tables
            for name, access in table.items()
            for element in access.touches
        )


def _types_by_namespace(schema: Schema) -> dict[str, dict[str, Access]]:
    """Namespace -> the messages, enums and service classes that stand right in it."""
    found: dict[str, dict[str, Access]] = {}
    origins = {each.name: each.file for each in schema.messages.values()}
    origins.update((each.name, each.file) for each in schema.enums.values())
    origins.update((each.name, each.file) for each in schema.services.values())
    for full, path in origins.items():
        file = schema.files.get(path)
        if file is None or full.rpartition(".")[0] != file.package:
            continue
        value: Value = ModuleOf(f"service:{full}")
        if full in schema.messages:
            value = TypeOf(MessageOf(full))
        elif full in schema.enums:
            value = TypeOf(EnumOf(full))
        for namespace in _namespaces_of(schema, file.package):
            found.setdefault(namespace, {})[_short(full)] = Access(value, (full,), "type")
    return found


def _namespaces_of(schema: Schema, package: str) -> set[str]:
    """Copies of a contract may have options of their own."""
    return {namespace_of(file) for file in schema.files.values() if file.package == package}


def _members_of(message: Message) -> dict[str, Access]:
    found = {}
    for field, access in _accesses(message):
        name = property_name(field.name, _short(message.name))
        found[name] = access
        found[f"{name}FieldNumber"] = Access(PLAIN, access.touches)
        if not field.repeated and field.map_key is None:
            found[f"Has{name}"] = Access(PLAIN, access.touches)
            found[f"Clear{name}"] = Access(Method(), access.touches)
    for oneof in message.oneofs:
        touches = (f"{message.name}.{oneof}",)
        found[f"{pascal(oneof)}Case"] = Access(OneofOf(message.name, oneof), touches, "oneof")
        found[f"Clear{pascal(oneof)}"] = Access(Method(), touches, "oneof")
    return found


def _settable(message: Message) -> dict[str, Access]:
    return {property_name(field.name, _short(message.name)): access for field, access in _accesses(message)}


def _accesses(message: Message) -> Iterator[tuple[Field, Access]]:
    for field in message.fields.values():
        yield field, Access(field_value(field), (f"{message.name}.{field.name}",), "field")


def _calls_of(service: str, rpc: Rpc) -> dict[str, Access]:
    """`Get` blocks and `GetAsync` does not; streams have one method only."""
    element = (f"{service}/{rpc.name}",)
    taken, given = MessageOf(rpc.input), MessageOf(rpc.output)
    if rpc.client_streaming or rpc.server_streaming:
        receives = given if rpc.server_streaming else PLAIN
        sends = taken if rpc.client_streaming else PLAIN
        result = PLAIN if rpc.server_streaming else given
        parameters = () if rpc.client_streaming else (taken,)
        call = Method(StreamOf(receives, sends, result), parameters, escape="forwarded")
        return {rpc.name: Access(call, element, "call")}
    call = Method(given, (taken,), escape="forwarded")
    return {rpc.name: Access(call, element, "call"), f"{rpc.name}Async": Access(call, element, "call")}


def _method(full: str, name: str) -> Access | None:
    """What every message, and every call that promises one, can do."""
    itself = MessageOf(full)
    if name in ENCODERS:
        return Access(Method(escape=ENCODERS[name], escapes=full))
    if name in PROMISES:
        return Access(itself)
    if name in PROMISING:
        return Access(Method(itself))
    if name == "MergeFrom":
        return Access(Method(parameters=(itself,)))
    return (
        Access(Method())
        if name in ("Equals", "GetHashCode", "CalculateSize", "ToString", "GetType")
        else None
    )


def _of_parser(full: str, name: str) -> Access | None:
    if name == "ParseJson":
        return Access(Method(MessageOf(full), escape="json", escapes=full))
    if name.startswith("With"):
        return Access(Method(MessageOf(full), owner=f"parser:{full}"))
    return Access(Method(MessageOf(full))) if name.startswith("Parse") else None


def _prefixes(name: str) -> list[str]:
    """`A`, `A.B`, `A.B.C`."""
    parts = name.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))] if name else []


def _short(full: str) -> str:
    return full.rsplit(".", 1)[-1]
