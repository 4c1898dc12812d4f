"""The .proto files of one snapshot: their text, what they import, and who mentions whom."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from workspai_hooks.changes.snapshot import REGULAR, SYMLINK, Snapshot
from workspai_hooks.contracts.protobuf import bufconfig
from workspai_hooks.contracts.protobuf.mentioned import Mentions, Names, names_in
from workspai_hooks.contracts.protobuf.scan import Scan, scan
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex

MAX_BYTES = 16 * 1024 * 1024
_MAX_LINKS = 40

_SUBMODULE = regex(rb"(?m)^[ \t]*path[ \t]*=[ \t]*([^\r\n]{1,1000})")

CACHED = "%buf/"
"""Files that are not the repository's (of buf's cache, of packages) have virtual paths below this one."""
STANDIN = f"{CACHED}options/"
"""Below it: stand-ins for files that only lend options, `<package>/<name>`."""


_NOTHING = Scan("", (), frozenset())


def lent_package(path: str) -> str:
    """The package that a stand-in declares, by its path."""
    return path.removeprefix(STANDIN).partition("/")[0]


class Blobs:
    """Contents and scans by blob id, shared by the trees of both sides, so that each is read once."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.scans: dict[str, Scan] = {}
        self._mentions: dict[str, Names] = {}

    def mentions(self, blob: str) -> Names:
        """What a file seems to say of others."""
        if blob not in self._mentions:
            self._mentions[blob] = names_in(self.contents.get(blob, b""))
        return self._mentions[blob]


class Tree:
    """`paths` are the regular .proto files and the links to one, `links` maps a link to its file.

    A link that leads out of the snapshot (or to nothing) maps to the empty string.
    """

    def __init__(self, snapshot: Snapshot, blobs: Blobs, near: Tree | None = None) -> None:
        """`near` is the tree of a snapshot that has most of the same files."""
        self.snapshot = snapshot
        self._blobs = blobs
        self._outside: dict[str, bytes] = {}
        self.resolved: dict[tuple[str, str], str | None] = {}
        """What `resolve` found: (importing file, import string) -> file."""
        self.links = {path: self._follow(path) for path in snapshot.links if path.endswith(".proto")}
        regular = snapshot.paths(".proto")
        self.paths = sorted([*regular, *(path for path, real in self.links.items() if real)])
        self._mentions: Mentions = Mentions(
            snapshot,
            lambda path: blobs.mentions(snapshot.entries[path].blob),
            self.load,
            near._mentions if near is not None else None,
        )
        self.modules, self.config_errors = bufconfig.read_modules(snapshot)
        self._by_name: dict[str, list[str]] = {}
        for path in self.paths:
            self._by_name.setdefault(posixpath.basename(path), []).append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._outside or self.real(path) in self.snapshot.entries

    def real(self, path: str) -> str:
        """The file behind a link; the path itself where it is none."""
        return self.links.get(path, path)

    def named(self, basename: str) -> list[str]:
        """All files of this name, sorted."""
        return self._by_name.get(basename, [])

    def blob(self, path: str) -> str:
        """The id of the file's content, empty where there is no such file."""
        if path in self._outside:
            return path
        entry = self.snapshot.entries.get(self.real(path))
        return entry.blob if entry else ""

    def text(self, path: str) -> bytes:
        """The file's content; an object that is missing here is an `UndecidedError`."""
        blob = self.blob(path)
        if blob not in self._blobs.contents:
            outside = self._outside.get(path)
            self._blobs.contents[blob] = self.snapshot.read(self.real(path)) if outside is None else outside
        return self._blobs.contents[blob]

    def size(self, path: str) -> int:
        """Bytes of the file, as far as it can be read."""
        try:
            return len(self.text(path))
        except (UndecidedError, OSError):
            return 0

    def scan(self, path: str) -> Scan:
        """What the file says at its top level; nothing where its content can't be read (see `unreadable`)."""
        blob = self.blob(path)
        if blob not in self._blobs.scans:
            try:
                self._blobs.scans[blob] = scan(self.text(path)[:MAX_BYTES])
            except (UndecidedError, OSError):
                return _NOTHING
        return self._blobs.scans[blob]

    def add_outside(self, virtual: str, data: bytes) -> str:
        """Let a file from outside of the repository take part under a virtual path."""
        self._outside[virtual] = data
        return virtual

    def submodules(self) -> list[str]:
        """Folders that are repositories of their own: nothing of them is in this one."""
        if ".gitmodules" not in self.snapshot.entries:
            return []
        text = self.snapshot.read_many([".gitmodules"]).get(".gitmodules", b"")
        return sorted(found.decode("utf-8", "replace") for found in _SUBMODULE.findall(text[:MAX_BYTES]))

    def importing(self, basename: str) -> list[str]:
        """Regular files that may import a file of this name (a comment may say so, too)."""
        return self._mentions.importing(basename.encode(errors="surrogateescape"))

    def declaring(self, package: str) -> list[str]:
        """Regular files that may declare this package (a comment may say so, too)."""
        return self._mentions.declaring(package.encode())

    def extending(self) -> list[str]:
        """Regular files that may declare extensions: an option is one."""
        return self._mentions.extending()

    def expanding(self, paths: Iterable[str]) -> bool:
        """Whether one of these may write out the content of a google.protobuf.Any in an option."""
        return not set(self._mentions.expanding()).isdisjoint(map(self.real, paths))

    def public(self) -> list[str]:
        """Regular files that may import others for those who import them."""
        return self._mentions.public()

    def module(self, path: str) -> bufconfig.Module | None:
        """The buf module around the file."""
        return bufconfig.module_of(self.modules, path)

    def is_target(self, path: str) -> bool:
        """Whether the file is a contract of its own, and not one that buf.yaml leaves out."""
        module = self.module(path)
        return path in self and not path.startswith(CACHED) and (module is None or module.holds(path))

    def unreadable(self, path: str) -> Undecided | None:
        """Why this file can't be compiled whatever it imports, if so."""
        if self.links.get(path) == "":
            why = "it is a symlink that leads out of the repository or to nothing"
            return Undecided(path, why, "commit the file itself, or link to one in the repository")
        try:
            text = self.text(path)
        except UndecidedError as error:
            return error.undecided
        remedy = "fix the proto, stage it and commit again"
        if len(text) > MAX_BYTES:
            return Undecided(path, f"it has {len(text)} bytes, more than a contract can have", remedy)
        if b"\0" in text:
            line = text.count(b"\n", 0, text.index(b"\0")) + 1
            return Undecided(f"{path}:{line}", "it is a binary file, not protobuf source", remedy)
        for number, line_text in enumerate(text.splitlines(), 1):
            if line_text.startswith((b"<<<<<<< ", b">>>>>>> ")):
                why = "there is a conflict marker"
                return Undecided(
                    f"{path}:{number}", why, "resolve the conflict, stage the file and commit again"
                )
        return None

    def load(self, paths: Iterable[str]) -> None:
        """Read the contents of many files at once, which are asked for next; those missing are left out."""
        entries, known = self.snapshot.entries, self._blobs.contents
        real = (self.real(path) for path in paths)
        missing = [path for path in real if path in entries and entries[path].blob not in known]
        for path, text in self.snapshot.read_many(missing).items():
            known[entries[path].blob] = text

    def _follow(self, path: str) -> str:
        """Where a link leads inside the snapshot, its folders' links included; empty where it leaves it."""
        entries = self.snapshot.entries
        for _ in range(_MAX_LINKS):
            parts = path.split("/")
            prefixes = ("/".join(parts[: length + 1]) for length in range(len(parts)))
            link = next(
                (part for part in prefixes if part in entries and entries[part].mode == SYMLINK), None
            )
            if link is None:
                return path if path in entries and entries[path].mode in REGULAR else ""
            try:
                target = self.snapshot.read(link).decode(errors="surrogateescape")
            except UndecidedError:
                return ""
            joined = posixpath.join(posixpath.dirname(link), target, path[len(link) + 1 :])
            path = posixpath.normpath(joined)
            if path.startswith(("/", "../")) or path == "..":
                return ""
        return ""
