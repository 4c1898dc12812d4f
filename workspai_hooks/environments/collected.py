"""All workloads of a snapshot, kept in the index until a file changes that may say anything of them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm import outside
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.environments import charts, clusters, compose
from workspai_hooks.environments.compared import compared
from workspai_hooks.environments.gaps import Gap
from workspai_hooks.environments.values import Workload
from workspai_hooks.store import Store
from workspai_hooks.workspace.files import CODE
from workspai_hooks.workspace.manifests.env_file import meant_by
from workspai_hooks.workspace.services import Services

_SAYS_NOTHING = (*CODE, ".css", ".gif", ".ico", ".jpeg", ".jpg", ".lock", ".png", ".proto", ".svg", ".woff2")


class Collected(msgspec.Struct, frozen=True):
    """Workloads without their services, and what could not be rendered."""

    workloads: tuple[Workload, ...]
    unknown: tuple[charts.Unknown, ...]
    gaps: tuple[Gap, ...]


def collected(snapshot: Snapshot, services: Services) -> Collected:
    """What runs in which environment. Nothing is rendered where there is nothing to compare it with."""
    told = [
        (path, entry.blob) for path, entry in snapshot.entries.items() if not path.endswith(_SAYS_NOTHING)
    ]
    paths = compose.paths_of(services.facts.declarations)
    wanted = compared(services)
    return snapshot.store.once(
        "environments",
        Store.key(told, paths, sorted(wanted), outside.state(snapshot)),
        Collected,
        lambda: _collect(snapshot, services, paths, wanted),
        lambda found: all(snapshot.lasts(one.why) for one in found.unknown),
    )


def _collect(snapshot: Snapshot, services: Services, paths: list[str], wanted: Collection[str]) -> Collected:
    found = compose.workloads(snapshot.read_many(paths), _env_files(services))
    side = Side(snapshot)
    rendered = charts.of_charts(side, wanted)
    found += rendered.workloads
    found += clusters.of_clusters(side, wanted)
    order = sorted(found, key=lambda one: (one.place, one.label, one.name))
    return Collected(tuple(order), tuple(sorted(rendered.unknown)), tuple(sorted(rendered.gaps)))


def _env_files(services: Services) -> compose.Variables:
    """Env files by path, and examples under the name of what everybody makes of them."""
    files = {one.name: one.variables for one in services.facts.settings if one.variables}
    shown = {meant: rows for path, rows in files.items() if (meant := meant_by(path)) and meant not in files}
    return {**shown, **files}
