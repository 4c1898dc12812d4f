"""Asks every source what it says of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.changes.snapshot import SYMLINK, Snapshot
from workspai_hooks.contract_files import HOMES
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.table import DESCRIPTIONS, FILES, OBJECTS, FileSource
from workspai_hooks.store import Store

MAX_BYTES = 4 * 1024 * 1024
"""A larger file is no configuration of anybody's."""
_UNDECIDED = "split it, or leave it out of the repository"


def gather(snapshot: Snapshot, descriptions: Iterable[Description]) -> Read:
    """All that files, descriptions and what is deployed say."""
    reads = [_of_files(snapshot)]
    reads += [source.read(one) for one in descriptions for source in DESCRIPTIONS]
    reads.append(_deployed(snapshot))
    return joined(reads)


def _deployed(snapshot: Snapshot) -> Read:
    """What all that is deployed says; kept by the contents that it may be made of."""
    from workspai_hooks.changes.deployed import INSTALLERS
    from workspai_hooks.contracts.helm import outside
    from workspai_hooks.contracts.helm.side import Side, ancestors
    from workspai_hooks.resilience.deployed import SUFFIXES, builds_of, marked, scoped

    marks = {mark for source in OBJECTS for mark in source.marks}
    if not marked(snapshot, marks):
        return Read()
    # a chart or a kustomization may read any file of its folder
    homes = {f"{path.rpartition('/')[0]}/".lstrip("/") for path in snapshot.paths(*HOMES)}
    rows = [
        (path, entry.mode, entry.blob)
        for path, entry in snapshot.entries.items()
        if path.endswith((*SUFFIXES, *INSTALLERS))
        or entry.mode == SYMLINK
        or any(f"{folder}/" in homes for folder in ancestors(path))
        or "" in homes
    ]

    def read() -> Read:
        side = Side(snapshot)
        builds = builds_of(side, marks)
        raw = list(scoped(side, builds, lambda build: joined(source.read(build) for source in OBJECTS)))
        mine = {path for paths in builds.manifests.values() for path in paths}
        problems = [why for one in raw for path, why in one.problems.items() if path in mine]
        found = joined(
            [
                Read(undecided=tuple(dict.fromkeys((*builds.undecided, *problems)))),
                *(source.read(build) for build in builds.all for source in OBJECTS),
                *(one.read for one in raw),
            ]
        )
        layers, faults = tuple(dict.fromkeys(found.layers)), tuple(dict.fromkeys(found.faults))
        return Read(found.said, layers, faults, found.undecided)

    return snapshot.store.once(
        "deployed policies",
        Store.key(rows, outside.state(snapshot)),
        Read,
        read,
        lambda found: all(map(snapshot.lasts, found.undecided)),
    )


def _of_files(snapshot: Snapshot) -> Read:
    """What all files say, in the order of the table; kept by path and content. A file that is not known yet
    is read once for all conventions that want it."""
    wanted: dict[tuple[str, str], bytes] = {}
    found: dict[tuple[str, str], Read] = {}
    missing: dict[str, list[FileSource]] = {}
    for source in FILES:
        keys = {
            path: Store.key(path, snapshot.entries[path].blob)
            for path in snapshot.paths()
            if source.wanted(path)
        }
        known = snapshot.store.recall(_kind(source), keys.values(), Read)
        for path, key in keys.items():
            wanted[source.name, path] = key
            if key in known:
                found[source.name, path] = known[key]
            else:
                missing.setdefault(path, []).append(source)
    paths = sorted(missing)
    for path, data in snapshot.contents(paths):
        for source in missing[path]:
            made = found[source.name, path] = _read(source, path, data)
            snapshot.store.remember(_kind(source), {wanted[source.name, path]: made})
    return joined(found[one] for one in wanted if one in found)


def _kind(source: FileSource) -> str:
    return f"policy {source.name}"


def _read(source: FileSource, path: str, data: bytes) -> Read:
    if source.marks and not any(mark in data for mark in source.marks):
        return Read()
    if len(data) > MAX_BYTES:
        return Read(undecided=(Undecided(path, f"larger than {MAX_BYTES >> 20} MiB", _UNDECIDED),))
    return source.read(path, data)
