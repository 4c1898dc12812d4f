"""What the next commit changes, by one git command and with next to nothing loaded.

Most commits touch no contract: they pay for this module and no more.
"""

from __future__ import annotations

import os

from workspai_hooks.tools.answers import digest
from workspai_hooks.tools.spawn import answered, environment

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TIMEOUT_S = 60.0
# What a configuration could make the commands that are asked here start (a monitor of the file system, gpg
# for `git log`, git itself in each submodule), write (the index's cache) or say otherwise (colors, patterns).
_OFF = (
    *("core.fsmonitor", "core.untrackedCache", "log.showSignature", "submodule.recurse", "color.ui"),
    *("color.grep", "color.diff", "diff.relative", "log.follow"),
)
SETTINGS = (
    *(part for name in _OFF for part in ("-c", f"{name}=false")),
    *("-c", "gc.auto=0", "-c", "log.diffMerges=separate"),
)

# What git hands to a hook so that it reads the index and the objects of the commit under way, and what a
# user or a CI system sets to let git read at all (safe.directory by GIT_CONFIG_COUNT, ceilings).
_OURS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_",
)


def git_environment() -> dict[str, str]:
    """For our own reads: no locks, no network, no prompts, English answers."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_OURS)}
    return environment(
        kept
        | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",  # what is committed and pushed, not what `git replace` shows
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
    )


DIFF_FLAGS = ("--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ita-invisible-in-index")


ABSENT = "0" * 40
"""The blob id of a side on which there is no file."""
_LINK_MODE = b"\0\0\xa0\0"
"""120000, as an index has it (gitformat-index, 32 bits of mode)."""
_FIRST_SIGN = 32
"""Bytes below are no text: they stand before a path that is longer than 255 bytes, too."""
RECENT = 200
"""Commits of the first parents' line in which a contract's past is looked for."""


class Staged:
    """A path that differs, and its blobs on both sides; `ABSENT` where there is none.

    A plain class: dataclasses and typing cost more than all else that is loaded here.
    """

    __slots__ = ("new", "old", "path")

    def __init__(self, path: str, old: str, new: str) -> None:
        self.path, self.old, self.new = path, old, new


def _bytes(index: str) -> bytes | None:
    """What an index says, None where paths may not stand in it whole."""
    try:
        with open(index, "rb") as file:
            data = file.read()
    except OSError:  # not at the top
        return None
    plain = data[:4] == b"DIRC" and data[4:8] in (b"\0\0\0\2", b"\0\0\0\3")
    return data if plain and b"link\0" not in data and b"sdir\0" not in data else None


def merging(git_dir: str | os.PathLike[str]) -> list[str]:
    """The commits that the merge under way brings in."""
    try:
        with open(os.path.join(git_dir, "MERGE_HEAD"), encoding="ascii", errors="replace") as file:
            return file.read().split()
    except OSError:
        # git merge writes it after its pre-merge-commit hook; the hook gets GITHEAD_<commit>=<name>.
        return sorted(name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))


def _index(top: str, env: Mapping[str, str]) -> str:
    """Where the index is, seen from the top of a work tree."""
    if named := env.get("GIT_INDEX_FILE"):
        return os.path.join(top, named)
    return os.path.join(_git_dir(top, env), "index")


def _git_dir(top: str, env: Mapping[str, str]) -> str:
    """The git directory of a work tree, seen from its top; of one beside others, a file says it."""
    if folder := env.get("GIT_DIR"):
        return os.path.join(top, folder)
    folder = os.path.join(top, ".git")
    if not os.path.isdir(folder):
        try:
            with open(folder, encoding="utf-8", errors="surrogateescape") as file:
                folder = os.path.join(top, file.read().removeprefix("gitdir:").strip())
        except OSError:
            pass
    return folder


def _named(index: bytes, names: Iterable[str]) -> list[str] | None:
    """The paths in an index that end in one of `names`; None where one can't be told for certain.

    Before a path stand its flags: two bytes, of which twelve bits are its length (gitformat-index).
    """
    found = []
    for name in names:
        word = name.encode() + b"\0"
        at = index.find(word)
        while at >= 0:
            end = at + len(word) - 1
            start = index.rfind(b"\0", 0, at) + 2
            path = index[start:end]
            if (
                index[start - 1] != end - start or min(path) < _FIRST_SIGN
            ):  # also where its length is above 255
                return None
            found.append(os.fsdecode(path))
            at = index.find(word, end)
    return found


LARGE = 1 << 20
READ: dict[str, bytes | None] = {}
"""Large blobs that were read in this run: who goes on (tools/git.py) takes them."""


class Git:
    """Short questions to git, each a process of its own; OSError where it does not answer."""

    def __init__(self, cwd: str | os.PathLike[str] = ".", env: Mapping[str, str] | None = None) -> None:
        self._cwd, self._env = cwd, git_environment() if env is None else env
        self._index: bytes | None = b""
        self._contents: dict[str, bytes | None] = {}
        self._along: list[str] = []
        self._raw: str | None = None
        self.ids: dict[str, str] = {}
        """Object ids of what was asked by another name."""

    def git_dir(self) -> str | None:
        """The git directory of this work tree; None where we do not stand at its top."""
        folder = _git_dir(os.fspath(self._cwd), self._env)
        return folder if os.path.isdir(folder) else None

    def common_dir(self) -> str | None:
        """What work trees share of it."""
        folder = self.git_dir()
        if folder is None or (named := self._env.get("GIT_COMMON_DIR")):
            return folder and named and os.path.join(self._cwd, named)
        try:
            with open(os.path.join(folder, "commondir"), encoding="utf-8", errors="surrogateescape") as file:
                return os.path.join(folder, file.read().strip())
        except OSError:  # no work tree beside others
            return folder

    def is_shallow(self) -> bool:
        """Whether the history may have been cut off when this clone was made."""
        return os.path.exists(os.path.join(self.common_dir() or "", "shallow"))

    def digest_of(self, suffixes: Iterable[str], size: int) -> str | None:
        """A digest of paths and contents of the index's files that end so, whose object ids have `size`
        bytes; None where they can't be told. Equal digests mean equal files.

        Id, flags (two bytes) and path stand one after the other (gitformat-index), and the last byte of zeros
        before a path is mostly the first of its flags; where it stands earlier, more is taken in than is
        needed, and it never stands later than in the second byte.
        """
        if self._bytes() is None:
            return None
        found = []
        for suffix in suffixes:
            for part in (self._index or b"").split(suffix.encode() + b"\0")[:-1]:
                found.append(part[max(0, part.rfind(b"\0") - size - 1) :])
        return digest(found)

    def along(self, names: Iterable[str]) -> None:
        """Contents that will be asked for: they are read with the first ones that are."""
        self._along += names

    def may_list(self, suffixes: Iterable[str]) -> bool:
        """Whether the index may list such a file; a no is certain.

        Its bytes are read here, as a process costs ten times as much. Where a path may not stand there whole
        (compressed, split or sparse), it is yes.
        """
        return self._may_hold(*(suffix.encode() + b"\0" for suffix in suffixes))

    def may_have_links(self) -> bool:
        """The same of symbolic links."""
        return self._may_hold(_LINK_MODE)

    def listed(self, names: Iterable[str]) -> list[tuple[str, str, str]]:
        """The files of the index that are called so: mode, object name, path. All links are told as well,
        where there may be one."""
        rows = None if self.may_have_links() or not self._index else _named(self._index, names)
        if rows is not None:
            return [("", f":0:{path}", path) for path in rows]
        wanted = () if self.may_have_links() else [f":(top)*{name}" for name in names]
        said = self.said("ls-files", "--cached", "--stage", "-z", "--", *wanted).split("\0")
        return [(row[:6], row[7:].partition(" ")[0], row.partition("\t")[2]) for row in said if row]

    def _may_hold(self, *words: bytes) -> bool:
        index = self._bytes()
        return index is None or any(word in index for word in words)

    def _bytes(self) -> bytes | None:
        if self._index == b"":
            self._index = _bytes(_index(os.fspath(self._cwd), self._env))
        return self._index

    def raw(self) -> str:
        """What differs between HEAD and the index, as git says it; asked once."""
        if self._raw is None:
            self._raw = self.said("diff-index", *DIFF_FLAGS, "HEAD", "--")
        return self._raw

    def staged(self) -> list[Staged]:
        """What differs between HEAD and the index, conflicts among it; and what a merge under way leaves
        out."""
        rows = _rows(self.raw())
        return rows + [row for other in self._merged() for row in self._left_out(other)]

    def _left_out(self, other: str) -> list[Staged]:
        """What the other side of a merge changed and the index has not: HEAD's own state may be what breaks
        it."""
        try:
            fork = self.said("merge-base", "HEAD", other).strip()
        except OSError:  # histories that have nothing in common
            fork = ""
        rows = _rows(self.said("diff-index", *DIFF_FLAGS, other, "--"))
        if not fork:
            return rows
        theirs = {
            row.path for row in _rows(self.said("diff-tree", "-r", *DIFF_FLAGS[1:5], fork, other, "--"))
        }
        return [row for row in rows if row.path in theirs]

    def _merged(self) -> list[str]:
        folder = _git_dir(os.fspath(self._cwd), self._env)
        if not os.path.isdir(folder):  # not at the top
            folder = os.path.join(self._cwd, self.said("rev-parse", "--git-dir").rstrip("\n"))
        return merging(folder)

    def history(self, tip: str, paths: Sequence[str], depth: int = RECENT) -> list[tuple[str, Staged]]:
        """What the last commits (a merge against its first parent) changed in `paths`, the newest first.

        What they added or deleted as a whole is left out.
        """
        form = (
            "log",
            "--first-parent",
            "-m",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--format=%x01%H",
        )
        try:
            said = self.said(*form, f"{tip}~{depth}..{tip}", "--", *paths)
        except OSError:  # fewer commits than that
            said = self.said(*form, tip, "--", *paths)
        found = []
        for part in said.split("\x01")[1:]:
            commit, _, rows = part.partition("\0")
            rows_here = _rows(rows.lstrip("\n"))
            found += [(commit, row) for row in rows_here if ABSENT not in (row.old, row.new)]
        return found

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Contents by object name (an id, or `:path` in the index); those that are not here are left out."""
        wanted = [name for name in dict.fromkeys(names) if name != ABSENT]
        if any(name not in self._contents for name in wanted):
            every = dict.fromkeys([*wanted, *self._along])
            self._read([name for name in every if name != ABSENT and name not in self._contents])
        return {name: data for name in wanted if (data := self._contents[name]) is not None}

    def _read(self, names: list[str]) -> None:
        answer = self._asked(("cat-file", "--batch"), "".join(f"{name}\n" for name in names))
        at = 0
        for name in names:
            end = answer.index(b"\n", at)
            header = answer[at:end].split(b" ")
            at = end + 1
            self._contents[name] = None
            if header[-1].isdigit():
                size = int(header[-1])
                self._contents[name] = answer[at : at + size]
                self.ids[name] = header[0].decode("ascii", "replace")
                if size > LARGE:
                    READ[self.ids[name]] = self._contents[name]
                at += size + 1

    def said(self, *args: str) -> str:
        """What a command says. `grep` and `config` that find nothing say nothing."""
        return os.fsdecode(self._asked(args))

    def _asked(self, args: Sequence[str], stdin: str = "") -> bytes:
        argv = ["git", *SETTINGS, *args]
        given = os.fsencode(stdin)
        code, output = answered(argv, cwd=self._cwd, env=self._env, timeout_s=TIMEOUT_S, stdin=given)
        if code != 0 and not (code == 1 and args[0] in ("grep", "config")):
            raise OSError(f"git {args[0]} ended with code {code}")
        return output


def _rows(raw: str) -> list[Staged]:
    """Read `--raw -z`; OSError where it is not."""
    fields = raw.split("\0")
    if any(meta.startswith(":") and meta.count(" ") != 4 for meta in fields[::2]):
        raise OSError("git answered with something that is no row")
    return [
        Staged(path, *(ABSENT if not blob.strip("0") else blob for blob in meta.split(" ")[2:4]))
        for meta, path in zip(fields[::2], fields[1::2], strict=False)
        if meta.startswith(":")
    ]
