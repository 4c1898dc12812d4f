"""A tree of files at one moment, read from git's objects and never from the work tree."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.git import Entry, Repository

SYMLINK = "120000"
REGULAR = frozenset({"100644", "100755"})

Reader = Callable[[Iterable[str]], Mapping[str, bytes | None]]
"""Blob ids -> contents; `None` where the object is not in this repository (a partial clone)."""


@dataclass(frozen=True)
class Snapshot:
    """All files of the index or of a commit. `name` is `index` or the commit's id.

    `entries` is sorted by path; submodules are left out.
    """

    name: str
    entries: Mapping[str, Entry]
    reader: Reader = field(repr=False, compare=False)
    store: Store = field(default_factory=Store, repr=False, compare=False)
    """What was worked out before from contents like these."""

    @staticmethod
    def of_index(repository: Repository) -> Snapshot:
        """What the next commit will hold."""
        entries = dict(sorted(repository.index().items()))
        return Snapshot("index", entries, repository.read, repository.store)

    @staticmethod
    def of_commit(repository: Repository, commit: str) -> Snapshot:
        """What a commit holds."""
        return Snapshot(
            commit, dict(sorted(repository.tree(commit).items())), repository.read, repository.store
        )

    @cached_property
    def digest(self) -> bytes:
        """A digest of all paths, modes and contents: equal for equal trees, whatever they are called."""
        rows = (f"{path}\0{entry.mode}\0{entry.blob}\0" for path, entry in self.entries.items())
        return hashlib.blake2b("".join(rows).encode("utf-8", "surrogateescape"), digest_size=20).digest()

    def lasts(self, problem: Undecided) -> bool:
        """Whether a problem is one of a file of this tree, so that asking again gives the same."""
        return problem.what.partition(":")[0] in self.entries

    def paths(self, *suffixes: str) -> list[str]:
        """Paths of regular files that end in one of `suffixes` (all of them where none is given)."""
        return [
            path
            for path, entry in self.entries.items()
            if entry.mode in REGULAR and (not suffixes or path.endswith(suffixes))
        ]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Contents by path; files whose object is missing here are left out."""
        wanted = {path: self.entries[path].blob for path in paths if path in self.entries}
        contents = self.reader(sorted(set(wanted.values())))
        if any(data is None for data in contents.values()):
            self.store.is_partial = True
        return {path: data for path, blob in wanted.items() if (data := contents[blob]) is not None}

    def read(self, path: str) -> bytes:
        """Content of one file; KeyError where there is none, `UndecidedError` where its object is missing."""
        blob = self.entries[path].blob
        data = self.reader([blob])[blob]
        if data is None:
            raise UndecidedError(
                path,
                f"its content (object {blob[:12]}) is not in this clone, or is larger than 32 MiB",
                f"fetch it: git cat-file -p {blob[:12]} >/dev/null, or let WORKSPAI_FETCH=1 do it",
            )
        return data

    @staticmethod
    def of(files: Mapping[str, str | bytes], name: str = "index") -> Snapshot:
        """A snapshot of files in memory: path -> content."""
        contents = {
            f"{path}": data.encode() if isinstance(data, str) else data for path, data in files.items()
        }
        ids = {
            path: hashlib.sha1(contents[path], usedforsecurity=False).hexdigest() for path in sorted(contents)
        }
        by_id = {ids[path]: data for path, data in contents.items()}
        return Snapshot(
            name,
            {path: Entry("100644", blob) for path, blob in ids.items()},
            lambda blobs: {blob: by_id.get(blob) for blob in blobs},
        )
