"""Who calls whom: each call between services, its lines, the deadlines in them, and all that acts on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from workspai_hooks.impact.described import described
from workspai_hooks.impact.http import provider_of
from workspai_hooks.resilience.calls import Acting, Call, acting_alone, acting_of, layers_on
from workspai_hooks.resilience.deadlines import values
from workspai_hooks.resilience.deadlines.looking import Deadlines
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Policy, Where
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.requests_sent import requests_sent
from workspai_hooks.source import IN_FILE, Location
from workspai_hooks.workspace.addresses import Address, Hosts
from workspai_hooks.workspace.config_repositories import given_out
from workspai_hooks.workspace.edges.values import Edge, Tier
from workspai_hooks.workspace.http.uses import http_uses
from workspai_hooks.workspace.http.values import Kind

if TYPE_CHECKING:
    from workspai_hooks.resilience.view import View

_ASYNCHRONOUS = ("kafka", "amqp", "nats", "mqtt", "sqs", "sns", "pubsub", "rabbitmq", "redis-stream", "stomp")
"""Protocols whose caller waits for no answer: nothing of it is a call with a deadline."""
_STORES = ("redis", "mongodb", "mysql", "postgres", "memcached", "cassandra", "elasticsearch", "tcp", "sql")
"""Protocols of stores: their drivers' policies are none of ours."""


class System:
    """The calls of a view."""

    def __init__(self, view: View) -> None:
        self._view = view

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All synchronous calls between services over proven edges, sorted."""
        return tuple(
            sorted(
                (call for edge in self._view.workspace.edges for call in self._of_edge(edge)),
                key=lambda one: (one.consumer, one.provider, one.operation, one.protocol),
            )
        )

    def entered(self, entry: str) -> tuple[str, ...]:
        """The services that an entry point is of: the one of this name, or who offers the operation."""
        known = self._view.workspace.services.named(entry)
        if known is not None:
            return (known.name,)
        contracts = {one.contract: one for one in self._view.by_name.get(entry.rpartition(IN_FILE)[2], ())}
        found = (
            set(self._view.workspace.providers([entry]))
            if any(one.is_grpc for one in contracts.values())
            else set()
        )
        for path in contracts:
            if path in self._view.descriptions and entry.partition(IN_FILE)[0] in (path, entry):
                found.add(provider_of(self._view.workspace, path, self._view.descriptions[path]) or "")
        return tuple(sorted(found - {""}))

    def _of_edge(self, edge: Edge) -> Iterator[Call]:
        protocol = edge.protocol.partition(":")[0]
        if edge.tier is not Tier.PROVEN or protocol in _ASYNCHRONOUS or protocol in _STORES:
            return
        places = tuple(one.location for one in edge.evidence)
        named = (
            self._rpcs_called(edge)
            if protocol == "grpc"
            else self._requested.get((edge.consumer, edge.provider), {})
        )
        for operation, sites in sorted(named.items()):
            deadlines = self._deadlines(edge, sites)
            acting = self._acting(edge, operation, deadlines)
            name, contract = operation.name, operation.contract
            waiting = values.unlimited(deadlines)
            yield Call(
                edge.consumer, edge.provider, name, contract, protocol, sites or places, acting, waiting
            )
        if not named:
            sites = self._sent.get((edge.consumer, edge.provider), ()) if protocol == "http" else ()
            deadlines = self._deadlines(edge, sites)
            acting, waiting = self._acting(edge, None, deadlines), values.unlimited(deadlines)
            yield Call(edge.consumer, edge.provider, "", "", protocol, sites or places, acting, waiting)

    def _deadlines(self, edge: Edge, sites: Iterable[Location]) -> Mapping[Location, values.Deadline]:
        """What the code says where it calls."""
        of = self._code.of_rpc if edge.protocol.partition(":")[0] == "grpc" else self._code.of_request
        found = {one: of(edge.consumer, one) for one in sites}
        return values.settled(found, served=edge.consumer in self._served_in_time)

    @cached_property
    def _served_in_time(self) -> frozenset[str]:
        """Services that are called with a deadline of which gRPC tells them, as far as one can see."""
        found: set[str] = set()
        for edge in self._view.workspace.edges:
            if edge.protocol == "grpc" and edge.tier is Tier.PROVEN:
                for operation, sites in self._rpcs_called(edge).items():
                    told = (self._code.of_rpc(edge.consumer, one).answer for one in sites)
                    timed = self._view.policy(operation, edge.consumer).timeout_s is not None
                    if timed or any(one in (values.Answer.SET, values.Answer.UNKNOWN) for one in told):
                        found.add(edge.provider)
        return frozenset(found)

    @cached_property
    def _code(self) -> Deadlines:
        return Deadlines(self._view.snapshot, self._view.workspace)

    @cached_property
    def _sent(self) -> Mapping[tuple[str, str], tuple[Location, ...]]:
        return requests_sent(self._view.workspace)

    def _rpcs_called(self, edge: Edge) -> Mapping[Operation, tuple[Location, ...]]:
        served = self._view.workspace.served_by(edge.provider)
        return {
            self._view.by_name[name][0]: self._sites.get((edge.consumer, name), ())
            for name in self._view.workspace.called_by(edge.consumer)
            if name.partition("/")[0] in served and name in self._view.by_name
        }

    @cached_property
    def _requested(self) -> Mapping[tuple[str, str], Mapping[Operation, tuple[Location, ...]]]:
        """Consumer and provider -> the operations of the provider's descriptions that are called, and
        where."""
        called = {edge.provider for edge in self._view.workspace.edges if edge.protocol == "http"}
        found: dict[tuple[str, str], dict[Operation, tuple[Location, ...]]] = {}
        for path, description in self._view.descriptions.items():
            provider = provider_of(self._view.workspace, path, description)
            if provider is None or provider not in called:
                continue
            mine = {one.name: one for one in self._view.operations if one.contract == path}
            sites: dict[tuple[str, str], set[Location]] = {}
            for use in http_uses(self._view.workspace, provider, described(description, mine)):
                if use.kind is Kind.CALLS and use.element in mine and not use.in_test:
                    place = Location(use.path, use.line, use.column)
                    sites.setdefault((use.consumer, use.element), set()).add(place)
            for (consumer, name), places in sites.items():
                found.setdefault((consumer, provider), {})[mine[name]] = tuple(sorted(places))
        return found

    @cached_property
    def _sites(self) -> Mapping[tuple[str, str], tuple[Location, ...]]:
        found: dict[tuple[str, str], set[Location]] = {}
        for use in self._view.workspace.found.calls:
            if not use.in_test:
                for service in self._view.workspace.consumers_at(use.path):
                    place = Location(use.path, use.line, use.column)
                    found.setdefault((service, use.element), set()).add(place)
        return {key: tuple(sorted(places)) for key, places in found.items()}

    def _acting(
        self, edge: Edge, operation: Operation | None, deadlines: Mapping[Location, values.Deadline]
    ) -> tuple[Acting, ...]:
        found: list[Acting] = []
        own = self._view.policy(operation, edge.consumer) if operation is not None else Policy("")
        own = values.limited(own, deadlines)
        if own.timeout_s is not None or own.retry is not None:
            found.append(acting_alone(own, Where.CLIENT))
        if operation is not None:
            for where in (Where.SIDECAR, Where.GATEWAY):
                other = self._view.policy(operation, edge.consumer, where)
                if other.timeout_s is not None or other.retry is not None:
                    found.append(acting_alone(other, where))
        passed = [one for one in self._view.layers if not one.entry and self._passes(one, edge, deadlines)]
        request = operation.request if operation is not None else None
        name = operation.name if operation is not None else ""
        grpc = edge.protocol.partition(":")[0] == "grpc"
        found += [
            acting_of(one, name, own.idempotency, own.key, grpc=grpc) for one in layers_on(passed, request)
        ]
        order = list(Where)
        # a retry without a time of its own is around what has one: each of its tries takes that long
        return tuple(
            sorted(
                found,
                key=lambda one: (order.index(one.where), one.policy.timeout_s is not None, one.location),
            )
        )

    def _passes(self, layer: Layer, edge: Edge, sites: Iterable[Location]) -> bool:
        """Whether calls of an edge, from these lines, pass a layer."""
        if layer.caller and edge.consumer not in self._callers(layer.caller):
            return False
        if layer.sites and not any(one.path == layer.caller and one.line in layer.sites for one in sites):
            return False
        return not layer.hosts or edge.provider in self.providers(layer)

    def _callers(self, path: str) -> tuple[str, ...]:
        """The services that a file is for: those that a configuration server gives it to, else its own."""
        return self._given_out.get(path) or self._view.workspace.consumers_at(path)

    @cached_property
    def _given_out(self) -> Mapping[str, tuple[str, ...]]:
        return given_out(self._view.snapshot.paths(), self._view.workspace.services)

    def providers(self, layer: Layer) -> frozenset[str]:
        """The services that a layer's hosts are."""
        return frozenset(filter(None, (self._service(host, layer.location.path) for host in layer.hosts)))

    def _service(self, host: str, seen_from: str) -> str:
        known = self._hosts.service(Address(host.lower()), seen_from) or self._view.workspace.services.named(
            host
        )
        return known.name if known else ""

    @cached_property
    def _hosts(self) -> Hosts:
        return Hosts(self._view.workspace.services)
