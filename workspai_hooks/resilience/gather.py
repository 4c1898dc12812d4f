"""Asks every source what it says of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from workspai_hooks.changes.snapshot import SYMLINK, Snapshot
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
    reads.append(_deployed(snapshot))
    return joined(reads)


def _deployed(snapshot: Snapshot) -> Read:
    """What all that is deployed says; kept by the contents that it may be made of."""
    from workspai_hooks.changes.deployed import INSTALLERS
    from workspai_hooks.resilience.deployed import SUFFIXES, builds_of, marked

    marks = {mark for source in OBJECTS for mark in source.marks}
    if not marked(snapshot, marks):
        return Read()
    rows = [
        (path, entry.mode, entry.blob)
        for path, entry in snapshot.entries.items()
        if path.endswith((*SUFFIXES, *INSTALLERS)) or entry.mode == SYMLINK
    ]
    key = Store.key(rows)
    known = snapshot.store.recall("deployed policies", [key], Read).get(key)
    if known is not None:
        return known
    builds = builds_of(snapshot, marks)
    found = joined(
        [
            Read(undecided=builds.undecided),
            *(source.read(build) for build in builds.all for source in OBJECTS),
        ]
    )
    found = Read(
        found.said, tuple(dict.fromkeys(found.layers)), tuple(dict.fromkeys(found.faults)), found.undecided
    )
    if all(map(snapshot.lasts, found.undecided)) and not snapshot.store.is_partial:
        snapshot.store.remember("deployed policies", {key: found})
    return found


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
