"""What every check looks at: one snapshot's services with what runs of them where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.joined import Sides, sides_of, with_services
from workspai_hooks.environments.values import Workload
from workspai_hooks.workspace.manifests.env_file import meant_by
from workspai_hooks.workspace.manifests.env_file import wanted as is_env_file
from workspai_hooks.workspace.manifests.paths import holds
from workspai_hooks.workspace.reading import NO_SOURCE, SourceTree, source_trees
from workspai_hooks.workspace.service import Service
from workspai_hooks.workspace.services import Services


class Scene(msgspec.Struct, frozen=True, dict=True):
    """One snapshot. `workloads` have their services."""

    snapshot: Snapshot
    services: Services
    workloads: tuple[Workload, ...]

    @staticmethod
    def of(snapshot: Snapshot, services: Services, workloads: Iterable[Workload]) -> Scene:
        return Scene(snapshot, services, with_services(workloads, services))

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

    def image_variables(self, service: Service) -> frozenset[str]:
        """Variables that a service has wherever it runs: its images start with them, or an env file in its
        folders, which is committed, sets them."""
        facts = self.services.facts
        built = ((one.location.path, one.variables) for one in facts.dockerfiles)
        files = ((one.name, one.variables) for one in facts.settings if is_env_file(one.name) and not meant_by(one.name))
        return frozenset(
            variable.name
            for path, variables in (*built, *files)
            if any(holds(root, path) for root in service.roots if root)
            for variable in variables
        )

    def are_apart(self, one: Workload, other: Workload) -> bool:
        """Whether two workloads are of systems that only share a repository: each stands in a folder at the
        top which holds services of its own."""
        left, right = (each.place.path.partition("/")[0] for each in (one, other))
        return left != right and {left, right} <= self._systems

    @cached_property
    def _systems(self) -> frozenset[str]:
        roots = (root for service in self.services.all for root in service.roots if root)
        return frozenset(root.partition("/")[0] for root in roots)
