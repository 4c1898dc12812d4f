"""What grpc-java, grpc-kotlin and the reactive generators make of services: stubs, calls, handlers."""

from __future__ import annotations

from workspai_hooks.contracts.protobuf.schema import Method as Rpc
from workspai_hooks.contracts.protobuf.schema import Service
from workspai_hooks.workspace.use_sites.jvm.names import method
from workspai_hooks.workspace.use_sites.naming import Access
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    ClientOf,
    ListOf,
    MessageOf,
    Method,
    ServerOf,
    StreamOf,
    TypeOf,
    Value,
)

MAKERS = {
    "newStub": "async",
    "newBlockingStub": "blocking",
    "newFutureStub": "future",
    "newBlockingV2Stub": "blocking",
    "newMutinyStub": "reactive",
    "newReactorStub": "reactive",
    "newRxStub": "reactive",
}
STUBS = {
    "Stub": "async",
    "BlockingStub": "blocking",
    "FutureStub": "future",
    "BlockingV2Stub": "blocking",
    "CoroutineStub": "coroutine",
}
HOLDERS = ("", "Mutiny", "Reactor", "Rx3", "Rx")
"""`CartGrpc` is grpc-java's, `MutinyCartGrpc` Quarkus', the others Salesforce's reactive-grpc's."""
KEEPING = frozenset({"withChannel", "withCompression", "withExecutor", "build"})
"""Members of every stub that give a stub like it, beside `with…` of options."""


def holders(service: str) -> dict[str, str]:
    """The classes of a service's package that hold its stubs -> how those are called."""
    found = {f"{prefix}{service}Grpc": "reactive" if prefix else "" for prefix in HOLDERS}
    return {**found, f"{service}GrpcKt": "", f"{service}Client": "client"}


def of_holder(full: str, holder: str, name: str) -> Access | None:
    """What stands in the class around a service's stubs."""
    short = full.rsplit(".", 1)[-1]
    if name in MAKERS:
        return Access(Method(ClientOf(full, MAKERS[name])), (full,), "type")
    for suffix, flavour in STUBS.items():
        if name in (f"{short}{suffix}", f"{holder}{short}{suffix}"):
            return Access(TypeOf(ClientOf(full, "reactive" if holder else flavour)), (full,), "type")
    if name.endswith(("ImplBase", "CoroutineImplBase")) or name == "AsyncService":
        return Access(TypeOf(ServerOf(full)), (full,), "type")
    if name == "bindService":
        return Access(Method(registers=full), (full,), "registration")
    return None


def descriptors(service: Service) -> dict[str, Access]:
    """`getGetCartMethod()`, `METHOD_GET_CART`: one for each rpc."""
    found = {}
    for rpc in service.methods.values():
        touches = (f"{service.name}/{rpc.name}",)
        found[method(f"get_{rpc.name}_method")] = Access(Method(), touches, "rpc")
        found[f"{method(rpc.name)}Method"] = Access(PLAIN, touches, "rpc")
        shout = "".join(f"_{c}" if c.isupper() else c.upper() for c in rpc.name).lstrip("_")
        found[f"METHOD_{shout}"] = Access(PLAIN, touches, "rpc")
    return found


def calls(service: Service, flavour: str) -> dict[str, Access]:
    """The rpcs of a stub by their names in it."""
    found = {}
    for rpc in service.methods.values():
        call = Access(_call(rpc, flavour), (f"{service.name}/{rpc.name}",), "call")
        found[method(rpc.name)] = call
    return found


def handled(service: Service, name: str) -> Access | None:
    """A method that implements an rpc: with `@Override` it does not compile without the rpc."""
    for rpc in service.methods.values():
        if method(rpc.name) == name:
            taken, given = MessageOf(rpc.input), MessageOf(rpc.output)
            element = (f"{service.name}/{rpc.name}",)
            return Access(Method(StreamOf(PLAIN, taken), (taken, StreamOf(PLAIN, given))), element, "handler")
    return None


def _call(rpc: Rpc, flavour: str) -> Method:
    taken: Value = MessageOf(rpc.input)
    given: Value = MessageOf(rpc.output)
    if flavour == "async":
        answers = StreamOf(PLAIN, given)
        if rpc.client_streaming:
            return Method(StreamOf(PLAIN, taken), (answers,), escape="forwarded")
        return Method(PLAIN, (taken, answers), escape="forwarded")
    wrapped = flavour in ("future", "reactive") or rpc.server_streaming
    if rpc.client_streaming and flavour == "blocking":
        return Method(StreamOf(given, taken, given), escape="forwarded")
    sent = ListOf(taken) if rpc.client_streaming else taken
    return Method(ListOf(given) if wrapped else given, (sent,), escape="forwarded")
