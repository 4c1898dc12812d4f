"""Who calls whom, with evidence: addresses in use, addresses declared, stub calls, start order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import Address, Hosts, addresses_in, protocol_of
from workspai_hooks.workspace.environment import variables_of
from workspai_hooks.workspace.infrastructure import is_telemetry, names_telemetry, variable_of_telemetry
from workspai_hooks.workspace.literals import literals
from workspai_hooks.workspace.manifests.facts import Variable
from workspai_hooks.workspace.reading import SourceTree, reads, source_trees, used_in_commands
from workspai_hooks.workspace.services import EdgeOverride, Service, Services

CONFIGURATION = ".workspai.yaml"
_PLUMBING = ("grpc.health.", "grpc.reflection.", "grpc.channelz.", "opentelemetry.proto.", "envoy.service.")


class Tier(StrEnum):
    """How far an edge is to be trusted: in use by the consumer, only deployed, or only a start order."""

    PROVEN = "proven"
    DECLARED = "declared"
    ORDERING = "ordering"


@dataclass(frozen=True, order=True, slots=True)
class Evidence:
    """A line that speaks for an edge.

    `kind`: address, reads, literal, call, implements, depends-on, configured.
    """

    location: Location
    kind: str


@dataclass(frozen=True, order=True, slots=True)
class Edge:
    """`consumer` calls `provider`. `protocol`: grpc, http, redis, …, `tcp` where nothing tells it."""

    consumer: str
    provider: str
    protocol: str
    tier: Tier
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, order=True, slots=True)
class RpcUse:
    """A line that calls (`role` `calls`) or serves (`implements`) an rpc, by its service's full name."""

    service_fqn: str
    rpc: str
    path: str
    line: int
    role: str
    in_test: bool = False


@dataclass(frozen=True, slots=True)
class Edges:
    """All edges, sorted, one per consumer, provider and protocol; and calls whose provider is not known."""

    all: tuple[Edge, ...]
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hint:
    """One piece of evidence before it is joined with others."""

    consumer: str
    provider: str
    protocol: str
    tier: Tier
    evidence: tuple[Evidence, ...]


def find_edges(
    snapshot: Snapshot,
    services: Services,
    rpc_uses: Iterable[RpcUse] = (),
    overrides: Sequence[EdgeOverride] = (),
) -> Edges:
    """The edges between the services of a snapshot."""
    hosts = Hosts(services)
    trees = source_trees(snapshot, services)
    hints: list[_Hint] = []
    for service in services.all:
        if not _is_telemetry(service):
            tree = trees.get(service.name, SourceTree({}))
            hints += _environment(service, tree, hosts, services)
            hints += _literals(service, tree, hosts)
            hints += _ordering(service, hosts)
    calls, undecided = _calls(
        rpc_uses, services, {(hint.consumer, hint.provider) for hint in _pointing(hints)}
    )
    hints += calls
    hints += [
        _Hint(
            one.consumer,
            one.provider,
            one.protocol,
            Tier.PROVEN,
            (Evidence(Location(CONFIGURATION), "configured"),),
        )
        for one in overrides
    ]
    return Edges(_joined(hints), tuple(sorted(undecided)))


def _pointing(hints: Iterable[_Hint]) -> Iterable[_Hint]:
    return (hint for hint in hints if hint.tier is not Tier.ORDERING)


def _is_telemetry(service: Service) -> bool:
    return (
        names_telemetry(service.name)
        or (not any(service.roots) and any(is_telemetry(image) for image in service.images))
        or (service.kind == "infrastructure" and any(is_telemetry(image) for image in service.images))
    )


def _environment(service: Service, tree: SourceTree, hosts: Hosts, services: Services) -> list[_Hint]:
    """Addresses that the service is given, where its own source reads them or is not here."""
    given: list[tuple[Variable, Address, Service]] = []
    expanded: set[str] = set()
    for declaration in service.declarations:
        expanded |= used_in_commands(declaration.commands)
        for variable in variables_of(declaration, services.facts):
            if variable_of_telemetry(variable.name):
                continue
            for address in addresses_in(variable.name, variable.value or ""):
                provider = hosts.service(address, declaration.location.path)
                if provider and _is_provider(provider, service) and not address.is_health_check:
                    given.append((variable, address, provider))
    read = reads(tree, (variable.name for variable, _, _ in given)) if given else {}
    hints = []
    for variable, address, provider in given:
        evidence = [Evidence(variable.location, "address")]
        tier = Tier.PROVEN
        if variable.name in read:
            evidence.append(Evidence(read[variable.name].location, "reads"))
        elif variable.name not in expanded:
            if tree.files and tree.whole:
                continue
            tier = Tier.DECLARED
        spoken = replace(address, scheme=read[variable.name].scheme) if variable.name in read else address
        protocol = protocol_of(address, provider) or protocol_of(spoken, provider)
        hints.append(_Hint(service.name, provider.name, protocol, tier, tuple(evidence)))
    return hints


def _is_provider(provider: Service, consumer: Service) -> bool:
    return provider.name != consumer.name and not _is_telemetry(provider)


def _literals(service: Service, tree: SourceTree, hosts: Hosts) -> list[_Hint]:
    """Addresses that stand in the service's own source: a URL, or a host with a port that it listens on."""
    hints = []
    for literal in literals(tree):
        address = literal.address
        provider = hosts.service(address, literal.path)
        if provider is None or not _is_provider(provider, service) or address.is_health_check:
            continue
        known = address.scheme or address.port in provider.ports
        if known and (location := literal.location()):
            protocol = protocol_of(address, provider)
            hints.append(
                _Hint(service.name, provider.name, protocol, Tier.PROVEN, (Evidence(location, "literal"),))
            )
    return hints


def _ordering(service: Service, hosts: Hosts) -> list[_Hint]:
    hints = []
    for declaration in service.declarations:
        for name, location in declaration.after:
            provider = hosts.service(Address(name.lower()), declaration.location.path)
            if provider and _is_provider(provider, service):
                evidence = (Evidence(location, "depends-on"),)
                hints.append(_Hint(service.name, provider.name, "", Tier.ORDERING, evidence))
    return hints


def _calls(
    uses: Iterable[RpcUse], services: Services, addressed: set[tuple[str, str]]
) -> tuple[list[_Hint], list[Undecided]]:
    """Stub calls: to the one service that implements it, or the ones that an address points to as well."""
    calls: dict[str, list[tuple[Service, RpcUse]]] = {}
    served: dict[str, dict[str, RpcUse]] = {}
    for use in sorted(set(uses)):
        service = services.service_of(use.path)
        if service is None or use.in_test or use.service_fqn.startswith(_PLUMBING):
            continue
        if use.role == "implements":
            served.setdefault(use.service_fqn, {}).setdefault(service.name, use)
        else:
            calls.setdefault(use.service_fqn, []).append((service, use))
    hints: list[_Hint] = []
    undecided: dict[tuple[str, str], Undecided] = {}
    for fqn, callers in calls.items():
        providers = served.get(fqn, {})
        for consumer, use in callers:
            chosen = [
                name
                for name in providers
                if name != consumer.name and (len(providers) == 1 or (consumer.name, name) in addressed)
            ]
            if not chosen and len(providers) > 1 and consumer.name not in providers:
                undecided.setdefault((consumer.name, fqn), _ambiguous(consumer, use, sorted(providers)))
            for name in chosen:
                implementation = providers[name]
                evidence = (
                    Evidence(Location(use.path, use.line), "call"),
                    Evidence(Location(implementation.path, implementation.line), "implements"),
                )
                hints.append(_Hint(consumer.name, name, "grpc", Tier.PROVEN, evidence))
    return hints, list(undecided.values())


def _ambiguous(consumer: Service, use: RpcUse, providers: Sequence[str]) -> Undecided:
    return Undecided(
        f"{use.path}:{use.line}: which service {consumer.name} calls through {use.service_fqn}",
        f"{', '.join(providers)} implement it, and no address of {consumer.name} points to one of them",
        f"name the edge in {CONFIGURATION}: edges: [{{from: {consumer.name}, to: …, protocol: grpc}}]",
    )


def _joined(hints: Iterable[_Hint]) -> tuple[Edge, ...]:
    """One edge per consumer, provider and protocol, of the best tier; a start order only where it is all."""
    pairs: dict[tuple[str, str], list[_Hint]] = {}
    for hint in hints:
        if hint.consumer != hint.provider:
            pairs.setdefault((hint.consumer, hint.provider), []).append(hint)
    order = list(Tier)
    edges = []
    for (consumer, provider), members in pairs.items():
        pointing = list(_pointing(members)) or members
        known = sorted({hint.protocol for hint in pointing} - {""}) or ["tcp"]
        for protocol in known:
            # What doesn't say its protocol speaks for every one that is spoken.
            fitting = [hint for hint in pointing if hint.protocol in ("", protocol)]
            tier = min((hint.tier for hint in fitting), key=order.index)
            evidence = {one for hint in fitting for one in hint.evidence}
            edges.append(Edge(consumer, provider, protocol, tier, tuple(sorted(evidence))))
    return tuple(sorted(edges))
