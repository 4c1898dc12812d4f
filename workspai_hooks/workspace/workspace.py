"""The workspace as one side of a change has it: services, edges, uses and holders joined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from posixpath import dirname

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.elements import (
    FILE,
    declaring_files,
    holders_of_types,
    parts,
    types_of,
)
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import Undecided
from workspai_hooks.stubs.holders import Foreign, Held, HeldKind, Holders, find_holders
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge, RpcUse, Tier
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.manifests.builds import is_build_file
from workspai_hooks.workspace.mentions import find_mentions
from workspai_hooks.workspace.owners import Owners, read_owners
from workspai_hooks.workspace.services import EdgeOverride, ServiceOverride, Services, discover
from workspai_hooks.workspace.use_sites.found import Escape, Found, Use
from workspai_hooks.workspace.use_sites.gather import find_everything

# Where a whole message goes and can't be followed any further, as a person reads it.
_ESCAPES = {
    "json": "turns {message} into JSON or back",
    "text": "prints {message}",
    "reflection": "handles {message} by reflection",
    "library": "hands {message} to a library",
    "forwarded": "passes {message} on whole",
}


class Workspace(msgspec.Struct, frozen=True, dict=True):
    """Everything that verdicts ask of one snapshot."""

    snapshot: Snapshot
    schema: Schema
    services: Services
    edges: tuple[Edge, ...]
    found: Found
    undecided: tuple[Undecided, ...]
    _owners: Owners
    _names: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    _of_files: dict[frozenset[str], Mapping[str, str]] = msgspec.field(default_factory=dict)
    _ways: dict[frozenset[str], Mapping[str, tuple[str, ...]]] = msgspec.field(default_factory=dict)

    def consumers_at(self, path: str) -> tuple[str, ...]:
        """The names of the services that a file is built into; its library's folder where there are none."""
        if path not in self._names:
            names = tuple(service.name for service in self.services.builders_of(path))
            self._names[path] = names or (self._library(dirname(path)),)
        return self._names[path]

    def consumer_at(self, path: str) -> str:
        """The one name for a file: its own service's, or that of the only one that it is built into; else its
        library's folder."""
        service = self.services.service_of(path)
        if service is not None:
            return service.name
        names = self.consumers_at(path)
        return names[0] if len(names) == 1 else self._library(dirname(path))

    def service_at(self, path: str) -> str | None:
        """The name of the service that a file belongs to; None outside of all services."""
        service = self.services.service_of(path)
        return service.name if service else None

    def _library(self, folder: str) -> str:
        """The nearest folder with a build of its own, else the first folder of the path."""
        above = folder
        while above and above not in self._built:
            above = dirname(above)
        return above or folder.partition("/")[0] or "."

    @cached_property
    def callers(self) -> Callers:
        """Who calls whom over proven edges."""
        return Callers.of(self.edges)

    @cached_property
    def _built(self) -> frozenset[str]:
        """The folders with a build file."""
        return frozenset(dirname(path) for path in self.snapshot.entries if is_build_file(path))

    @cached_property
    def _files(self) -> dict[str, list[str]]:
        """The regular files of each service or library."""

        def worked_out() -> dict[str, list[str]]:
            files: dict[str, list[str]] = {}
            for path in self.snapshot.paths():
                files.setdefault(self.consumer_at(path), []).append(path)
            return files

        if not self.services.key:
            return worked_out()
        known = dict[str, list[str]]
        return self.snapshot.store.once("files of services", self.services.key, known, worked_out)

    @cached_property
    def _uses(self) -> dict[str, list[Use]]:
        """All uses by element."""
        uses: dict[str, list[Use]] = {}
        for use in self.found.uses:
            uses.setdefault(use.element, []).append(use)
        return uses

    def uses_of(self, elements: Collection[str]) -> dict[str, list[Use]]:
        """Lines that use one of the elements, by service."""
        uses: dict[str, list[Use]] = {}
        for element in sorted(elements):
            for use in self._uses.get(element, ()):
                for service in self.consumers_at(use.path):
                    uses.setdefault(service, []).append(use)
        return uses

    @cached_property
    def _holders(self) -> Holders:
        """Looked for when a verdict asks: a map of services needs none. Without a service nobody holds
        anything."""
        if not self.services.all:
            return Holders((), (), (), {})
        if not self.services.key:
            return find_holders(self.snapshot, self.service_at)
        return self.snapshot.store.once(
            "all holders", self.services.key, Holders, lambda: find_holders(self.snapshot, self.service_at)
        )

    def holders(self, elements: Collection[str]) -> dict[str, Held]:
        """Services with a stub, a copy or a build of a contract that has one of the elements."""
        held = {
            name: places[0]
            for service, places in self._holders.of(elements).items()
            for name in self.services.deployed_with(service)
        }
        for name, path in self._importers(declaring_files(self.schema, elements)).items():
            held.setdefault(name, Held(path, HeldKind.IMPORT))
        return held

    def _importers(self, files: frozenset[str]) -> Mapping[str, str]:
        """Who uses what these contracts declare through stubs of another folder, and where first; who has its
        own knows better. Every break of them asks it."""
        if files not in self._of_files:
            declared = {part for path in files for part in parts(self.schema, FILE + path)}
            own = self._holders.of(declared)
            found: dict[str, str] = {}
            for element in sorted(declared):
                for use in self._uses.get(element, ()):
                    for name in self.consumers_at(use.path):
                        if name not in own:
                            found.setdefault(name, use.path)
            self._of_files[files] = found
        return self._of_files[files]

    def providers(self, rpcs: Collection[str]) -> set[str]:
        """Services that implement the service of one of the rpcs."""
        return {name for one in _services_of(rpcs) for name in self._serving.get(one, ())}

    @cached_property
    def _serving(self) -> dict[str, set[str]]:
        """Who implements each service of a contract."""
        serving: dict[str, set[str]] = {}
        for one in self.found.implementations:
            if not one.in_test:
                serving.setdefault(one.service, set()).update(self.consumers_at(one.path))
        return serving

    def way(self, service: str, targets: Collection[str]) -> tuple[str, ...] | None:
        """The shortest way from a service to one of the targets over proven edges, ties by name; None
        without. All who get to the same targets are found at once."""
        if service in targets:
            return (service,)
        known = frozenset(targets)
        if known not in self._ways:
            self._ways[known] = self.callers.exposed(known)
        return self._ways[known].get(service)

    def between(self, consumer: str, provider: str) -> tuple[Edge, ...]:
        """The proven edges from one service to another, one a protocol."""
        return tuple(self._proven.get((consumer, provider), ()))

    @cached_property
    def _proven(self) -> dict[tuple[str, str], list[Edge]]:
        pairs: dict[tuple[str, str], list[Edge]] = {}
        for edge in self.edges:
            if edge.tier is Tier.PROVEN:
                pairs.setdefault((edge.consumer, edge.provider), []).append(edge)
        return pairs

    def called_by(self, service: str) -> frozenset[str]:
        """The rpcs that a service's own code calls."""
        return self._called.get(service, frozenset())

    @cached_property
    def _called(self) -> dict[str, frozenset[str]]:
        called: dict[str, set[str]] = {}
        for use in self.found.calls:
            if not use.in_test:
                for service in self.consumers_at(use.path):
                    called.setdefault(service, set()).add(use.element)
        return {service: frozenset(rpcs) for service, rpcs in called.items()}

    def served_by(self, service: str) -> frozenset[str]:
        """The services of contracts that a service implements."""
        return self._served.get(service, frozenset())

    @cached_property
    def _served(self) -> dict[str, frozenset[str]]:
        served: dict[str, set[str]] = {}
        for one, names in self._serving.items():
            for name in names:
                served.setdefault(name, set()).add(one)
        return {name: frozenset(mine) for name, mine in served.items()}

    def role(self, service: str, rpcs: Collection[str]) -> str:
        """`provider` where it implements one of the rpcs, `both` where it calls one as well."""
        if self.served_by(service).isdisjoint(_services_of(rpcs)):
            return "consumer"
        calls = any(
            rpc in rpcs and service not in self.providers([rpc])  # its own test client is no consumer
            for rpc in self.called_by(service)
        )
        return "both" if calls else "provider"

    def owners(self, service: str) -> tuple[str, ...]:
        """From `.workspai.yaml`, else CODEOWNERS of its folders."""
        known = self.services.named(service)
        if known is None:
            return self._owners.of(f"{service}/x")
        return known.owners or self._owners.of_roots(known.roots)

    def files_of(self, services: Iterable[str]) -> list[str]:
        """The regular files of services and libraries."""
        return [path for service in sorted(services) for path in self._files.get(service, ())]

    def foreign_stubs(self) -> tuple[Foreign, ...]:
        """Stubs of contracts that are not in this repository."""
        return self._holders.foreign()

    def told_escapes(self) -> list[tuple[Escape, str]]:
        """Whole messages that go where they can't be followed, and how a person is told of it."""
        return [
            (escape, f"{_ESCAPES[escape.how].format(message=short)} ({escape.path}:{escape.line})")
            for escape in self.found.escapes
            if escape.how in _ESCAPES
            for short in (escape.message.rpartition(".")[2],)
        ]

    def unfollowed(self, elements: Collection[str], services: Collection[str]) -> dict[str, str]:
        """Of these services, those that handle an element in a way that can't be followed, and how."""
        why: dict[str, str] = {}
        wanted = frozenset(elements)
        for mention in self.found.mentions:
            if not wanted.isdisjoint(mention.elements):
                place = f"{mention.path}:{mention.line}"
                for service in self.consumers_at(mention.path):
                    why.setdefault(service, f"{place} {mention.name} of a type that is not known")
        messages = holders_of_types(self.schema, types_of(self.schema, elements))
        for escape, said in self.told_escapes():
            if escape.message in messages:
                for service in self.consumers_at(escape.path):
                    why.setdefault(service, said)
        named = find_mentions(self.snapshot, self.files_of(services), elements)
        for path, location in named.items():
            why.setdefault(
                self.consumer_at(path), f"{location} names it, in a language that is not followed yet"
            )
        return {service: why[service] for service in sorted(why) if service in services}


def _services_of(rpcs: Iterable[str]) -> set[str]:
    return {rpc.partition("/")[0] for rpc in rpcs}


def survey(
    snapshot: Snapshot,
    schema: Schema,
    services: Sequence[ServiceOverride] = (),
    edges: Sequence[EdgeOverride] = (),
) -> Workspace:
    """Look at a whole snapshot; what its store knows of its files is not worked out again."""
    known = discover(snapshot, services)
    found = find_everything(snapshot, schema)
    joined = find_edges(snapshot, known, _rpc_uses(found), edges)
    return Workspace(
        snapshot=snapshot,
        schema=schema,
        services=known,
        edges=joined.all,
        found=found,
        undecided=(*known.undecided, *joined.undecided),
        _owners=read_owners(snapshot),
    )


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
