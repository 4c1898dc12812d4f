"""Code of folders that belong to no service: libraries that several services share."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.evidence import sighted
from workspai_hooks.workspace.evidence.sightings import Sightings
from workspai_hooks.workspace.files import is_code, is_read_at_run_time
from workspai_hooks.workspace.services import Services

MOST_FILES = 20_000


def shared_files(snapshot: Snapshot, services: Services) -> dict[str, Sightings]:
    """What is sighted in their files."""
    paths = [
        path
        for path in snapshot.paths()
        if is_code(path) and is_read_at_run_time(path) and services.service_of(path) is None
    ]
    return sighted(snapshot, paths[:MOST_FILES])


def shared_constants(files: Mapping[str, Sightings]) -> dict[str, list[str]]:
    """`#NAME` -> its text, where all shared folders give the name the same one."""
    found: dict[str, set[str]] = {}
    for seen in files.values():
        for one in seen.constants:
            found.setdefault(f"#{one.name}", set()).add(one.value)
    return {name: sorted(values) for name, values in found.items() if len(values) == 1}
