"""The services of a repository that nobody prepared: all evidence of one service joined before any edge.

Facts come from the table in `manifests/`; here workloads, compose services, images, Dockerfiles and folders
with a build become services. What `.workspai.yaml` says by hand wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.store import Store, version
from workspai_hooks.workspace.builders import Builders
from workspai_hooks.workspace.environment import interpolated
from workspai_hooks.workspace.grouping import Group, grouped
from workspai_hooks.workspace.infrastructure import is_program, is_telemetry, keeps_or_carries
from workspai_hooks.workspace.manifests.charts import charts_of, is_chart_file
from workspai_hooks.workspace.manifests.facts import Facts, joined
from workspai_hooks.workspace.manifests.helm import Charts, flattened
from workspai_hooks.workspace.manifests.kinds import KINDS
from workspai_hooks.workspace.manifests.kinds import Kind as Evidence
from workspai_hooks.workspace.manifests.paths import ancestors
from workspai_hooks.workspace.service import EdgeOverride, Kind, Service, ServiceOverride
from workspai_hooks.workspace.sources import Sources

__all__ = ["EdgeOverride", "Kind", "Service", "ServiceOverride", "Services", "discover"]


@dataclass(frozen=True)
class Services:
    """All services, sorted by name.

    `undecided` are manifests that could not be read: what they declare is not in `all`.
    """

    all: tuple[Service, ...]
    undecided: tuple[Undecided, ...] = ()
    snapshot: Snapshot | None = field(default=None, repr=False, compare=False)
    key: bytes = field(default=b"", repr=False, compare=False)
    """A digest of all that they were found in, for what is worked out of them; empty: nothing is kept."""

    @cached_property
    def facts(self) -> Facts:
        """What they were made of; read again where only the services were kept."""
        return Facts() if self.snapshot is None else interpolated(collect(self.snapshot))

    def service_of(self, path: str) -> Service | None:
        """The service whose root holds a path: the longest root wins."""
        return next((self._rooted[one] for one in (path, *ancestors(path)) if one in self._rooted), None)

    @cached_property
    def _rooted(self) -> dict[str, Service]:
        return {root: service for service in reversed(self.all) for root in service.roots}

    def builders_of(self, path: str) -> tuple[Service, ...]:
        """The services whose programs a file is built into: the one whose folder holds it, and those that
        take in the package, project or module that it is part of. Sorted; none where nothing builds it."""
        own = self.service_of(path)
        names = self._builders.of(path) if self._builders else [own.name] if own else []
        together = {each for name in names for each in self.deployed_with(name)}
        return tuple(self._called[name] for name in sorted(together))

    def are_one_program(self, left: str, right: str) -> bool:
        """Whether two services are deployments of one folder."""
        return left != right and right in self.deployed_with(left)

    def deployed_with(self, name: str) -> list[str]:
        """The deployments of a service's folder, its own name among them."""
        return (self._together[self._called[name].roots] if name in self._called else []) or [name]

    @cached_property
    def _together(self) -> dict[tuple[str, ...], list[str]]:
        """Folders -> the services that are deployed from them; of those without a folder none."""
        found: dict[tuple[str, ...], list[str]] = {service.roots: [] for service in self.all}
        for service in self.all:
            if service.roots:
                found[service.roots].append(service.name)
        return found

    @cached_property
    def _called(self) -> dict[str, Service]:
        return {service.name: service for service in self.all}

    @cached_property
    def _builders(self) -> Builders | None:
        if self.snapshot is None:
            return None
        images: dict[str, set[str]] = {}
        for service in self.all:
            for one in service.declarations:
                if one.build:
                    dockerfile = one.build.dockerfile or f"{one.build.context}/Dockerfile".lstrip("/")
                    images.setdefault(dockerfile, set()).add(service.name)
        told = {path: tuple(sorted(names)) for path, names in images.items()}
        about = Store.key([(one.name, one.roots) for one in self.all], sorted(told.items()))
        return Builders(self.snapshot, self._owner, told, about)

    def _owner(self, path: str) -> str | None:
        service = self.service_of(path)
        return service.name if service else None

    def named(self, name: str) -> Service | None:
        """The service of this name or, where only one has it, alias."""
        known = self._exact.get(name) or self._aliased.get(name, [])
        return known[0] if len(known) == 1 else None

    @cached_property
    def _exact(self) -> dict[str, list[Service]]:
        found: dict[str, list[Service]] = {}
        for service in self.all:
            found.setdefault(service.name, []).append(service)
        return found

    @cached_property
    def _aliased(self) -> dict[str, list[Service]]:
        found: dict[str, list[Service]] = {}
        for service in self.all:
            for alias in dict.fromkeys(service.aliases):
                found.setdefault(alias, []).append(service)
        return found


class _Found(msgspec.Struct, frozen=True):
    """The services of a tree, and manifests that could not be read."""

    all: tuple[Service, ...]
    unread: tuple[Undecided, ...]


def discover(snapshot: Snapshot, overrides: Sequence[ServiceOverride] = ()) -> Services:
    """The services of a snapshot. They are kept by its whole tree: of a base that stays the same while a
    branch grows, nothing is joined twice."""
    key = Store.key(snapshot.digest, list(overrides))
    made: list[Facts] = []

    def find() -> _Found:
        facts = interpolated(collect(snapshot))
        made.append(facts)
        sources = Sources(snapshot.paths(), facts, snapshot.read_many)
        services = [_service(group, sources) for group in grouped(facts, sources)]
        every = sorted(_overridden(services, overrides), key=lambda one: one.name)
        return _Found(tuple(every), facts.unread)

    found = snapshot.store.once("services", key, _Found, find)
    services = Services(found.all, found.unread, snapshot, key)
    if made:
        vars(services)["facts"] = made[0]  # as `facts` itself would keep them
    return services


def collect(snapshot: Snapshot) -> Facts:
    """The facts of every file that a kind of evidence wants; files whose object is missing are told."""
    wanted = _wanted(snapshot)
    charts = _charts(snapshot)
    about = {
        folder: Store.key(
            sorted(values.items()), [sorted(one.items()) for one in charts.others.get(folder, ())]
        )
        for folder, values in charts.values.items()
    }
    keys = {}
    for path, kinds in wanted.items():
        made_by = [(kind.name, version(f"manifest {kind.name}")) for kind in kinds]
        keys[path] = Store.key(path, snapshot.entries[path].blob, made_by, about.get(charts.holder(path)))

    def read(missing: list[str]) -> dict[str, Facts]:
        return {
            path: joined([kind.read(path, data, charts) for kind in wanted[path]])
            for path, data in snapshot.contents(missing)
        }

    found = snapshot.store.each("manifest", keys, Facts, read)
    unread = tuple(snapshot.missing(path) for path in wanted if path not in found)
    return joined([*(found[path] for path in wanted if path in found), Facts(unread=unread)])


def _wanted(snapshot: Snapshot) -> dict[str, list[Evidence]]:
    """The files that a kind of evidence wants, with those kinds."""
    paths, known = snapshot.paths(), {kind.name: kind for kind in KINDS}

    def choose() -> dict[str, list[str]]:
        return {path: names for path in paths if (names := [one.name for one in KINDS if one.wanted(path)])}

    chosen = snapshot.store.once("wanted", Store.key(paths), dict[str, list[str]], choose)
    return {path: [known[name] for name in names] for path, names in chosen.items()}


def _charts(snapshot: Snapshot) -> Charts:
    """The charts with their values; none where no chart is described."""
    paths = snapshot.paths("/Chart.yaml", "Chart.yaml")
    if not paths:
        return Charts()
    told = [path for path in snapshot.paths(".yaml", ".yml") if is_chart_file(path)]
    keys = {path: Store.key(snapshot.entries[path].blob) for path in told}

    def read(missing: list[str]) -> dict[str, dict[str, str]]:
        return {path: flattened(data) for path, data in snapshot.contents(missing)}

    return charts_of(snapshot.store.each("values", keys, dict[str, str], read))


def _service(group: Group, sources: Sources) -> Service:
    kind = _kind(group, sources)
    # Where only configuration is added, the base image tells whose program it is.
    base = {group.base} - {""} if kind is not Kind.APPLICATION else set()
    return Service(
        name=group.name,
        kind=kind,
        roots=group.roots,
        aliases=tuple(sorted({*group.aliases} - {group.name})),
        evidence=group.evidence,
        hosts=tuple(sorted({host.lower() for host in group.hosts})),
        ports=dict(sorted(group.ports.items())),
        images=tuple(sorted(group.images | base)),
        declarations=group.declarations,
    )


def _kind(group: Group, sources: Sources) -> Kind:
    # Scripts that fill a database are code, and it is a database all the same.
    if any(root in sources.coded for root in group.roots) and not keeps_or_carries(group.base):
        return Kind.APPLICATION
    images = [image for image in (*group.images, group.base) if image]
    # A word such as `tracing` in the name of one of its images makes nobody a collector.
    public = any(is_program(image) for image in images) or all(map(is_telemetry, images or [""]))
    if public or (group.roots and group.base):
        # A folder with a Dockerfile and configuration only: somebody else's program, set up here.
        return Kind.INFRASTRUCTURE
    return Kind.EXTERNAL


def _overridden(services: list[Service], overrides: Iterable[ServiceOverride]) -> list[Service]:
    for override in overrides:
        known = next((one for one in services if one.name == override.name), None) or next(
            (
                one
                for one in services
                if override.name in one.aliases or (override.roots and set(override.roots) & set(one.roots))
            ),
            None,
        )
        roots = tuple(sorted(root.strip("/").removeprefix("./") for root in override.roots))
        services = [_without(one, roots) for one in services if one is not known]
        base = known or Service(override.name, Kind.EXTERNAL, (), (), ())
        services.append(
            replace(
                base,
                name=override.name,
                kind=Kind.APPLICATION if roots else base.kind,
                roots=roots or base.roots,
                aliases=tuple(sorted({*base.aliases, base.name, *override.aliases} - {override.name})),
                hosts=tuple(
                    sorted(
                        {*base.hosts, override.name.lower(), *(alias.lower() for alias in override.aliases)}
                    )
                ),
                owners=override.owners or base.owners,
            )
        )
    return services


def _without(service: Service, roots: tuple[str, ...]) -> Service:
    """A service loses the folders that were given to another by hand."""
    return replace(service, roots=tuple(root for root in service.roots if root not in roots))
