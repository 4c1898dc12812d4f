"""What others need to know of a repository: who here provides, uses and holds which contract elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workspai_hooks.contracts.protobuf.elements import FILE, PACKAGE, package_of
from workspai_hooks.contracts.protobuf.scan import scan
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges import Tier
from workspai_hooks.workspace.elsewhere.layout import (
    SCHEMA,
    Edge,
    FactsFile,
    Opaque,
    Place,
    Repository,
    Service,
    Unread,
)
from workspai_hooks.workspace.elsewhere.tables import PackageWriter, reached, told, travelling
from workspai_hooks.workspace.mentions import find_mentions
from workspai_hooks.workspace.workspace import Workspace

MAX_EVIDENCE = 3
"""Lines that are told for an edge."""

PLUMBING = (
    "grpc.health.",
    "grpc.reflection.",
    "grpc.channelz.",
    "google.protobuf.",
    "opentelemetry.proto.",
    "envoy.service.",
)
"""Contracts of the runtime, which everybody has and nobody owns."""

_LINE = regex(r":\d+$")


def export(repository: Repository, workspace: Workspace, unread: Iterable[Undecided] = ()) -> FactsFile:
    """The facts of one repository. `unread` are its contracts that could not be read."""
    writing = _Writing(workspace)
    writing.uses()
    writing.held()
    writing.unfollowed()
    return writing.written(repository, unread)


class _Writing:
    """One workspace on its way into a facts file."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._schema = workspace.schema
        self._packages: dict[str, PackageWriter] = {}
        self._package_names: dict[str, str] = {}
        self._opaque: set[tuple[str, str, str]] = set()

    def _package(self, element: str) -> PackageWriter | None:
        if element.startswith(PLUMBING):
            return None
        if element not in self._package_names:
            self._package_names[element] = package_of(self._schema, element)
        return self._named(self._package_names[element])

    def _named(self, name: str) -> PackageWriter | None:
        if f"{name}.".startswith(PLUMBING):
            return None
        return self._packages.setdefault(name, PackageWriter(name, self._workspace.consumer_at))

    def uses(self) -> None:
        """Every line that uses an element."""
        for use in self._workspace.found.uses:
            package = self._package(use.element)
            if package is not None:
                package.use(travelling(use.element, self._schema), use)

    def held(self) -> None:
        """Who holds which contract, and stubs whose contract is not in this repository."""
        for path, declares in _declared(self._schema).items():
            holders = self._workspace.holders(declares)
            package = self._named(self._schema.files[path].package)
            if holders and package is not None:
                package.holding(
                    [*declares, travelling(FILE + path, self._schema), PACKAGE + package.name], holders
                )
                self._mentioned(package, declares, holders.keys())
        for foreign in self._workspace.foreign_stubs():
            package = self._named(foreign.package)
            if package is None:
                continue
            if not foreign.elements:
                self._opaque.add((foreign.service, foreign.held.path, foreign.source))
                continue
            elements = sorted({*foreign.elements, FILE + foreign.source, PACKAGE + foreign.package})
            package.holding(elements, {foreign.service: foreign.held})
            for element in elements:
                said = f"holds {foreign.held.path}, of a contract that is not there: its uses can't be seen"
                package.unfollowed(element, foreign.service, said)

    def _mentioned(self, package: PackageWriter, declares: Iterable[str], services: Iterable[str]) -> None:
        """Names in languages that are not followed: found for a contract first, then element by element."""
        files = self._workspace.unfollowed_files(services)
        elements = [one for one in declares if ":" not in one]
        hit = find_mentions(self._workspace.snapshot, files, elements)
        for element in elements if hit else ():
            for path, place in find_mentions(self._workspace.snapshot, hit, [element]).items():
                said = f"{place} names it, in a language that is not followed yet"
                package.unfollowed(element, files[path], said)

    def unfollowed(self) -> None:
        """Accessors on values of unknown type, and whole messages that go where nobody can follow."""
        for mention in self._workspace.found.mentions:
            for element in mention.elements:
                package = self._package(element)
                if package is not None:
                    said = f"{mention.path}:{mention.line} {mention.name} of a type that is not known"
                    package.unfollowed(element, self._workspace.consumer_at(mention.path), said)
        escapes = self._workspace.told_escapes()
        inside = reached(self._schema, {escape.message for escape, _, _ in escapes})
        for escape, _, said in escapes:
            for type_name in sorted(inside[escape.message]):
                package = self._package(type_name)
                if package is not None:
                    package.unfollowed(type_name, self._workspace.consumer_at(escape.path), said)

    def written(self, repository: Repository, unread: Iterable[Undecided]) -> FactsFile:
        """The file."""
        services = self._services()
        number = {service.name: at for at, service in enumerate(services)}
        packages = [self._packages[name] for name in sorted(self._packages)]
        return FactsFile(
            SCHEMA,
            repository,
            [_told(service) for service in services],
            self._edges(number),
            [one.written(number) for one in packages if one.services()],
            [
                Opaque(number[service], told(path), told(source))
                for service, path, source in sorted(self._opaque)
            ],
            [Unread(self._package_at(one.what), told(one.what), told(one.why)) for one in sorted(unread)],
        )

    def _package_at(self, path: str) -> str:
        """The package of a contract that could not be compiled, by its text."""
        path = _LINE.sub("", path)
        if path not in self._workspace.snapshot.entries:
            return ""
        return told(scan(self._workspace.snapshot.read_many([path]).get(path, b"")).package)

    def _services(self) -> list[Service]:
        workspace = self._workspace
        serves: dict[str, set[str]] = {}
        for one in workspace.found.implementations:
            if not one.in_test and not one.service.startswith(PLUMBING):
                serves.setdefault(workspace.consumer_at(one.path), set()).add(one.service)
        names = {service.name for service in workspace.services.all} | serves.keys()
        names |= {service for package in self._packages.values() for service in package.services()}
        names |= {name for edge in workspace.edges for name in (edge.consumer, edge.provider)}
        names |= {service for service, _, _ in self._opaque}
        known = {service.name: service for service in workspace.services.all}
        return [
            Service(
                name,
                sorted(known[name].aliases) if name in known else [],
                sorted(known[name].hosts) if name in known else [],
                list(workspace.owners(name)),
                sorted(rpc for rpc in workspace.called_by(name) if not rpc.startswith(PLUMBING)),
                sorted(serves.get(name, ())),
            )
            for name in sorted(names)
        ]

    def _edges(self, number: Mapping[str, int]) -> list[Edge]:
        return [
            Edge(
                number[edge.consumer],
                number[edge.provider],
                told(edge.protocol),
                [
                    Place(told(one.location.path), one.location.line)
                    for one in sorted(edge.evidence)[:MAX_EVIDENCE]
                ],
            )
            for edge in sorted(self._workspace.edges)
            if edge.tier is Tier.PROVEN
        ]


def _told(service: Service) -> Service:
    lists = (service.aliases, service.hosts, service.owners, service.calls, service.serves)
    return Service(told(service.name), *([told(one) for one in many] for many in lists))


def _declared(schema: Schema) -> dict[str, list[str]]:
    """What each contract file declares, in one pass over the schema."""
    declared: dict[str, list[str]] = {path: [] for path in schema.files}
    for message in schema.messages.values():
        members = (*message.fields, *message.oneofs)
        declared[message.file] += [message.name, *(f"{message.name}.{one}" for one in members)]
    for enum in schema.enums.values():
        declared[enum.file] += [enum.name, *(f"{enum.name}.{one}" for one in enum.values)]
    for service in schema.services.values():
        declared[service.file] += [service.name, *(f"{service.name}/{one}" for one in service.methods)]
    return {path: sorted(names) for path, names in sorted(declared.items()) if names}
