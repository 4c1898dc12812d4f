"""What every check looks at: one snapshot's services with what runs of them where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.collected import Collected
from workspai_hooks.environments.gaps import Gap
from workspai_hooks.environments.joined import Sides, sides_of, with_services
from workspai_hooks.environments.runtimes.known import Known, known
from workspai_hooks.environments.stages import stage_of
from workspai_hooks.environments.values import Stage, Workload
from workspai_hooks.workspace.manifests.env_file import meant_by
from workspai_hooks.workspace.manifests.env_file import wanted as is_env_file
from workspai_hooks.workspace.manifests.facts import Dockerfile, Naming
from workspai_hooks.workspace.manifests.paths import ancestors, holds
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.reading import NO_SOURCE, SourceTree, source_trees
from workspai_hooks.workspace.service import Service
from workspai_hooks.workspace.services import Services


class Scene(msgspec.Struct, frozen=True, dict=True):
    """One snapshot. `workloads` have their services."""

    snapshot: Snapshot
    services: Services
    workloads: tuple[Workload, ...]
    unknown: tuple[str, ...] = ()
    """Folders of charts that could not be rendered."""
    gaps: tuple[Gap, ...] = ()

    @staticmethod
    def of(snapshot: Snapshot, services: Services, known: Collected) -> Scene:
        """What is known of a snapshot, each workload with its service."""
        found = with_services(known.workloads, services)
        return Scene(snapshot, services, found, tuple(one.folder for one in known.unknown), known.gaps)

    def is_unknown(self, service: Service) -> bool:
        """Whether a chart runs the service that could not be rendered."""
        return any(self.runs_in(folder, service) for folder in self.unknown)

    @staticmethod
    def runs_in(folder: str, service: Service) -> bool:
        """Whether a manifest in a folder runs the service."""
        return any(
            one.naming is Naming.WORKLOAD and holds(folder, one.location.path) for one in service.declarations
        )

    def exposed(self, service: Service) -> frozenset[int]:
        """The ports that the images say which are built of a service's folders."""
        return frozenset(port for one in self.dockerfiles(service) for port in one.ports)

    def dockerfiles(self, service: Service) -> tuple[Dockerfile, ...]:
        """The Dockerfiles that a service is built with: those that its builds name, else those of its
        folders."""
        named = {
            one.build.dockerfile or f"{one.build.context}/Dockerfile".lstrip("/")
            for one in service.declarations
            if one.build
        }
        told = tuple(one for one in self.services.facts.dockerfiles if one.location.path in named)
        return told or self.own_dockerfiles(service)

    def own_dockerfiles(self, service: Service) -> tuple[Dockerfile, ...]:
        """The Dockerfiles in a service's folders, those for development among them."""
        every = self.services.facts.dockerfiles
        return tuple(one for one in every if _is_own(one.location.path, service))

    @cached_property
    def sides(self) -> tuple[Sides, ...]:
        """What runs of each service, sorted by its name."""
        return tuple(sides_of(self.workloads, self.services))

    @cached_property
    def _trees(self) -> Mapping[str, SourceTree]:
        return source_trees(self.snapshot, self.services)

    def tree(self, service: Service) -> SourceTree:
        """A service's own source; empty where it is not here."""
        return self._trees.get(service.name, NO_SOURCE)

    def takes_toolchains(self, dockerfile: str) -> bool:
        """Whether a Dockerfile lets Go fetch a newer Go than its image has, which official images do not."""
        return b"GOTOOLCHAIN" in self.snapshot.read_many([dockerfile]).get(dockerfile, b"")

    @cached_property
    def runtimes(self) -> Known:
        """The run times that files of the snapshot name."""
        return known(self.snapshot)

    def image_variables(self, service: Service) -> frozenset[str]:
        """Variables that a service has wherever it runs: its images start with them, or an env file in its
        folders, which is committed, sets them."""
        facts = self.services.facts
        built = (one.variables for one in self.dockerfiles(service))
        files = (
            one.variables
            for one in facts.settings
            if is_env_file(one.name)
            and not meant_by(one.name)
            and any(root and holds(root, one.name) for root in service.roots)
        )
        return frozenset(variable.name for variables in (*built, *files) for variable in variables)

    def are_apart(self, one: Workload, other: Workload) -> bool:
        """Whether two workloads are of systems that only share a repository: the nearest folders around them
        that hold services are two, neither of which holds the other."""
        left, right = (self._system(each.place.path) for each in (one, other))
        return bool(left and right) and not holds(left, right) and not holds(right, left)

    def _system(self, path: str) -> str:
        return next((folder for folder in ancestors(path) if folder in self._populated), "")

    @cached_property
    def _populated(self) -> frozenset[str]:
        """Folders that hold services, at any depth."""
        roots = {root for service in self.services.all for root in service.roots}
        return frozenset(roots | {folder for root in roots for folder in ancestors(root)})


_STAGES = frozenset(Stage)
_HOMES = frozenset(
    """
    app build container containers deploy docker dockerfiles image images main package packaging server src
    """.split()  # noqa: SIM905
)
"""Folders of a service in which its Dockerfile may stand; what others hold is built for something else."""


def _is_own(path: str, service: Service) -> bool:
    names = {plain(one) for one in (service.name, *service.aliases)}
    for root in service.roots:
        if root and holds(root, path):
            between = path[len(root) + 1 :].split("/")[:-1]
            return all(
                one.lower().strip(".") in _HOMES or plain(one) in names or stage_of(f"{one}/") in _STAGES
                for one in between
            )
    return False
