"""A commit that changes nothing but gRPC service configs, in a repository of contracts: what it brings,
without a look at all the rest.

Nobody calls anything in a repository without sources, so that faults hang on the configs and on the rpcs that
they name. Only these are looked at: of the head, the base and the parents alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import dirname
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from workspai_hooks.resilience.checks.table import ON_OPERATIONS
from workspai_hooks.resilience.grpc.values import CONVENTION
from workspai_hooks.resilience.operations import Rpcs, known_rpcs
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.said import Level
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
    """Asked of each side of a change of the configs at `paths`: for the rpcs that any side's configs name."""

    def __init__(self, sides: Sequence[Snapshot], paths: Sequence[str]) -> None:
        self._folders = frozenset(dirname(path) for path in paths)
        self._known: dict[bytes, Read] = {}
        self._sides: dict[int, dict[str, Read]] = {}
        rpcs = known_rpcs(sides[0])
        self.can_be_answered = rpcs is not None and not rpcs.undecided
        """Whether the contracts are known already, all of them."""
        changed = [read for side in sides for path, read in self._reads(side).items() if path in paths]
        said = [one for read in changed for one in read.said]
        self._services = {one.scope.partition("/")[0] for one in said}
        self._whole = any(one.level is Level.DEFAULT for one in said)
        self._rpcs = self._asked(rpcs or Rpcs())

    def _asked(self, rpcs: Rpcs) -> Rpcs:
        """The rpcs that may be spoken of; of the others only their names are known."""
        contracts = {one.contract for one in rpcs.operations}
        near = {path for path in contracts if self._is_near(dirname(path))}
        mine = [one for one in rpcs.operations if one.contract in near or one.service in self._services]
        names = {one.name for one in mine}
        said = tuple(one for one in rpcs.said if one.scope in names)
        return replace(rpcs, operations=tuple(mine), said=said)

    def _is_near(self, folder: str) -> bool:
        whole = self._whole and any(folder.startswith(f"{one}/") for one in self._folders)
        return folder in self._folders or whole

    def of(self, snapshot: Snapshot, settings: Settings) -> Policies:
        """The faults of a side."""
        from workspai_hooks.inspection.policies import judged

        read = joined(self._reads(snapshot).values())
        said = tuple(
            one for one in read.said if not one.scope or one.scope.partition("/")[0] in self._services
        )
        view = View(
            snapshot,
            cast("Workspace", _Nobody()),
            self._rpcs,
            {},
            replace(read, said=said),
            settings.policies,
        )
        return judged(view, ON_OPERATIONS, settings)

    def _reads(self, snapshot: Snapshot) -> dict[str, Read]:
        """What each service config says, by path; kept by path and content."""
        if id(snapshot) in self._sides:
            return self._sides[id(snapshot)]
        paths = [path for path in snapshot.paths(".json") if service_config.wanted(path)]
        keys = {path: Store.key(path, snapshot.entries[path].blob) for path in paths}
        rest = {path: key for path, key in keys.items() if key not in self._known}

        def read(missing: list[str]) -> Mapping[str, Read]:
            return {
                path: service_config.read(path, data) for path, data in snapshot.read_many(missing).items()
            }

        found = snapshot.store.each(f"policy {CONVENTION}", rest, Read, read)
        self._known.update({keys[path]: one for path, one in found.items()})
        mine = {path: self._known[key] for path, key in keys.items() if key in self._known}
        self._sides[id(snapshot)] = mine
        return mine
