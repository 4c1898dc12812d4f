"""What verdicts look up in a workspace, as a table of questions; and its answers when all of it is in memory.

`Joined` has services, uses and edges whole, each made when it is first asked for. `ledger.Ledger` answers the
same from what an earlier run has kept, and reads little of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from posixpath import dirname
from typing import Protocol

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.source import Location
from workspai_hooks.stubs.holders import Holders, find_holders
from workspai_hooks.stubs.holding import Known
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge, RpcUse, Tier
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.edges.values import Edges
from workspai_hooks.workspace.manifests.builds import is_build_file
from workspai_hooks.workspace.mentions import is_unfollowed
from workspai_hooks.workspace.owners import Owners, read_owners
from workspai_hooks.workspace.services import EdgeOverride, ServiceOverride, Services, discover
from workspai_hooks.workspace.use_sites.found import Escape, Found, Mention, Use
from workspai_hooks.workspace.use_sites.gather import Followed, find_followed


class Used(msgspec.Struct, frozen=True, array_like=True):
    """A use, and the names of the services that its file is built into."""

    use: Use
    services: tuple[str, ...]


class Unclear(msgspec.Struct, frozen=True, array_like=True):
    """What can't be followed, in the order of places, each with the services that its file is built into."""

    mentions: list[tuple[Mention, tuple[str, ...]]]
    escapes: list[tuple[Escape, tuple[str, ...]]]


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A service as verdicts know it: who owns it, and what is deployed from the same folder, itself
    included."""

    owners: tuple[str, ...]
    together: tuple[str, ...]
    aliases: tuple[str, ...]


class Way(msgspec.Struct, frozen=True, array_like=True):
    """A proven edge of one protocol, and the lines that speak for it."""

    protocol: str
    evidence: tuple[Location, ...]


class Lookups(Protocol):
    """The questions. Names are of services and, where no service is built of a file, of its library."""

    def uses(self, elements: Collection[str]) -> Mapping[str, Sequence[Used]]:
        """The uses of each element."""

    @property
    def unclear(self) -> Unclear:
        """What can't be followed."""

    @property
    def holding(self) -> Known:
        """What is held, to be asked by `held_of`."""

    @property
    def members(self) -> Mapping[str, Member]:
        """All services by name."""

    @property
    def serving(self) -> Mapping[str, Collection[str]]:
        """Who implements each service of a contract."""

    @property
    def callers(self) -> Callers:
        """Who calls whom over proven edges."""

    def between(self, consumer: str, provider: str) -> Sequence[Way]:
        """The proven edges from one service to another, one a protocol."""

    @property
    def unfollowed(self) -> Mapping[str, Sequence[str]]:
        """The files of each service or library that are code of languages not followed."""


class Joined:
    """The parts of a workspace, each made when it is first asked for."""

    def __init__(
        self,
        snapshot: Snapshot,
        followed: Followed,
        services: Sequence[ServiceOverride] = (),
        edges: Sequence[EdgeOverride] = (),
    ) -> None:
        self._snapshot = snapshot
        self._followed = followed
        self._by_hand = services, edges
        self._names: dict[str, tuple[str, ...]] = {}

    @cached_property
    def services(self) -> Services:
        """The services."""
        return discover(self._snapshot, self._by_hand[0])

    @cached_property
    def found(self) -> Found:
        """What sources use of the contracts."""
        return find_followed(self._snapshot, self._followed)

    @cached_property
    def edges(self) -> Edges:
        """Who calls whom."""
        return find_edges(self._snapshot, self.services, _rpc_uses(self.found), self._by_hand[1])

    def names_at(self, path: str) -> tuple[str, ...]:
        """The names of the services that a file is built into; its library's folder where there are none."""
        if path not in self._names:
            names = tuple(service.name for service in self.services.builders_of(path))
            self._names[path] = names or (self.library(dirname(path)),)
        return self._names[path]

    def name_at(self, path: str) -> str:
        """The one name for a file: its own service's, or that of the only one that it is built into; else its
        library's folder."""
        service = self.services.service_of(path)
        if service is not None:
            return service.name
        names = self.names_at(path)
        return names[0] if len(names) == 1 else self.library(dirname(path))

    def service_at(self, path: str) -> str | None:
        """The name of the service that a file belongs to; None outside of all services."""
        service = self.services.service_of(path)
        return service.name if service else None

    def library(self, folder: str) -> str:
        """The nearest folder with a build of its own, else the first folder of the path."""
        above = folder
        while above and above not in self._built:
            above = dirname(above)
        return above or folder.partition("/")[0] or "."

    @cached_property
    def _built(self) -> frozenset[str]:
        """The folders with a build file."""
        return frozenset(dirname(path) for path in self._snapshot.entries if is_build_file(path))

    def uses(self, elements: Collection[str]) -> Mapping[str, Sequence[Used]]:
        """See `Lookups`."""
        return {
            element: [Used(use, self.names_at(use.path)) for use in self.all_uses[element]]
            for element in elements
            if element in self.all_uses
        }

    @cached_property
    def all_uses(self) -> Mapping[str, Sequence[Use]]:
        """All uses by element."""
        uses: dict[str, list[Use]] = {}
        for use in self.found.uses:
            uses.setdefault(use.element, []).append(use)
        return uses

    @cached_property
    def unclear(self) -> Unclear:
        """See `Lookups`."""
        return Unclear(
            [(one, self.names_at(one.path)) for one in self.found.mentions],
            [(one, self.names_at(one.path)) for one in self.found.escapes],
        )

    @cached_property
    def holding(self) -> Holders:
        """Looked for when a verdict asks: a map of services needs none. Without a service nobody holds
        anything."""
        return find_holders(self._snapshot, self.service_at) if self.services.all else Holders()

    @cached_property
    def members(self) -> dict[str, Member]:
        """See `Lookups`."""
        return {
            one.name: Member(
                one.owners or self.owners.of_roots(one.roots),
                tuple(self.services.deployed_with(one.name)),
                one.aliases,
            )
            for one in self.services.all
        }

    @cached_property
    def owners(self) -> Owners:
        """The rules of who owns what."""
        return read_owners(self._snapshot)

    @cached_property
    def serving(self) -> dict[str, list[str]]:
        """See `Lookups`."""
        serving: dict[str, set[str]] = {}
        for one in self.found.implementations:
            if not one.in_test:
                serving.setdefault(one.service, set()).update(self.names_at(one.path))
        return {one: sorted(serving[one]) for one in sorted(serving)}

    @cached_property
    def callers(self) -> Callers:
        """See `Lookups`."""
        return Callers.of(self.edges.all)

    def between(self, consumer: str, provider: str) -> Sequence[Way]:
        """See `Lookups`."""
        return self.ways.get(consumer, {}).get(provider, ())

    @cached_property
    def ways(self) -> dict[str, dict[str, list[Way]]]:
        """Consumer -> provider -> the proven edges."""
        pairs: dict[str, dict[str, list[Way]]] = {}
        for edge in self.edges.all:
            if edge.tier is Tier.PROVEN:
                pairs.setdefault(edge.consumer, {}).setdefault(edge.provider, []).append(_way(edge))
        return pairs

    @cached_property
    def unfollowed(self) -> dict[str, list[str]]:
        """See `Lookups`."""
        return self._by_name(path for path in self._snapshot.paths() if is_unfollowed(self._snapshot, path))

    def _by_name(self, paths: Iterable[str]) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {}
        for path in paths:
            files.setdefault(self.name_at(path), []).append(path)
        return files


def _way(edge: Edge) -> Way:
    return Way(edge.protocol, tuple(sorted({one.location for one in edge.evidence})))


def _rpc_uses(found: Found) -> list[RpcUse]:
    calls = []
    for use in found.calls:
        service, _, rpc = use.element.partition("/")
        calls.append(RpcUse(service, rpc, use.path, use.line, "calls", use.in_test))
    serves = [
        RpcUse(one.service, "", one.path, one.line, "implements", one.in_test)
        for one in found.implementations
    ]
    return [*calls, *serves]
