"""The work tree as a snapshot: what the index holds, with the files as they are on disk, and those that git
does not ignore. For a person who has just generated something; hooks look at the index.

Git is not asked what differs: where it compares contents, it may run filters of the user's configuration.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from workspai_hooks.changes.snapshot import REGULAR, Snapshot
from workspai_hooks.tools.git import Entry, Repository
from workspai_hooks.tools.held import MOST_BYTES, Held

MAX_BYTES = 64 * 1024 * 1024
NAME = "work tree"


def of_worktree(repository: Repository, matters: Callable[[str], bool]) -> Snapshot:
    """The files that matter (by path) as they are on disk, all others as the index has them.

    Of what differs so much is kept in memory; the rest is read again when it is asked for, and is not here
    where it is another one by then.
    """
    entries = repository.index()
    disk: dict[str, str] = {}
    held = Held()
    folders = _Folders(repository.top)
    for path in sorted({*entries, *repository.untracked()}):
        known = entries.get(path)
        if not matters(path) or (known is not None and known.mode not in REGULAR):
            continue
        data = _read(folders, path)
        if data is None:
            entries.pop(path, None)
            continue
        blob = _blob(data, repository.hash_name)
        if known is None or known.blob != blob:
            entries[path] = Entry(known.mode if known else "100644", blob)
            disk[blob] = path
            if blob not in held and held.bytes + len(data) <= MOST_BYTES:
                held.add(blob, data)

    def again(blob: str) -> bytes | None:
        data = _read(folders, disk[blob])
        return data if data is not None and _blob(data, repository.hash_name) == blob else None

    def read(blobs: Iterable[str]) -> Mapping[str, bytes | None]:
        wanted = list(blobs)
        kept = held.of(blob for blob in wanted if blob in held)
        left = {blob: again(blob) for blob in wanted if blob in disk and blob not in held}
        return {**repository.read(blob for blob in wanted if blob not in disk), **kept, **left}

    return Snapshot(NAME, dict(sorted(entries.items())), read, repository.store, repository.why_missing)


class _Folders:
    """Which folders below a top are there without a link on the way."""

    def __init__(self, top: Path) -> None:
        self.top = str(top)
        self._real = os.path.realpath(top)
        self._plain: dict[str, bool] = {}

    def is_plain(self, folder: str) -> bool:
        if folder not in self._plain:
            there = os.path.realpath(os.path.join(self.top, folder))
            self._plain[folder] = there == os.path.join(self._real, folder).rstrip("/")
        return self._plain[folder]


def _read(folders: _Folders, path: str) -> bytes | None:
    """A regular file below the top that no link leads to; None for anything else."""
    place = os.path.join(folders.top, path)
    try:
        if not folders.is_plain(os.path.dirname(path)):
            return None
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        data = file.read(MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES else None


def _blob(data: bytes, hash_name: str) -> str:
    """The id that git gives such content (gitformat-object)."""
    return hashlib.new(hash_name, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
