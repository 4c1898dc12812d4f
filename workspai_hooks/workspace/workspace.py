"""The workspace as one side of a change has it: services, edges, uses and holders joined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

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
from workspai_hooks.store import Store
from workspai_hooks.stubs.holders import Foreign
from workspai_hooks.stubs.holding import Held, HeldKind, held_of
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge
from workspai_hooks.workspace.ledger import Ledger
from workspai_hooks.workspace.lookups import Joined, Lookups, Way
from workspai_hooks.workspace.mentions import find_mentions
from workspai_hooks.workspace.services import EdgeOverride, ServiceOverride, Services
from workspai_hooks.workspace.use_sites.found import Escape, Found, Use
from workspai_hooks.workspace.use_sites.gather import Followed

# Where a whole message goes and can't be followed any further, as a person reads it.
_ESCAPES = {
    "json": "turns {message} into JSON or back",
    "text": "prints {message}",
    "reflection": "handles {message} by reflection",
    "library": "hands {message} to a library",
    "forwarded": "passes {message} on whole",
}


class Workspace:
    """Everything that verdicts ask of one snapshot. `schema`: what the elements that are asked for belong
    to."""

    def __init__(self, snapshot: Snapshot, schema: Schema, joined: Joined, lookups: Lookups) -> None:
        self.snapshot = snapshot
        self.schema = schema
        self._joined = joined
        self._lookups = lookups
        self._of_files: dict[frozenset[str], Mapping[str, str]] = {}
        self._ways: dict[frozenset[str], Mapping[str, tuple[str, ...]]] = {}
        self._calling: dict[frozenset[str], Mapping[str, frozenset[str]]] = {}

    @property
    def services(self) -> Services:
        """All services, with all that is known of each."""
        return self._joined.services

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges between them."""
        return self._joined.edges.all

    @property
    def found(self) -> Found:
        """All that sources use of the contracts."""
        return self._joined.found

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        """What could not be read of services and edges."""
        return (*self._joined.services.undecided, *self._joined.edges.undecided)

    def consumers_at(self, path: str) -> tuple[str, ...]:
        """The names of the services that a file is built into; its library's folder where there are none."""
        return self._joined.names_at(path)

    def consumer_at(self, path: str) -> str:
        """The one name for a file: its own service's, or that of the only one that it is built into; else its
        library's folder."""
        return self._joined.name_at(path)

    def service_at(self, path: str) -> str | None:
        """The name of the service that a file belongs to; None outside of all services."""
        return self._joined.service_at(path)

    @property
    def callers(self) -> Callers:
        """Who calls whom over proven edges."""
        return self._lookups.callers

    def uses_of(self, elements: Collection[str]) -> dict[str, list[Use]]:
        """Lines that use one of the elements, by service."""
        known = self._lookups.uses(elements)
        uses: dict[str, list[Use]] = {}
        for element in sorted(known):
            for used in known[element]:
                for service in used.services:
                    uses.setdefault(service, []).append(used.use)
        return uses

    def holders(self, elements: Collection[str]) -> dict[str, Held]:
        """Services with a stub, a copy or a build of a contract that has one of the elements."""
        held = {
            name: places[0]
            for service, places in held_of(elements, self._lookups.holding).items()
            for name in self._deployed_with(service)
        }
        for name, path in self._importers(declaring_files(self.schema, elements)).items():
            held.setdefault(name, Held(path, HeldKind.IMPORT))
        return held

    def _deployed_with(self, service: str) -> Sequence[str]:
        member = self._lookups.members.get(service)
        return member.together if member is not None else (service,)

    def _importers(self, files: frozenset[str]) -> Mapping[str, str]:
        """Who uses what these contracts declare through stubs of another folder, and where first; who has its
        own knows better. Every break of them asks it."""
        if files not in self._of_files:
            declared = {part for path in files for part in parts(self.schema, FILE + path)}
            own = held_of(declared, self._lookups.holding)
            known = self._lookups.uses(declared)
            found: dict[str, str] = {}
            for element in sorted(known):
                for used in known[element]:
                    for name in used.services:
                        if name not in own:
                            found.setdefault(name, used.use.path)
            self._of_files[files] = found
        return self._of_files[files]

    def providers(self, rpcs: Iterable[str]) -> set[str]:
        """Services that implement the service of one of the rpcs."""
        return {name for one in _services_of(frozenset(rpcs)) for name in self._lookups.serving.get(one, ())}

    def way(self, service: str, targets: Collection[str]) -> tuple[str, ...] | None:
        """The shortest way from a service to one of the targets over proven edges, ties by name; None
        without. All who get to the same targets are found at once."""
        if service in targets:
            return (service,)
        known = frozenset(targets)
        if known not in self._ways:
            self._ways[known] = self.callers.exposed(known)
        return self._ways[known].get(service)

    def between(self, consumer: str, provider: str) -> Sequence[Way]:
        """The proven edges from one service to another, one a protocol."""
        return self._lookups.between(consumer, provider)

    def calling(self, rpcs: frozenset[str]) -> Mapping[str, frozenset[str]]:
        """Those of the rpcs that each service's own code calls. Every service that is hit asks it."""
        if rpcs not in self._calling:
            called: dict[str, set[str]] = {}
            for rpc, uses in self._lookups.uses(rpcs).items():
                for used in uses:
                    if used.use.kind == "call" and not used.use.in_test:
                        for service in used.services:
                            called.setdefault(service, set()).add(rpc)
            self._calling[rpcs] = {service: frozenset(each) for service, each in called.items()}
        return self._calling[rpcs]

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
        for one, names in self._lookups.serving.items():
            for name in names:
                served.setdefault(name, set()).add(one)
        return {name: frozenset(mine) for name, mine in served.items()}

    def role(self, service: str, rpcs: frozenset[str]) -> str:
        """`provider` where it implements one of the rpcs, `both` where it calls one as well."""
        if self.served_by(service).isdisjoint(_services_of(rpcs)):
            return "consumer"
        calls = any(
            service not in self.providers([rpc])  # its own test client is no consumer
            for rpc in self.calling(rpcs).get(service, ())
        )
        return "both" if calls else "provider"

    def owners(self, service: str) -> tuple[str, ...]:
        """From `.workspai.yaml`, else CODEOWNERS of its folders."""
        members = self._lookups.members
        known = members.get(service) or members.get(self._called_else.get(service, ""))
        return known.owners if known is not None else self._joined.owners.of(f"{service}/x")

    @cached_property
    def _called_else(self) -> Mapping[str, str]:
        """Aliases that only one service has."""
        found: dict[str, list[str]] = {}
        for name, member in self._lookups.members.items():
            for alias in dict.fromkeys(member.aliases):
                found.setdefault(alias, []).append(name)
        return {alias: names[0] for alias, names in found.items() if len(names) == 1}

    def unfollowed_files(self, services: Iterable[str]) -> dict[str, str]:
        """The files of services and libraries that are code of languages not followed, and whose each is."""
        files = self._lookups.unfollowed
        return {path: service for service in sorted(services) for path in files.get(service, ())}

    def foreign_stubs(self) -> tuple[Foreign, ...]:
        """Stubs of contracts that are not in this repository."""
        return self._joined.holding.foreign()

    def told_escapes(self) -> list[tuple[Escape, tuple[str, ...], str]]:
        """Whole messages that go where they can't be followed, whose they are, and how a person is told."""
        return [
            (escape, services, f"{_ESCAPES[escape.how].format(message=short)} ({escape.path}:{escape.line})")
            for escape, services in self._lookups.unclear.escapes
            if escape.how in _ESCAPES
            for short in (escape.message.rpartition(".")[2],)
        ]

    def unfollowed(self, elements: Collection[str], services: Collection[str]) -> dict[str, str]:
        """Of these services, those that handle an element in a way that can't be followed, and how."""
        why: dict[str, str] = {}
        wanted = frozenset(elements)
        for mention, names in self._lookups.unclear.mentions:
            if not wanted.isdisjoint(mention.elements):
                place = f"{mention.path}:{mention.line}"
                for service in names:
                    why.setdefault(service, f"{place} {mention.name} of a type that is not known")
        messages = holders_of_types(self.schema, types_of(self.schema, elements))
        for escape, names, said in self.told_escapes():
            if escape.message in messages:
                for service in names:
                    why.setdefault(service, said)
        files = self.unfollowed_files(services)
        for path, location in find_mentions(self.snapshot, files, elements).items():
            why.setdefault(files[path], f"{location} names it, in a language that is not followed yet")
        return {service: why[service] for service in sorted(why) if service in services}


@lru_cache
def _services_of(rpcs: frozenset[str]) -> frozenset[str]:
    """Every service that is hit asks it of the same rpcs."""
    return frozenset(rpc.partition("/")[0] for rpc in rpcs)


def survey(
    snapshot: Snapshot,
    schema: Schema,
    services: Sequence[ServiceOverride] = (),
    edges: Sequence[EdgeOverride] = (),
    followed: Followed | None = None,
) -> Workspace:
    """Look at a whole snapshot; what its store knows of its files is not worked out again.

    Uses of `schema` are followed; with `followed`, uses of all these contracts, and what verdicts look up is
    kept for the next change of any of them.
    """
    joined = Joined(snapshot, followed or Followed.of(schema), services, edges)
    if followed is None:
        return Workspace(snapshot, schema, joined, joined)
    tree = Store.key(snapshot.digest, list(services), list(edges))
    ledger = Ledger(snapshot, tree, Store.key(tree, followed.key), joined)
    return Workspace(snapshot, schema, joined, ledger)
