"""The top-level names of a generated Go package: messages, enums, oneof wrappers, clients and servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.contracts.protobuf.schema import Field, Kind, Schema, Service
from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.go.names import MessageNames, camel, names_of, relative
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    BuilderOf,
    ClientOf,
    EnumOf,
    LibraryOf,
    ListOf,
    MapOf,
    MessageOf,
    Method,
    ServerOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
    WrapperOf,
)

CONNECT = "connectrpc.com/connect"


class GoSymbols:
    """Everything that generators make of one schema, by message, enum and service."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._names: dict[str, MessageNames] = {}
        self._nested: dict[str, set[str]] = {}
        for name in (*schema.messages, *schema.enums):
            outer = name.rpartition(".")[0]
            self._nested.setdefault(outer, set()).add(self.ident(name))

    def ident(self, name: str) -> str:
        """The Go name of a message or enum."""
        return camel(relative(name, self.schema.package_of(name)))

    def names(self, message: str) -> MessageNames:
        """The Go names of a message's members."""
        known = self._names.get(message)
        if known is None:
            siblings = frozenset(self._nested.get(message, ()))
            known = self._names[message] = names_of(
                self.schema.messages[message], self.ident(message), siblings
            )
        return known

    def value_of(self, field: Field) -> Value:
        """What a field holds."""
        single: Value = PLAIN
        if field.kind is Kind.MESSAGE:
            single = MessageOf(field.type)
        elif field.kind is Kind.ENUM:
            single = EnumOf(field.type)
        if field.map_key is not None:
            return MapOf(PLAIN, single)
        return ListOf(single) if field.repeated else single

    def symbols(
        self,
        messages: Iterable[str],
        enums: Iterable[str],
        services: Iterable[str],
        generators: frozenset[str],
    ) -> dict[str, Access]:
        """The names of a package that these elements were generated into, by these generators."""
        found: dict[str, Access] = {}
        for name in messages:
            found.update(self._of_message(name))
        for name in enums:
            found.update(self._of_enum(name))
        for name in services:
            service = self.schema.services[name]
            found.update(self._of_service(service))
            if "protoc-gen-connect-go" in generators:
                found.update(self._of_connect(service))
            if "protoc-gen-twirp" in generators:
                found.update(self._of_twirp(service))
        return found

    def _of_message(self, name: str) -> Iterator[tuple[str, Access]]:
        ident = self.ident(name)
        yield ident, Access(TypeOf(MessageOf(name)), (name,), "type")
        yield f"{ident}_builder", Access(TypeOf(BuilderOf(name)), (name,), "type")
        names = self.names(name)
        for field, wrapper in names.wrappers.items():
            touches = (f"{name}.{field}",)
            yield wrapper, Access(TypeOf(WrapperOf(name, field)), touches)
            case = f"{ident}_{names.fields[field]}_case"
            yield case, Access(PLAIN, touches)
        for field, word in names.fields.items():
            yield f"Default_{ident}_{word}", Access(PLAIN, (f"{name}.{field}",))

    def _of_enum(self, name: str) -> Iterator[tuple[str, Access]]:
        ident = self.ident(name)
        outer = name.rpartition(".")[0]
        prefix = self.ident(outer) if outer in self.schema.messages else ident
        touches = (name,)
        yield ident, Access(TypeOf(EnumOf(name)), touches, "type")
        yield f"{ident}_name", Access(MapOf(PLAIN, PLAIN), touches, "type")
        yield f"{ident}_value", Access(MapOf(PLAIN, PLAIN), touches, "type")
        for value in self.schema.enums[name].values:
            yield f"{prefix}_{value}", Access(EnumOf(name), (f"{name}.{value}",), "enum")

    def _of_service(self, service: Service) -> Iterator[tuple[str, Access]]:
        word, name = camel(relative(service.name, self.schema.package_of(service.name))), service.name
        touches = (name,)
        client, server = TypeOf(ClientOf(name)), TypeOf(ServerOf(name))
        yield f"{word}Client", Access(client, touches, "type")
        yield f"New{word}Client", Access(Method(ClientOf(name)), touches, "type")
        yield (
            f"Register{word}Server",
            Access(Method(parameters=(PLAIN, ServerOf(name)), registers=name), touches, "registration"),
        )
        for server_name in (f"{word}Server", f"Unimplemented{word}Server", f"Unsafe{word}Server"):
            yield server_name, Access(server, touches, "type")
        for plain in (f"{word}_ServiceDesc", f"_{word}_serviceDesc"):
            yield plain, Access(PLAIN, touches, "type")
        for gateway in ("Handler", "HandlerFromEndpoint", "HandlerServer", "HandlerClient"):
            yield f"Register{word}{gateway}", Access(Method(), touches, "type")
        for rpc in service.methods.values():
            yield from self._of_rpc(service, word, rpc)

    def _of_rpc(self, service: Service, word: str, rpc: Rpc) -> Iterator[tuple[str, Access]]:
        name, touches = f"{word}_{camel(rpc.name)}", (f"{service.name}/{rpc.name}",)
        yield f"{name}_FullMethodName", Access(PLAIN, touches, "rpc")
        if rpc.client_streaming or rpc.server_streaming:
            yield f"{name}Client", Access(TypeOf(self.stream(rpc)), touches, "rpc")
            yield f"{name}Server", Access(TypeOf(self.served_stream(rpc)), touches, "handler")

    def _of_connect(self, service: Service) -> Iterator[tuple[str, Access]]:
        word, name = camel(relative(service.name, self.schema.package_of(service.name))), service.name
        touches = (name,)
        yield f"{word}Client", Access(TypeOf(ClientOf(name, "connect")), touches, "type")
        yield f"New{word}Client", Access(Method(ClientOf(name, "connect")), touches, "type")
        yield (
            f"New{word}Handler",
            Access(
                Method(TupleOf((PLAIN, PLAIN)), (ServerOf(name),), registers=name), touches, "registration"
            ),
        )
        yield f"{word}Handler", Access(TypeOf(ServerOf(name)), touches, "type")
        yield f"Unimplemented{word}Handler", Access(TypeOf(ServerOf(name)), touches, "type")
        yield f"{word}Name", Access(PLAIN, touches, "type")
        for rpc in service.methods.values():
            procedure = f"{word}{camel(rpc.name)}Procedure"
            yield procedure, Access(PLAIN, (f"{name}/{rpc.name}",), "rpc")

    def _of_twirp(self, service: Service) -> Iterator[tuple[str, Access]]:
        word, touches = camel(relative(service.name, self.schema.package_of(service.name))), (service.name,)
        client = ClientOf(service.name)
        yield word, Access(TypeOf(client), touches, "type")
        yield f"New{word}ProtobufClient", Access(Method(client), touches, "type")
        yield f"New{word}JSONClient", Access(Method(client), touches, "type")
        registers = Method(parameters=(ServerOf(service.name),), registers=service.name)
        yield f"New{word}Server", Access(registers, touches, "registration")

    def stream(self, rpc: Rpc) -> StreamOf:
        """The client's end of a streaming rpc."""
        receives = MessageOf(rpc.output) if rpc.server_streaming else PLAIN
        sends = MessageOf(rpc.input) if rpc.client_streaming else PLAIN
        result = PLAIN if rpc.server_streaming else MessageOf(rpc.output)
        return StreamOf(receives, sends, result)

    def served_stream(self, rpc: Rpc) -> StreamOf:
        """The server's end of a streaming rpc."""
        receives = MessageOf(rpc.input) if rpc.client_streaming else PLAIN
        return StreamOf(receives, MessageOf(rpc.output))

    def call(self, rpc: Rpc, flavour: str) -> Method:
        """The method of a client that calls an rpc."""
        wrapped = flavour == "connect"
        request = _connect("Request", MessageOf(rpc.input)) if wrapped else MessageOf(rpc.input)
        if rpc.client_streaming or rpc.server_streaming:
            parameters = (PLAIN,) if rpc.client_streaming else (PLAIN, request)
            stream = self.stream(rpc)
            result: Value = stream if wrapped and rpc.client_streaming else TupleOf((stream, PLAIN))
            return Method(result, parameters, escape="forwarded")
        response = _connect("Response", MessageOf(rpc.output)) if wrapped else MessageOf(rpc.output)
        return Method(TupleOf((response, PLAIN)), (PLAIN, request), escape="forwarded")


def _connect(kind: str, message: Value) -> LibraryOf:
    return LibraryOf(f"{CONNECT}.{kind}", (message,))
