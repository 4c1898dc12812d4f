"""Stub calls: to the one service that implements it, or the ones that an address points to as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.values import CONFIGURATION, Evidence, Hint, RpcUse, Tier
from workspai_hooks.workspace.services import Service, Services

_PLUMBING = ("grpc.health.", "grpc.reflection.", "grpc.channelz.", "opentelemetry.proto.", "envoy.service.")


def find(
    uses: Iterable[RpcUse], services: Services, addressed: set[tuple[str, str]]
) -> tuple[list[Hint], list[Undecided]]:
    """Stub calls: to the one service that implements it, or the ones that an address points to as well.

    A call in a shared folder is of the only program that takes it in; of one among several where an address
    of it points there, for a client that everybody is given is not a client that everybody uses.
    """
    calls: dict[str, list[tuple[Service, RpcUse]]] = {}
    served: dict[str, dict[str, RpcUse]] = {}
    shared: set[tuple[str, RpcUse]] = set()
    for use in sorted(set(uses)):
        if use.in_test or use.service_fqn.startswith(_PLUMBING):
            continue
        builders = services.builders_of(use.path)
        for service in builders:
            if use.role == "implements":
                served.setdefault(use.service_fqn, {}).setdefault(service.name, use)
            else:
                calls.setdefault(use.service_fqn, []).append((service, use))
        if len(builders) > 1:
            own = services.service_of(use.path)
            shared.update((service.name, use) for service in builders if service is not own)
    hints: list[Hint] = []
    undecided: dict[tuple[str, str], Undecided] = {}
    for fqn, callers in calls.items():
        providers = served.get(fqn, {})
        for consumer, use in callers:
            chosen = [
                name
                for name in providers
                if name != consumer.name
                and (
                    (consumer.name, name) in addressed
                    or (len(providers) == 1 and (consumer.name, use) not in shared)
                )
            ]
            if (
                not chosen
                and len(providers) > 1
                and consumer.name not in providers
                and (consumer.name, use) not in shared
            ):
                undecided.setdefault((consumer.name, fqn), _ambiguous(consumer, use, sorted(providers)))
            for name in chosen:
                implementation = providers[name]
                evidence = (
                    Evidence(Location(use.path, use.line), "call"),
                    Evidence(Location(implementation.path, implementation.line), "implements"),
                )
                hints.append(Hint(consumer.name, name, "grpc", Tier.PROVEN, evidence))
    return hints, list(undecided.values())


def _ambiguous(consumer: Service, use: RpcUse, providers: Sequence[str]) -> Undecided:
    return Undecided(
        f"{use.path}:{use.line}: which service {consumer.name} calls through {use.service_fqn}",
        f"{', '.join(providers)} implement it, and no address of {consumer.name} points to one of them",
        f"name the edge in {CONFIGURATION}: edges: [{{from: {consumer.name}, to: …, protocol: grpc}}]",
    )
