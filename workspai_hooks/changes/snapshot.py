"""A tree of files at one moment, read from git's objects and never from the work tree."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.git import Entry, Repository, missing_object

SYMLINK = "120000"
REGULAR = frozenset({"100644", "100755"})
ATTRIBUTES = ".gitattributes"
GENERATED = b"linguist-generated"

BATCH = 8 * 1024 * 1024
"""Bytes of contents that are looked at together."""
FIRST, MOST_AT_ONCE = 16, 1024
"""Files that are asked for at once: as long as nobody knows how large they are, and at most."""

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
    why: Callable[[str, str, str], Undecided] = field(default=missing_object, repr=False, compare=False)
    """Blob id, path and name of the snapshot -> why content is not here."""
    _differing: dict[int, tuple[Snapshot, list[str]]] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def of_index(repository: Repository, known: Mapping[str, Entry] | None = None) -> Snapshot:
        """What the next commit will hold; `known` are its files where they have been asked for already."""
        entries = _sorted(repository.index() if known is None else known)
        return Snapshot("index", entries, repository.read, repository.store, repository.why_missing)

    @staticmethod
    def of_commit(repository: Repository, commit: str) -> Snapshot:
        """What a commit holds."""
        entries = _sorted(repository.tree(commit))
        return Snapshot(commit, entries, repository.read, repository.store, repository.why_missing)

    @cached_property
    def digest(self) -> bytes:
        """A digest of all paths, modes and contents: equal for equal trees, whatever they are called."""
        each = self.entries.values()
        columns = (self.entries, [entry.mode for entry in each], [entry.blob for entry in each])
        digest = hashlib.blake2b(b"%d" % len(self.entries), digest_size=20)
        for column in columns:  # of so many parts each, none of which has a NUL in it
            digest.update("\0".join(column).encode("utf-8", "surrogateescape") + b"\0")
        return digest.digest()

    @cached_property
    def generated(self) -> frozenset[str]:
        """Files that its .gitattributes files mark as generated (`linguist-generated`)."""
        named = [path for path in self.paths(ATTRIBUTES) if path.rpartition("/")[2] == ATTRIBUTES]
        files = self.read_many(named) if named else {}
        if not any(GENERATED in data for data in files.values()):
            return frozenset()
        from workspai_hooks.changes.attributes import marked

        paths = self.paths()
        key = self.store.key([(path, self.entries[path].blob) for path in named], paths)
        return frozenset(self.store.once("marked", key, list[str], lambda: sorted(marked(files, paths))))

    def lasts(self, problem: Undecided) -> bool:
        """Whether a problem is one of a file of this tree, so that asking again gives the same."""
        return problem.what.partition(":")[0] in self.entries

    def paths(self, *suffixes: str) -> list[str]:
        """Paths of regular files that end in one of `suffixes` (all of them where none is given)."""
        if not suffixes:
            return list(self._regular)
        groups = {ending for suffix in suffixes for ending in self._endings_of(suffix)}
        found = [path for ending in groups for path in self._ending[ending] if path.endswith(suffixes)]
        return sorted(found) if len(groups) > 1 else found

    @cached_property
    def _regular(self) -> list[str]:
        return [path for path, entry in self.entries.items() if entry.mode in REGULAR]

    @cached_property
    def links(self) -> list[str]:
        """Paths of symbolic links."""
        if len(self._regular) == len(self.entries):
            return []
        return [path for path, entry in self.entries.items() if entry.mode == SYMLINK]

    @cached_property
    def _ending(self) -> dict[str, list[str]]:
        """The regular files by what follows the last dot of their name; those without a dot by the empty
        string. A run asks a dozen times for some of a hundred thousand."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._regular:
            _, dot, ending = path.rpartition(".")
            found[ending if dot and "/" not in ending else ""].append(path)
        return dict(found)

    def _endings_of(self, suffix: str) -> Iterable[str]:
        """The keys of `_ending` where files with this suffix can be."""
        name = suffix.rpartition("/")[2]
        if "." in name:
            return (name.rpartition(".")[2],) if name.rpartition(".")[2] in self._ending else ()
        return [ending for ending in self._ending if not ending or ending.endswith(name)]

    def is_regular(self, path: str) -> bool:
        """Whether a path is a regular file here."""
        entry = self.entries.get(path)
        return entry is not None and entry.mode in REGULAR

    def differing(self, before: Snapshot) -> list[str]:
        """Paths that were added, changed or deleted since another snapshot, sorted. A run asks it of the same
        two many times."""
        known = self._differing.get(id(before))
        if known is None:
            mine, theirs = self.entries, before.entries
            # Most are the same object, which is seen sooner than that they are equal.
            found = [
                path
                for path, entry in mine.items()
                if (other := theirs.get(path)) is not entry and other != entry
            ]
            found += [path for path in theirs if path not in mine]
            known = self._differing[id(before)] = (
                before,
                sorted(found),
            )  # its id is its own while it is kept
        return list(known[1])

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Contents by path; files whose object is missing here are left out."""
        wanted = {path: self.entries[path].blob for path in paths if path in self.entries}
        contents = self.reader(sorted(set(wanted.values())))
        if any(data is None for data in contents.values()):
            self.store.is_partial = True
        return {path: data for path, blob in wanted.items() if (data := contents[blob]) is not None}

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """As `read_many`, in the order given, for who looks at one after the other: so many files that all of
        them need not be in memory at once."""
        for batch in self.in_batches(paths):
            yield from batch.items()

    def in_batches(self, paths: Iterable[str], most_bytes: int = 0) -> Iterator[dict[str, bytes]]:
        """As `read_many`, a part after the other, each of about `most_bytes` (`BATCH`); half as much again at
        most, but for files that are much larger than those before them."""
        waiting, count, most_bytes = list(paths), FIRST, most_bytes or BATCH
        batch: dict[str, bytes] = {}
        held = at = read = 0
        while at < len(waiting):
            found = self.read_many(waiting[at : at + count])
            size = sum(map(len, found.values()))
            at, read = at + count, read + size
            count = max(1, min(2 * count, MOST_AT_ONCE, most_bytes * at // (4 * read + 1)))
            batch |= found
            held += size
            if held >= most_bytes:
                yield batch
                batch, held = {}, 0
        if batch:
            yield batch

    def read(self, path: str) -> bytes:
        """Content of one file; KeyError where there is none, `UndecidedError` where its object is missing."""
        blob = self.entries[path].blob
        data = self.reader([blob])[blob]
        if data is None:
            why = self.missing(path)
            raise UndecidedError(why.what, why.why, why.remedy)
        return data

    def missing(self, path: str) -> Undecided:
        """The question that stays open where the content of a file was asked for and is not here."""
        return self.why(self.entries[path].blob, path, self.name)

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


def _sorted(entries: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """By path; git has mostly sorted them so, in the order of bytes."""
    paths = list(entries)
    order = sorted(paths)
    return entries if order == paths else {path: entries[path] for path in order}
