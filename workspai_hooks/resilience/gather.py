"""Asks every source what it says of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.table import DESCRIPTIONS, FILES, OBJECTS, FileSource
from workspai_hooks.store import Store

Tell = Callable[[str], None]
MAX_BYTES = 4 * 1024 * 1024
"""A larger file is no configuration of anybody's."""
_UNDECIDED = "split it, or leave it out of the repository"


def gather(snapshot: Snapshot, descriptions: Iterable[Description]) -> Read:
    """All that files, descriptions and what is deployed say."""
    reads = [_of_files(snapshot, source) for source in FILES]
    reads += [source.read(one) for one in descriptions for source in DESCRIPTIONS]
    if OBJECTS:
        from workspai_hooks.resilience.deployed import builds_of

        builds = builds_of(snapshot, {mark for source in OBJECTS for mark in source.marks})
        reads.append(Read(undecided=builds.undecided))
        reads += [source.read(build) for build in builds.all for source in OBJECTS]
    return joined(reads)


def _of_files(snapshot: Snapshot, source: FileSource) -> Read:
    """What all files of one convention say; kept by path and content."""
    paths = [path for path in snapshot.paths() if source.wanted(path)]
    keys = {path: Store.key(path, snapshot.entries[path].blob) for path in paths}

    def read(missing: list[str]) -> Mapping[str, Read]:
        return {path: _read(source, path, data) for path, data in snapshot.read_many(missing).items()}

    return joined(snapshot.store.each(f"policy {source.name}", keys, Read, read).values())


def _read(source: FileSource, path: str, data: bytes) -> Read:
    if source.marks and not any(mark in data for mark in source.marks):
        return Read()
    if len(data) > MAX_BYTES:
        return Read(undecided=(Undecided(path, f"larger than {MAX_BYTES >> 20} MiB", _UNDECIDED),))
    return source.read(path, data)
