"""Stub calls: to the one service that implements it, or the ones that an address points to as well."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.values import CONFIGURATION, Evidence, Hint, RpcUse, Tier
from workspai_hooks.workspace.files import is_code
from workspai_hooks.workspace.manifests.paths import folder_of
from workspai_hooks.workspace.services import Service, Services
from workspai_hooks.workspace.subcommands import of_one_image

_PLUMBING = ("grpc.health.", "grpc.reflection.", "grpc.channelz.", "opentelemetry.proto.", "envoy.service.")


class _Call(msgspec.Struct, frozen=True):
    """A stub's call in a program. `of_a_kit`: it stands in a shared folder that calls several contract
    services, or that is handed its clients by others: whoever is given that does not use all of it."""

    consumer: Service
    use: RpcUse
    of_a_kit: bool


def find(
    uses: Iterable[RpcUse],
    services: Services,
    addressed: set[tuple[str, str]],
    pointed: Collection[tuple[str, str]] = (),
    protocol: str = "grpc",
) -> tuple[list[Hint], list[Undecided]]:
    """Stub calls: to the one service that implements it, or the ones that an address points to as well.

    A call in a shared folder is of every program that takes the folder in, where the folder is a client of
    this contract alone and makes its own stubs; else where an address of the program points there. `pointed`:
    who is given an address of whom, where nobody saw it read: of several that serve it that one is meant.
    """
    known = [
        use for use in sorted(set(uses)) if not use.in_test and not use.service_fqn.startswith(_PLUMBING)
    ]
    served: dict[str, dict[str, RpcUse]] = {}
    for use in known:
        for service in _runs(use.path, services) if use.role == "implements" else ():
            served.setdefault(use.service_fqn, {}).setdefault(service.name, use)
    hints: list[Hint] = []
    undecided: dict[tuple[str, str], Undecided] = {}
    for call in _calls(known, services):
        providers, consumer, use = served.get(call.use.service_fqn, {}), call.consumer, call.use
        others = [name for name in providers if name != consumer.name]
        chosen = [name for name in others if (consumer.name, name) in addressed]
        if not chosen and not call.of_a_kit:
            if len(providers) == 1:
                chosen = others
            elif meant := [name for name in others if (consumer.name, name) in pointed]:
                chosen = meant if consumer.name not in providers else []
            elif others and consumer.name not in providers:
                why = _ambiguous(consumer, use, sorted(providers), protocol)
                undecided.setdefault((consumer.name, use.service_fqn), why)
        hints += [_hint(consumer, use, name, providers[name], protocol) for name in chosen]
    return hints, list(undecided.values())


def _calls(uses: Sequence[RpcUse], services: Services) -> Iterator[_Call]:
    """The calls of each program, also those in the shared folders that it takes in."""
    calls = [use for use in uses if use.role != "implements"]
    builders = {use.path: _runs(use.path, services) for use in calls}
    shared = {folder_of(path) for path, those in builders.items() if len(those) > 1}
    called: dict[str, set[str]] = {}
    for use in calls:
        called.setdefault(folder_of(use.path), set()).add(use.service_fqn)
    clients = {
        (folder, fqn)
        for folder, texts in _texts(shared, services.snapshot).items()
        for fqn in called[folder]
        if len(called[folder]) == 1 and _makes_stubs(fqn, texts)
    }
    for use in calls:
        own = services.service_of(use.path)
        folder = folder_of(use.path)
        is_kit = folder in shared and (folder, use.service_fqn) not in clients
        for service in builders[use.path]:
            yield _Call(service, use, is_kit and service is not own)


def _runs(path: str, services: Services) -> tuple[Service, ...]:
    """The services whose programs run a file: a sub-command's code is in the image of the others as well,
    and they don't."""
    own, builders = services.service_of(path), services.builders_of(path)
    if own is None or len(builders) < 2:
        return builders
    return tuple(
        one for one in builders if one is own or not of_one_image(own.declarations, one.declarations)
    )


def _texts(folders: Collection[str], snapshot: Snapshot | None) -> dict[str, list[bytes]]:
    """The code in each of these folders."""
    if snapshot is None or not folders:
        return {}
    paths = [path for path in snapshot.paths() if folder_of(path) in folders and is_code(path)]
    found: dict[str, list[bytes]] = {}
    for path, data in snapshot.read_many(paths).items():
        found.setdefault(folder_of(path), []).append(data)
    return found


def _makes_stubs(service_fqn: str, texts: Iterable[bytes]) -> bool:
    """Whether code makes a client of that service: `NewCartClient(`, `CartStub(`,
    `CartGrpc.newBlockingStub(`, `CartClient::connect(`, `new Cart.CartClient(`."""
    name = re.escape(service_fqn.rpartition(".")[2])
    made = re.compile(
        rf"\b(?:New)?{name}(?:Client|Service|Stub|Grpc(?:Kt)?)*(?:(?:\.|::)\w{{1,40}})?\s*(?:<[^>\n]*>)?\(".encode()
    )
    return any(made.search(data) for data in texts)


def _hint(consumer: Service, use: RpcUse, provider: str, implementation: RpcUse, protocol: str) -> Hint:
    evidence = (
        Evidence(Location(use.path, use.line), "call"),
        Evidence(Location(implementation.path, implementation.line), "implements"),
    )
    return Hint(consumer.name, provider, protocol, Tier.PROVEN, evidence)


def _ambiguous(consumer: Service, use: RpcUse, providers: Sequence[str], protocol: str) -> Undecided:
    return Undecided(
        f"{use.path}:{use.line}: which service {consumer.name} calls through {use.service_fqn}",
        f"{', '.join(providers)} implement it, and no address of {consumer.name} points to one of them",
        f"name the edge in {CONFIGURATION}: edges: [{{from: {consumer.name}, to: …, protocol: {protocol}}}]",
    )
