"""What Go's generators make of a contract's names: protoc-gen-go (open and opaque API), -go-grpc, connect,
gogo.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from posixpath import dirname

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.go.modules import GoModules, names_in
from workspai_hooks.workspace.use_sites.go.names import camel
from workspai_hooks.workspace.use_sites.go.symbols import CONNECT, GoSymbols
from workspai_hooks.workspace.use_sites.naming import Access, Binding, Layout
from workspai_hooks.workspace.use_sites.syntax import Import, Source
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    BuilderOf,
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
    WrapperOf,
)

ENCODERS = {
    "ProtoReflect": "reflection",
    "Marshal": "bytes",
    "MarshalVT": "bytes",
    "MarshalTo": "bytes",
    "MarshalJSON": "json",
    "MarshalText": "text",
}
"""Methods of messages, of protoc-gen-go and of others, that hand out the whole message."""
TEMPLATE, TEMPLATES = "go-template", "template:"
MODULE_SUFFIX = (".v1", ".v2", ".v3", ".v4")


class GoNaming:
    """`Naming` for Go and for the templates that Go renders."""

    def __init__(self, schema: Schema, layout: Layout) -> None:
        self._schema = schema
        self._symbols = GoSymbols(schema)
        self._modules = GoModules(schema, layout)
        self._tables: dict[str, Mapping[str, Access]] = {}
        self._members: dict[str, Mapping[str, Access]] = {}

    def unit(self, path: str, source: Source) -> str:
        """A folder's package; its external tests are a package of their own."""
        folder = dirname(path)
        if source.language == TEMPLATE:
            return f"{TEMPLATES}{path}"
        external = source.package.endswith("_test") and path.endswith("_test.go")
        return f"{folder}#test" if external else folder

    def imports(self, path: str, imported: Import) -> tuple[Binding, ...]:
        """A package by its import path, under its alias or its own name."""
        folder, generated = self._modules.resolve(imported.path)
        module: ModuleOf | LocalModule | LibraryOf
        confidence = "proven"
        if generated is not None:
            module, confidence = ModuleOf(folder), generated.confidence
            self._table(folder, imported.path)
        else:
            module = LocalModule(folder) if folder else LibraryOf(imported.path)
        if imported.names:
            return (Binding("*", module, None, (), confidence),)
        names = (
            (imported.alias,) if imported.alias else self._default_names(imported.path, generated is not None)
        )
        return tuple(Binding(name, module, None, (), confidence) for name in names)

    def _default_names(self, path: str, is_generated: bool) -> tuple[str, ...]:
        """What a package can be called where no alias says it: its last word, without a version."""
        words = path.split("/")
        last = words[-1]
        if len(words) > 1 and last[:1] == "v" and last[1:].isdigit():
            outer = words[-2]
            return (outer, f"{outer}{last}", last) if is_generated else (outer,)
        for suffix in MODULE_SUFFIX:
            last = last.removesuffix(suffix)
        plain = last.replace("-", "_")
        stripped = last.removeprefix("go-").removesuffix("-go").replace("-", "")
        return tuple(dict.fromkeys((plain, stripped)))

    def implicit(self, path: str, source: Source) -> tuple[Binding, ...]:
        """Nothing but the package itself, where it stands beside generated files."""
        folder = dirname(path)
        if self._modules.at(folder) is None or source.package.endswith("_test"):
            return ()
        return (Binding("*", ModuleOf(folder)),)

    def _table(self, key: str, imported: str = "") -> Mapping[str, Access]:
        known = self._tables.get(key)
        if known is None:
            package = self._modules.at(key) or (self._modules.resolve(imported)[1] if imported else None)
            if package is None:
                return {}
            names = names_in(self._schema, package.files)
            known = self._symbols.symbols(*names, package.generators)
            if package.confidence != "proven":
                known = {
                    name: Access(access.value, access.touches, access.kind, package.confidence)
                    for name, access in known.items()
                }
            self._tables[key] = known
        return known

    def symbol(self, module: ModuleOf, name: str) -> Access | None:
        """A top-level name of a generated package."""
        return self._table(module.key).get(name)

    def member(self, value: Value, name: str) -> Access | None:
        """A member of a contract value."""
        match value:
            case MessageOf(message):
                return self._of_message(message).get(name)
            case TypeOf(MessageOf() as inner):
                return self.member(inner, name)
            case WrapperOf(message, field):
                return self._of_wrapper(message, field, name)
            case BuilderOf(message):
                return self._of_builder(message, name)
            case ClientOf(service, flavour):
                return self._of_client(service, flavour, name)
            case ServerOf(service):
                return self._of_client(service, "", name, "rpc")
            case StreamOf():
                return _of_stream(value, name)
            case EnumOf():
                return Access(value if name == "Enum" else Method())
            case LibraryOf(path, (message, *_)) if path.startswith(f"{CONNECT}."):
                return self.member(message, name)
            case _:
                return None

    def _of_message(self, message: str) -> Mapping[str, Access]:
        known = self._members.get(message)
        if known is None:
            known = self._members[message] = dict(self._message_members(message))
        return known

    def _message_members(self, message: str) -> dict[str, Access]:
        found = {
            name: Access(Method(LibraryOf("protoreflect"), escape=how, escapes=message))
            for name, how in ENCODERS.items()
        }
        found.update(
            dict.fromkeys(("String", "Reset", "Descriptor", "ProtoMessage", "Validate"), Access(Method()))
        )
        found.update(dict.fromkeys(("CloneVT", "CloneMessageVT"), Access(Method(MessageOf(message)))))
        declared = self._schema.messages.get(message)
        if declared is None:
            return found
        names = self._symbols.names(message)
        for name, word in names.fields.items():
            field = declared.fields[name]
            value, touches = self._symbols.value_of(field), (f"{message}.{name}",)
            if field.oneof is None:
                found[word] = Access(value, touches)
            found[f"Get{word}"] = Access(Method(value), touches)
            found[f"Set{word}"] = Access(Method(parameters=(value,), escape="forwarded"), touches)
            found[f"Has{word}"] = found[f"Clear{word}"] = Access(Method(), touches)
        for name, word in names.oneofs.items():
            held, touches = OneofOf(message, name), (f"{message}.{name}",)
            found[word] = Access(held, touches, "oneof")
            found[f"Get{word}"] = Access(Method(held), touches, "oneof")
            for accessor in (f"Has{word}", f"Clear{word}", f"Which{word}"):
                found[accessor] = Access(Method(), touches, "oneof")
        return found

    def _of_wrapper(self, message: str, field: str, name: str) -> Access | None:
        declared = self._schema.messages.get(message)
        if declared is None or self._symbols.names(message).fields.get(field) != name:
            return None
        return Access(self._symbols.value_of(declared.fields[field]), (f"{message}.{field}",))

    def _of_builder(self, message: str, name: str) -> Access | None:
        if name == "Build":
            return Access(Method(MessageOf(message)))
        declared = self._schema.messages.get(message)
        for field, word in self._symbols.names(message).fields.items() if declared is not None else ():
            if word == name and declared is not None:
                return Access(self._symbols.value_of(declared.fields[field]), (f"{message}.{field}",))
        return None

    def _of_client(self, service: str, flavour: str, name: str, kind: str = "call") -> Access | None:
        declared = self._schema.services.get(service)
        for rpc in declared.methods.values() if declared is not None else ():
            if camel(rpc.name) == name:
                return Access(self._symbols.call(rpc, flavour), (f"{service}/{rpc.name}",), kind)
        return None

    def argument(self, value: Value, name: str) -> Access | None:
        """A key in a composite literal; those of oneofs are the oneof itself."""
        if isinstance(value, MessageOf | WrapperOf | BuilderOf):
            return self.member(value, name)
        return None

    def by_text(self, message: str, text: str) -> Access | None:
        """Go names no fields by strings that could be followed."""
        return None

    def handler(self, server: ServerOf, name: str) -> Access | None:
        """A Go method stays without its rpc: it compiles, and nothing calls it (fine print 5)."""
        return None

    def accessors(self) -> Mapping[str, tuple[str, ...]]:
        """Names of fields, getters, setters and clients' methods -> elements."""
        return self._accessors

    @cached_property
    def _accessors(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for message in self._schema.messages:
            for name, access in self._of_message(message).items():
                if access.touches:
                    found.setdefault(name, set()).update(access.touches)
        for service, declared in self._schema.services.items():
            for rpc in declared.methods:
                found.setdefault(camel(rpc), set()).add(f"{service}/{rpc}")
        return {name: tuple(sorted(elements)) for name, elements in found.items()}


def _of_stream(stream: StreamOf, name: str) -> Access | None:
    match name:
        case "Recv" | "Receive":
            return Access(Method(TupleOf((stream.receives, PLAIN))))
        case "Msg":
            return Access(Method(stream.receives))
        case "Send" | "SendMsg" | "SendAndClose":
            return Access(Method(parameters=(stream.sends,), escape="forwarded"))
        case "CloseAndRecv" | "CloseAndReceive":
            return Access(Method(TupleOf((stream.result, PLAIN))))
        case _:
            return Access(Method())
