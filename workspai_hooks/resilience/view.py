"""What all checks look at: operations with their policies, calls with what acts on them, what sources
read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec.structs import replace

from workspai_hooks.deferred import deferred
from workspai_hooks.resilience.calls import Acting, Call, acting_of, layers_on
from workspai_hooks.resilience.fixes import Fixes
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Idempotency, Policy, Where
from workspai_hooks.resilience.operations import Operation, Rpcs, by_name, operations_in
from workspai_hooks.resilience.paths import Paths, worst_paths
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import BUILT_IN, Budget, Level, Said, policy_of
from workspai_hooks.source import IN_FILE, Location

if TYPE_CHECKING:
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.contracts.openapi.description import Description
    from workspai_hooks.impact import described, http
    from workspai_hooks.resilience import requests_sent
    from workspai_hooks.resilience.deadlines import looking, values
    from workspai_hooks.workspace import addresses, config_repositories
    from workspai_hooks.workspace.edges import values as edges
    from workspai_hooks.workspace.http import uses
    from workspai_hooks.workspace.http import values as requests
    from workspai_hooks.workspace.workspace import Workspace
else:  # a commit of service configs alone, in a repository of contracts, needs none of them
    described = deferred("workspai_hooks.impact.described")
    http = deferred("workspai_hooks.impact.http")
    requests_sent = deferred("workspai_hooks.resilience.requests_sent")
    looking = deferred("workspai_hooks.resilience.deadlines.looking")
    values = deferred("workspai_hooks.resilience.deadlines.values")
    addresses = deferred("workspai_hooks.workspace.addresses")
    config_repositories = deferred("workspai_hooks.workspace.config_repositories")
    edges = deferred("workspai_hooks.workspace.edges.values")
    uses = deferred("workspai_hooks.workspace.http.uses")
    requests = deferred("workspai_hooks.workspace.http.values")

_ASYNCHRONOUS = ("kafka", "amqp", "nats", "mqtt", "sqs", "sns", "pubsub", "rabbitmq", "redis-stream", "stomp")
"""Protocols whose caller waits for no answer: nothing of it is a call with a deadline."""
_STORES = ("redis", "mongodb", "mysql", "postgres", "memcached", "cassandra", "elasticsearch", "tcp", "sql")
"""Protocols of stores: their drivers' policies are none of ours."""


class View:
    """`said` are the policies of the configuration, then those of sources; `read` all that sources gave.
    `sidecars`: contracts beside whose stubs a sidecar of ours stands, whose defaults hold then."""

    def __init__(
        self,
        snapshot: Snapshot,
        workspace: Workspace,
        rpcs: Rpcs,
        descriptions: Mapping[str, Description],
        read: Read,
        policies: Sequence[Said] = (),
        budgets: Sequence[Budget] = (),
        sidecars: Collection[str] = (),
    ) -> None:
        self.snapshot, self.workspace, self.descriptions, self.read = snapshot, workspace, descriptions, read
        self.rpcs, self.layers, self.budgets = rpcs, read.layers, budgets
        self._sidecars = frozenset(sidecars)
        self.fixes = Fixes(self.lines)
        self.said: tuple[Said, ...] = (*policies, *read.said, *rpcs.said)
        http = [one for description in descriptions.values() for one in operations_in(description)]
        self.operations: tuple[Operation, ...] = (*rpcs.operations, *http)

    def line(self, place: Location) -> str:
        """The text of a line; empty where there is none."""
        lines = self.lines(place.path)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def lines(self, path: str) -> list[str]:
        """The lines of a file; none where there is none."""
        if path not in self._texts:
            data = self.snapshot.read_many([path]).get(path, b"")
            self._texts[path] = data.decode("utf-8", "replace").splitlines()
        return self._texts[path]

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def acting(self) -> tuple[tuple[Acting, str], ...]:
        """All that acts on calls, and policies of operations that nobody here is known to call, with the
        operation; a layer whose calls are not known with an empty one."""
        found: dict[tuple[Acting, str], None] = {}
        called: set[str] = set()
        for call in self.calls:
            called.add(call.operation)
            found.update(dict.fromkeys((layer, call.operation) for layer in call.acting))
        for one in self.operations:
            own = self.policy(one)
            if one.name not in called and (own.timeout_s is not None or own.retry is not None):
                found[_own(own, Where.CLIENT), one.name] = None
        places = {layer.location for layer, _ in found}
        for layer in self.layers:
            alone = acting_of(layer, "", Idempotency.UNKNOWN)
            if alone.location not in places:
                found[alone, ""] = None
        return tuple(found)

    def has_policies(self, operations: Iterable[str]) -> bool:
        """Whether others of the same service, or of the same description, have a timeout or a retry."""
        return any(
            one.service in self._governed or one.contract in self._governed
            for name in operations
            for one in self.by_name.get(name, ())
        )

    @cached_property
    def _governed(self) -> frozenset[str]:
        found: set[str] = set()
        for one in self.operations:
            policy = self.policy(one)
            if policy.timeout_s is not None or policy.retry is not None:
                found.add(one.service or one.contract)
        return frozenset(found)

    def entered(self, entry: str) -> tuple[str, ...]:
        """The services that an entry point is of: the one of this name, or who offers the operation."""
        known = self.workspace.services.named(entry)
        if known is not None:
            return (known.name,)
        contracts = {one.contract: one for one in self.by_name.get(entry.rpartition(IN_FILE)[2], ())}
        found = (
            set(self.workspace.providers([entry]))
            if any(one.is_grpc for one in contracts.values())
            else set()
        )
        for path in contracts:
            if path in self.descriptions and entry.partition(IN_FILE)[0] in (path, entry):
                found.add(http.provider_of(self.workspace, path, self.descriptions[path]) or "")
        return tuple(sorted(found - {""}))

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Operation, ...]]:
        """Operations by name."""
        return by_name(self.operations)

    @cached_property
    def services(self) -> frozenset[str]:
        """The gRPC services of all contracts."""
        return frozenset(one.service for one in self.operations if one.service)

    def element(self, operation: Operation) -> str:
        """The operation's name, with its description's path where several have one of this name."""
        if operation.is_grpc or len(self.by_name[operation.name]) == 1:
            return operation.name
        return f"{operation.contract}{IN_FILE}{operation.name}"

    @cached_property
    def _scoped(self) -> Mapping[tuple[Level, str], list[tuple[int, Said]]]:
        """What is said by what it speaks of, with its rank."""
        found: dict[tuple[Level, str], list[tuple[int, Said]]] = {}
        for rank, one in enumerate(self.said):
            found.setdefault((one.level, one.scope), []).append((rank, one))
        return found

    def said_of(self, operation: Operation) -> list[Said]:
        """All that speaks of an operation, its service or its file, in order of precedence. A service config
        without a name speaks of all that its client calls."""
        name, contract = operation.name, operation.contract
        keys = {
            (Level.METHOD, name),
            (Level.METHOD, f"{contract}{IN_FILE}{name}"),
            (Level.SERVICE, operation.service),
            (Level.FILE, contract),
            (Level.DEFAULT, ""),
        }
        return [
            one for _, one in sorted((row for key in keys for row in self._scoped.get(key, ())), key=_rank)
        ]

    def policy(self, operation: Operation, consumer: str = "", where: Where = Where.CLIENT) -> Policy:
        """The policy of an operation; with `consumer`, of that service's calls."""
        key = (operation.name, operation.contract, consumer, where)
        if key not in self._policies:
            self._policies[key] = self._policy(operation, consumer, where)
        return self._policies[key]

    @cached_property
    def _policies(self) -> dict[tuple[str, str, str, Where], Policy]:
        return {}

    def _policy(self, operation: Operation, consumer: str, where: Where) -> Policy:
        mine = []
        for one in self.said_of(operation):
            passes = not (one.entry and consumer)  # what comes from outside alone meets it
            if one.where is where and passes and self._is_of(one, consumer, operation):
                mine.append(one)
            elif one.idempotency is not None or one.key is not None:  # that is no matter of who calls
                mine.append(
                    Said(one.level, one.scope, one.location, one.convention, one.idempotency, one.key)
                )
        ours = where is Where.CLIENT and operation.contract in self._sidecars
        default = BUILT_IN if ours else None
        found = policy_of(operation.name, operation.service, operation.contract, mine, default=default)
        if ours and found.retry is BUILT_IN.retry and not found.idempotency.may_retry:
            return replace(found, retry=None)  # a sidecar makes one try of what nobody declared
        return found

    def _is_of(self, said: Said, consumer: str, operation: Operation) -> bool:
        """Whether it is for this caller. A file inside of a service is for that service's own calls, unless
        the service is who offers the operation: then it is what it gives its callers."""
        if not said.caller:
            return True
        owner = self.workspace.service_at(said.caller)
        if owner is None:  # a default beside contracts is for these
            folder = dirname(said.caller)
            return said.level is not Level.DEFAULT or _is_in(operation.contract, folder)
        return owner == consumer or (not consumer and said.level is not Level.DEFAULT)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All synchronous calls between services over proven edges, sorted."""
        return tuple(
            sorted(
                (call for edge in self.workspace.edges for call in self._of_edge(edge)),
                key=lambda one: (one.consumer, one.provider, one.operation, one.protocol),
            )
        )

    @cached_property
    def paths(self) -> Paths:
        """The worst paths over them."""
        return worst_paths(self.calls)

    def _of_edge(self, edge: edges.Edge) -> Iterator[Call]:
        protocol = edge.protocol.partition(":")[0]
        if edge.tier is not edges.Tier.PROVEN or protocol in _ASYNCHRONOUS or protocol in _STORES:
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

    def _deadlines(self, edge: edges.Edge, sites: Iterable[Location]) -> Mapping[Location, values.Deadline]:
        """What the code says where it calls."""
        of = self._code.of_rpc if edge.protocol.partition(":")[0] == "grpc" else self._code.of_request
        found = {one: of(edge.consumer, one) for one in sites}
        return values.settled(found, served=edge.consumer in self._served_in_time)

    @cached_property
    def _served_in_time(self) -> frozenset[str]:
        """Services that are called with a deadline of which gRPC tells them, as far as one can see."""
        found: set[str] = set()
        for edge in self.workspace.edges:
            if edge.protocol == "grpc" and edge.tier is edges.Tier.PROVEN:
                for operation, sites in self._rpcs_called(edge).items():
                    told = (self._code.of_rpc(edge.consumer, one).answer for one in sites)
                    timed = self.policy(operation, edge.consumer).timeout_s is not None
                    if timed or any(one in (values.Answer.SET, values.Answer.UNKNOWN) for one in told):
                        found.add(edge.provider)
        return frozenset(found)

    @cached_property
    def _code(self) -> looking.Deadlines:
        return looking.Deadlines(self.snapshot, self.workspace)

    @cached_property
    def _sent(self) -> Mapping[tuple[str, str], tuple[Location, ...]]:
        return requests_sent.requests_sent(self.workspace)

    def _rpcs_called(self, edge: edges.Edge) -> Mapping[Operation, tuple[Location, ...]]:
        served = self.workspace.served_by(edge.provider)
        return {
            self.by_name[name][0]: self._sites.get((edge.consumer, name), ())
            for name in self.workspace.called_by(edge.consumer)
            if name.partition("/")[0] in served and name in self.by_name
        }

    @cached_property
    def _requested(self) -> Mapping[tuple[str, str], Mapping[Operation, tuple[Location, ...]]]:
        """Consumer and provider -> the operations of the provider's descriptions that are called, and
        where."""
        called = {edge.provider for edge in self.workspace.edges if edge.protocol == "http"}
        found: dict[tuple[str, str], dict[Operation, tuple[Location, ...]]] = {}
        for path, description in self.descriptions.items():
            provider = http.provider_of(self.workspace, path, description)
            if provider is None or provider not in called:
                continue
            mine = {one.name: one for one in self.operations if one.contract == path}
            sites: dict[tuple[str, str], set[Location]] = {}
            for use in uses.http_uses(self.workspace, provider, described.described(description, mine)):
                if use.kind is requests.Kind.CALLS and use.element in mine and not use.in_test:
                    place = Location(use.path, use.line, use.column)
                    sites.setdefault((use.consumer, use.element), set()).add(place)
            for (consumer, name), places in sites.items():
                found.setdefault((consumer, provider), {})[mine[name]] = tuple(sorted(places))
        return found

    @cached_property
    def _sites(self) -> Mapping[tuple[str, str], tuple[Location, ...]]:
        found: dict[tuple[str, str], set[Location]] = {}
        for use in self.workspace.found.calls:
            if not use.in_test:
                for service in self.workspace.consumers_at(use.path):
                    place = Location(use.path, use.line, use.column)
                    found.setdefault((service, use.element), set()).add(place)
        return {key: tuple(sorted(places)) for key, places in found.items()}

    def _acting(
        self, edge: edges.Edge, operation: Operation | None, deadlines: Mapping[Location, values.Deadline]
    ) -> tuple[Acting, ...]:
        found: list[Acting] = []
        own = self.policy(operation, edge.consumer) if operation is not None else Policy("")
        own = values.limited(own, deadlines)
        if own.timeout_s is not None or own.retry is not None:
            found.append(_own(own, Where.CLIENT))
        if operation is not None:
            for where in (Where.SIDECAR, Where.GATEWAY):
                other = self.policy(operation, edge.consumer, where)
                if other.timeout_s is not None or other.retry is not None:
                    found.append(_own(other, where))
        passed = [one for one in self.layers if not one.entry and self._passes(one, edge)]
        request = operation.request if operation is not None else None
        name = operation.name if operation is not None else ""
        grpc = edge.protocol.partition(":")[0] == "grpc"
        found += [
            acting_of(one, name, own.idempotency, own.key, grpc=grpc) for one in layers_on(passed, request)
        ]
        order = list(Where)
        return tuple(sorted(found, key=lambda one: (order.index(one.where), one.location)))

    def _passes(self, layer: Layer, edge: edges.Edge) -> bool:
        if layer.caller and edge.consumer not in self._callers(layer.caller):
            return False
        return not layer.hosts or edge.provider in self.providers(layer)

    def _callers(self, path: str) -> tuple[str, ...]:
        """The services that a file is for: those that a configuration server gives it to, else its own."""
        return self._given_out.get(path) or self.workspace.consumers_at(path)

    @cached_property
    def _given_out(self) -> Mapping[str, tuple[str, ...]]:
        return config_repositories.given_out(self.snapshot.paths(), self.workspace.services)

    def providers(self, layer: Layer) -> frozenset[str]:
        """The services that a layer's hosts are."""
        return frozenset(filter(None, (self._service(host, layer.location.path) for host in layer.hosts)))

    def _service(self, host: str, seen_from: str) -> str:
        known = self._hosts.service(
            addresses.Address(host.lower()), seen_from
        ) or self.workspace.services.named(host)
        return known.name if known else ""

    @cached_property
    def _hosts(self) -> addresses.Hosts:
        return addresses.Hosts(self.workspace.services)


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _own(policy: Policy, where: Where) -> Acting:
    """The callers' own policy as one that acts."""
    by_value = {one.value: one for one in policy.provenance}
    told = by_value.get("retry") if policy.retry else by_value.get("timeout_s")
    place = told.location if told else Location("")
    return Acting(where, policy, told.convention if told else "", place)


def _rank(row: tuple[int, Said]) -> int:
    return row[0]


def locations(places: Iterable[Location], most: int = 20) -> tuple[Location, ...]:
    """The first of many places, sorted, each once."""
    return tuple(sorted(set(places))[:most])
