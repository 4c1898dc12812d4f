"""What all checks look at: operations with their policies, calls with what acts on them, what sources
read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec.structs import replace

from workspai_hooks.resilience.calls import Acting, Call, acting_alone, acting_of
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
    from workspai_hooks.resilience.system import System
    from workspai_hooks.workspace.workspace import Workspace


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
        self.policies = tuple(policies)
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
                found[acting_alone(own, Where.CLIENT), one.name] = None
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
        return self.system.entered(entry)

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
        if owner is None:
            return self.is_meant(said, operation)
        return owner == consumer or (not consumer and said.level is not Level.DEFAULT)

    def is_meant(self, said: Said, operation: Operation) -> bool:
        """Whether some caller of the operation may go by it: a default beside contracts is for these."""
        if said.level is not Level.DEFAULT or not said.caller or self.workspace.service_at(said.caller):
            return True
        return _is_in(operation.contract, dirname(said.caller))

    @cached_property
    def system(self) -> System:
        """Who calls whom, with all that acts on it."""
        from workspai_hooks.resilience.system import System  # follows code: not of service configs alone

        return System(self)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All synchronous calls between services over proven edges, sorted."""
        return self.system.calls if self.workspace.edges else ()

    @cached_property
    def paths(self) -> Paths:
        """The worst paths over them."""
        return worst_paths(self.calls)

    @cached_property
    def calls_rpcs(self) -> bool:
        """Whether any code here calls an rpc of any contract."""
        return bool(self.workspace.services.all) and bool(self.workspace.found.calls)

    def providers(self, layer: Layer) -> frozenset[str]:
        """The services that a layer's hosts are."""
        return self.system.providers(layer)


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _rank(row: tuple[int, Said]) -> int:
    return row[0]


def locations(places: Iterable[Location], most: int = 20) -> tuple[Location, ...]:
    """The first of many places, sorted, each once."""
    return tuple(sorted(set(places))[:most])
