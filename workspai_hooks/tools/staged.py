"""What the next commit changes, by one git command and with next to nothing loaded.

Most commits touch no contract: they pay for this module and no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from workspai_hooks.tools.spawn import environment, finished

TIMEOUT_S = 60.0
SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "-c", "gc.auto=0")

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
RECENT = 200
"""Commits of the first parents' line in which a contract's past is looked for."""


class Staged:
    """A path that differs, and its blobs on both sides; `ABSENT` where there is none.

    A plain class: dataclasses and typing cost more than all else that is loaded here.
    """

    __slots__ = ("new", "old", "path")

    def __init__(self, path: str, old: str, new: str) -> None:
        self.path, self.old, self.new = path, old, new


def may_list(suffixes: Sequence[str], index: str | None = None) -> bool:
    """Whether the index may list such a file: its bytes are read here, as a process costs ten times as much.

    A no is certain; where a path may not stand there whole (compressed, split or sparse), it is yes.
    """
    try:
        with open(index or os.environ.get("GIT_INDEX_FILE") or _index(), "rb") as file:
            data = file.read()
    except OSError:  # not at the top
        return True
    plain = data[:4] == b"DIRC" and data[4:8] in (b"\0\0\0\2", b"\0\0\0\3")
    if not plain or b"link\0" in data or b"sdir\0" in data:
        return True
    return any(suffix.encode() + b"\0" in data for suffix in suffixes)


def merging(git_dir: str | os.PathLike[str] | None = None) -> list[str]:
    """The commits that the merge under way brings in; OSError where we don't stand at the top."""
    try:
        path = os.path.join(git_dir or os.environ.get("GIT_DIR") or _git_dir(), "MERGE_HEAD")
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().split()
    except FileNotFoundError:
        # git merge writes it after its pre-merge-commit hook; the hook gets GITHEAD_<commit>=<name>.
        return sorted(name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))


def _index() -> str:
    return os.path.join(_git_dir(), "index")


def _git_dir() -> str:
    """Where the git directory is, seen from the top of a work tree; of one beside others, a file says it."""
    if os.path.isdir(".git"):
        return ".git"
    with open(".git", encoding="utf-8", errors="surrogateescape") as file:
        return file.read().removeprefix("gitdir:").strip()


class Git:
    """Short questions to git, each a process of its own; OSError where it does not answer."""

    def __init__(self, cwd: str | os.PathLike[str] = ".", env: Mapping[str, str] | None = None) -> None:
        self._cwd, self._env = cwd, git_environment() if env is None else env

    def staged(self, against: str = "HEAD") -> list[Staged]:
        """What differs between a commit and the index, conflicts among it."""
        return _rows(self.said("diff-index", *DIFF_FLAGS, against, "--"))

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
        asked = "".join(f"{name}\n" for name in wanted)
        answer = self._asked(("cat-file", "--batch"), asked) if wanted else b""
        found = {}
        at = 0
        for name in wanted:
            end = answer.index(b"\n", at)
            header = answer[at:end].split(b" ")
            at = end + 1
            if header[-1].isdigit():
                size = int(header[-1])
                found[name] = answer[at : at + size]
                at += size + 1
        return found

    def said(self, *args: str) -> str:
        """What a command says. `grep` that finds nothing says nothing."""
        return os.fsdecode(self._asked(args))

    def _asked(self, args: Sequence[str], stdin: str = "") -> bytes:
        argv = ["git", *SETTINGS, *args]
        given = os.fsencode(stdin)
        code, output, _ = finished(argv, cwd=self._cwd, env=self._env, timeout_s=TIMEOUT_S, stdin=given)
        if code != 0 and (code, args[0]) != (1, "grep"):
            raise OSError(f"git {args[0]} ended with code {code}")
        return output


def _rows(raw: str) -> list[Staged]:
    """Read `--raw -z`."""
    fields = raw.split("\0")
    return [
        Staged(path, *(ABSENT if not blob.strip("0") else blob for blob in meta.split(" ")[2:4]))
        for meta, path in zip(fields[::2], fields[1::2], strict=False)
        if meta.startswith(":")
    ]
