"""Clients, servers and streams of an rpc in JavaScript and TypeScript, by how they are called and handled.

`grpc` as a server's flavour: handlers get a call and a callback (grpc-js). Any other: they get the request
and return the response (connect, nice-grpc, NestJS, twirp).
"""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.workspace.use_sites.contract_values import given_by, taken_by
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    ClientOf,
    LibraryOf,
    MessageOf,
    Method,
    ServerOf,
    StreamOf,
    TypeOf,
    Value,
    join,
)


def _client(service: str) -> Value:
    return TypeOf(ClientOf(service))


def _server(service: str) -> Value:
    return TypeOf(ServerOf(service))


def _grpc_server(service: str) -> Value:
    return TypeOf(ServerOf(service, "grpc"))


def _text(service: str) -> Value:
    return PLAIN


# What a service is called by any generator; the first that fits.
SERVICES: tuple[tuple[str, Callable[[str], Value]], ...] = (
    ("{}Client", _client),
    ("{}PromiseClient", _client),
    ("{}ClientImpl", _client),
    ("{}GrpcClient", _client),
    ("{}GrpcWebClient", _client),
    ("I{}Client", _client),
    ("{}ClientJSON", _client),
    ("{}ClientProtobuf", _client),
    ("{}Server", _grpc_server),
    ("{}Service", _grpc_server),
    ("{}Handlers", _grpc_server),
    ("I{}Server", _grpc_server),
    ("I{}", _grpc_server),
    ("{}Controller", _server),
    ("{}ControllerMethods", _server),
    ("{}Definition", _server),
    ("{}ServiceImplementation", _server),
    ("{}Implementation", _server),
    ("{}Twirp", _server),
    ("{}", _server),
    ("{}ServiceName", _text),
)


def called(rpc: Rpc, element: str) -> Method:
    """Calling an rpc: with a callback, for a promise, or for a stream."""
    answer = Method(parameters=(PLAIN, MessageOf(rpc.output)))
    result: Value = MessageOf(rpc.output)
    if rpc.client_streaming or rpc.server_streaming:
        awaited = PLAIN if rpc.server_streaming else MessageOf(rpc.output)
        sends = MessageOf(rpc.input) if rpc.client_streaming else PLAIN
        result = StreamOf(MessageOf(rpc.output), sends, awaited)
    first = join((taken_by(rpc), answer)) if rpc.client_streaming else taken_by(rpc)
    return Method(result, (first, answer, answer, answer), escape="forwarded", owner=element)


def handled(rpc: Rpc, flavour: str) -> Method:
    """What a handler gets and gives."""
    taken, given = taken_by(rpc), given_by(rpc)
    if flavour != "grpc":
        return Method(given, (taken, LibraryOf("(context)")))
    call = StreamOf(MessageOf(rpc.input), MessageOf(rpc.output))
    return Method(PLAIN, (call, Method(parameters=(PLAIN, MessageOf(rpc.output)), escape="forwarded")))


def streams(stream: StreamOf, name: str) -> Access | None:
    """A call as its handler sees it, or a stream as its client does."""
    if name == "request":
        return Access(stream.receives)
    if name in ("write", "send", "end", "complete"):
        return Access(Method(parameters=(stream.sends,), escape="forwarded"))
    if name in ("responses", "requests"):
        return Access(stream)
    if name in ("on data", "onMessage", "subscribe", "onNext", "forEach"):
        return Access(Method(parameters=(Method(parameters=(stream.receives,)),)))
    if name == "response":
        return Access(stream.result)
    if name in ("read", "next"):
        return Access(Method(stream.receives))
    quiet = ("cancel", "destroy", "sendMetadata", "getPeer", "emit", "close", "pipe", "removeListener")
    return Access(Method()) if name in quiet or name.startswith("on ") else None


def of_call(method: Method, name: str) -> Access | None:
    """What can be done with an rpc that is not called yet."""
    if name in ("bind", "call", "apply"):
        return Access(Method(method if name == "bind" else method.result))
    return None
