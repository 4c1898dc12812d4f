"""Code of folders that belong to no service: libraries that several services share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.evidence import ADDRESSES, CONSTANTS, MESSAGING, sighted
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Setting
from workspai_hooks.workspace.files import is_code, is_read_at_run_time
from workspai_hooks.workspace.services import Services

MOST_FILES = 20_000


def shared_files(snapshot: Snapshot, services: Services) -> list[str]:
    """Their paths."""
    paths = [
        path
        for path in snapshot.paths()
        if is_code(path) and is_read_at_run_time(path) and services.service_of(path) is None
    ]
    return paths[:MOST_FILES]


def shared_messaging(snapshot: Snapshot, files: Sequence[str]) -> dict[str, tuple[Clue, ...]]:
    """Those of the files that write and read topics, and where."""
    return {path: seen.clues for path, seen in sighted(snapshot, files, MESSAGING).items() if seen.clues}


def shared_addresses(snapshot: Snapshot, files: Sequence[str]) -> dict[str, tuple[Clue, ...]]:
    """Those of the files that call others by their addresses, and where."""
    seen = sighted(snapshot, files, ADDRESSES)
    calling = {path: tuple(c for c in one.clues if c.role is Role.CONNECTS) for path, one in seen.items()}
    return {path: clues for path, clues in calling.items() if clues}


def shared_constants(snapshot: Snapshot, files: Sequence[str]) -> list[Setting]:
    """What names stand for in them."""
    return [one for seen in sighted(snapshot, files, CONSTANTS).values() for one in seen.constants]


def by_name(constants: Iterable[Setting]) -> dict[str, list[str]]:
    """`#NAME` -> its text, where all give the name the same one."""
    found: dict[str, set[str]] = {}
    for one in constants:
        found.setdefault(f"#{one.name}", set()).add(one.value)
    return {name: sorted(values) for name, values in found.items() if len(values) == 1}
