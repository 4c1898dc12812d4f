"""A commit that changes nothing but gRPC service configs, in a repository of contracts: what it brings,
without a look at all the rest.

Nobody calls anything in a repository without sources, so that faults hang on the configs and on the rpcs that
they name. Only these are looked at: of the head, the base and the parents alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from workspai_hooks.resilience.checks.table import ON_OPERATIONS
from workspai_hooks.resilience.grpc.values import CONVENTION
from workspai_hooks.resilience.operations import known_rpcs
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.rpcs import Outline, Rpcs, package_of
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.resilience.sources import service_config
from workspai_hooks.resilience.view import View
from workspai_hooks.store import Store

if TYPE_CHECKING:
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.configuration import Settings
    from workspai_hooks.inspection.policies import Policies
    from workspai_hooks.workspace.workspace import Workspace


class _Nobody:
    """A workspace in which nobody calls."""

    edges = ()
    services = SimpleNamespace(all=())

    def service_at(self, path: str) -> None:
        return None

    def owners(self, service: str) -> tuple[str, ...]:
        return ()


class Question:
    """Asked of each side of a change of the configs at `paths`: for the rpcs that any side's configs name.
    All else is the same on all sides, and of configs only those are looked at that speak of the same."""

    def __init__(self, sides: Sequence[Snapshot], paths: Sequence[str]) -> None:
        """`sides`: the head, the base, and others."""
        self._paths = frozenset(path for path in paths if service_config.wanted(path))
        self._folders = frozenset(dirname(path) for path in paths)
        self._known: dict[tuple[str, str], Read] = {}
        said = [one for side in sides for read in self._reads(side, self._paths) for one in read.said]
        self._services = {_service(one) for one in said}
        self._whole = any(one.level is Level.DEFAULT for one in said)
        rpcs = known_rpcs(sides[0], self._packages)
        self.can_be_answered = rpcs is not None and not rpcs.undecided
        """Whether the contracts are known already, all of them."""
        self._rpcs = self._asked(rpcs or Rpcs())
        self._others = self._of_the_same(sides[1]) if self.can_be_answered else frozenset()

    def _packages(self, outline: Outline) -> set[str]:
        """Those of the rpcs that may be spoken of."""
        near = {one for folder, names in outline.folders.items() if self._is_near(folder) for one in names}
        return near | {package_of(one) for one in self._services}

    def _asked(self, rpcs: Rpcs) -> Rpcs:
        """The rpcs that may be spoken of; of the others only their names are known."""
        mine = [
            one
            for one in rpcs.operations
            if one.service in self._services or self._is_near(dirname(one.contract))
        ]
        names = {one.name for one in mine}
        said = tuple(one for one in rpcs.said if one.scope in names)
        return replace(rpcs, operations=tuple(mine), said=said)

    def _is_near(self, folder: str) -> bool:
        whole = self._whole and any(not one or folder.startswith(f"{one}/") for one in self._folders)
        return folder in self._folders or whole

    def _of_the_same(self, side: Snapshot) -> frozenset[str]:
        """Configs that no side changes, and that speak of these services or of all of a client's calls. What
        each speaks of is kept by all configs of the side, so that the next change of one finds it."""
        paths = [path for path in side.paths(".json") if service_config.wanted(path)]

        def make() -> dict[str, tuple[str, ...]]:
            self._reads(side, paths)
            reads = {path: self._known.get((path, side.entries[path].blob), Read()) for path in paths}
            return {path: tuple(sorted({_service(one) for one in read.said})) for path, read in reads.items()}

        key = Store.key([(path, side.entries[path].blob) for path in paths])
        named = side.store.once("configs' names", key, dict[str, tuple[str, ...]], make)
        mine = self._services | {""}
        return frozenset(path for path, names in named.items() if not mine.isdisjoint(names)) - self._paths

    def of(self, snapshot: Snapshot, settings: Settings) -> Policies:
        """The faults of a side, but for those of configs that no side changes and that speak of others."""
        from workspai_hooks.inspection.policies import judged

        read = joined(self._reads(snapshot, self._paths | self._others))
        said = tuple(one for one in read.said if not one.scope or _service(one) in self._services)
        view = View(
            snapshot,
            cast("Workspace", _Nobody()),
            self._rpcs,
            {},
            replace(read, said=said),
            settings.policies,
        )
        return judged(view, ON_OPERATIONS, settings)

    def _reads(self, snapshot: Snapshot, paths: Iterable[str]) -> list[Read]:
        """What each service config says, in order of the paths; kept by path and content."""
        blobs = {path: snapshot.entries[path].blob for path in sorted(paths) if path in snapshot.entries}
        keys = {
            path: Store.key(path, blob) for path, blob in blobs.items() if (path, blob) not in self._known
        }

        def read(missing: list[str]) -> Mapping[str, Read]:
            return {
                path: service_config.read(path, data) for path, data in snapshot.read_many(missing).items()
            }

        found = snapshot.store.each(f"policy {CONVENTION}", keys, Read, read) if keys else {}
        self._known.update({(path, blobs[path]): one for path, one in found.items()})
        return [self._known[row] for row in blobs.items() if row in self._known]


def _service(said: Said) -> str:
    """The service that something is said of; empty where it is all that a client calls."""
    return said.scope.partition("/")[0]
