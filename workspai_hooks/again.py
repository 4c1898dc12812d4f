"""The same question asked again: its report is printed as it was, and nothing of the repository is read.

A report follows from what is inspected and compared, from our code, its tools and libraries, and from what is
asked. All of that is the key under which its text is kept (tools/answers.py). Else it is not kept: where
anything was undecided or is missing in this clone, for revisions by name, and in CI, whose systems say
something else in each build. On the path of many commits: it loads next to nothing.
"""

from __future__ import annotations

import os
import time

from workspai_hooks.asked import colored, machine, width
from workspai_hooks.fact_versions import VERSIONS
from workspai_hooks.tools import answers
from workspai_hooks.tools.staged import Git, merging

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "report"
MOST = 64
"""Reports that are kept of one repository."""
MOST_FINDINGS = 200
"""A report with more is not kept: who mends so many asks no second time."""
PLACE = "5f0b7c2e9d1a4c3e8b6f0a9d7e5c3b1a2d4f6e80"
"""Stands for the commit that will be pushed, which is not made yet; nobody's commit has this id."""
SHORT = 9
"""Signs of a commit's id that people are shown."""
TOOK_MS = 77_700.0
"""Stands for how long it took."""
_FLAGS = {"--stage": ("pre-commit", "pre-push"), "--only": ("breaking",), "--format": ("terminal", "json")}
_MANAGER = (
    *("PRE_COMMIT_TO_REF", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_BRANCH"),
    "PRE_COMMIT_REMOTE_NAME",
)
"""What managers say of a push (changes/pushes.py)."""
_REFS = ("for-each-ref", "--format=%(refname) %(objectname) %(*objectname) %(symref)")
_SETTINGS = ("config", "-z", "--get-regexp", r"^(remote|extensions|versionsort|diff|log|grep)\.")
"""What is asked of git depends on these; what of others could is set by us (tools/staged.py)."""
_ROWS = ("--raw", "-z", "--no-renames", "--no-abbrev")


def flags_of(arguments: Sequence[str]) -> dict[str, str] | None:
    """The flags of a `check` whose report can be kept; None for all else."""
    if list(arguments[:1]) != ["check"] or len(arguments) % 2 == 0:
        return None
    pairs = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    known = all(value in _FLAGS.get(name, ()) for name, value in pairs.items())
    return pairs if known and len(pairs) == len(arguments) // 2 else None


class Asked:
    """One question, as it stands before it is answered. `key` is None where its report can't be kept.

    `pushed` are git's lines on a pre-push hook's standard input.
    """

    def __init__(self, arguments: Sequence[str], pushed: str | None, git: Git | None = None) -> None:
        self._arguments, self.pushed = list(arguments), pushed
        self._git = git or Git()
        flags = flags_of(arguments)
        self._flags = flags or {}
        self._common = self._git.common_dir() or ""
        self._refs: list[str] = []
        self._rest: list[str] = []
        self._branch = ""
        self.key: str | None = None
        if not self._common or KIND not in VERSIONS or answers.is_off() or flags is None:
            return
        try:
            self.key = self._same()
        except (OSError, ValueError):
            return

    @property
    def _folder(self) -> str:
        return os.path.join(self._common, answers.FOLDER, answers.REPORTS)

    @property
    def _is_push(self) -> bool:
        return self._flags.get("--stage") == "pre-push"

    def _same(self) -> str | None:
        """The key of the very same question, and what of it a push shares."""
        folder = self._git.git_dir() or ""
        head = _text(os.path.join(folder, "HEAD")).strip()
        self._branch = head.removeprefix("ref: ")
        if not head or head.endswith("/.invalid"):  # refs are kept in another way than files
            return None
        if os.path.exists(os.path.join(self._common, "info", "grafts")):
            return None
        staged = "" if self._is_push else self._git.raw()
        if any(meta.endswith(" U") for meta in staged.split("\0")):  # conflicts
            return None
        self._refs = sorted(self._git.said(*_REFS).split("\n"))
        self._rest = [
            *(str(width()), str(colored()), _text(os.path.join(self._common, "shallow"))),
            *(self._git.said(*_SETTINGS), *machine(self._common)),
        ]
        manager = [f"{name}={os.environ[name]}" for name in _MANAGER if name in os.environ]
        asked = [*self._arguments, str(self.pushed), *manager, head, staged, *merging(folder)]
        return _digest("same", *asked, "", *self._refs, "", *self._rest)

    def recalled(self) -> tuple[str, int] | None:
        """The report's text and its exit code, where they are known."""
        started = time.perf_counter()
        if self.key is None:
            return None
        data = answers.recalled(self._folder, self.key, VERSIONS[KIND])
        if data is None and self._is_push:
            try:
                data = self._committed()
            except (OSError, ValueError):
                return None
        if data is None:
            return None
        code, _, text = data.decode("utf-8", "surrogateescape").partition("\n")
        return timed_as(text, TOOK_MS, (time.perf_counter() - started) * 1000), int(code)

    def is_as_it_was(self) -> bool:
        """Whether it would be the same question now."""
        return self.key is not None and Asked(self._arguments, self.pushed).key == self.key

    def keep(self, text: str, code: int) -> None:
        """Keep a report, made as if it took `TOOK_MS`."""
        if self.key is not None:
            self._keep(self.key, f"{code}\n{text}")

    def _keep(self, name: str, body: str) -> None:
        try:
            data = body.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return
        answers.keep(self._folder, name, VERSIONS[KIND], data, MOST)

    def keep_for_push(self, text: str, code: int, base: str, upstream: str) -> None:
        """Keep what a push of what is staged would be told, made for the commit `PLACE`: `base` is the one
        merge base with the remote-tracking branch `upstream`."""
        if self.key is None or not self._branch.startswith("refs/heads/"):
            return
        try:
            rows = self._git.said("diff-index", "--cached", *_ROWS, "--ita-invisible-in-index", base, "--")
        except OSError:
            return
        self._keep(self._pushing(), f"{base} {upstream} {_digest(rows)}\n{code}\n{text}")

    def _pushing(self) -> str:
        """The key of what is pushed later: nothing else may have moved but the branch that a commit moves."""
        flags = [f"{name}={value}" for name, value in sorted(self._flags.items()) if name != "--stage"]
        others = [row for row in self._refs if not row.startswith(f"{self._branch} ")]
        return _digest("push", self._branch, *flags, "", *others, "", *self._rest)

    def _committed(self) -> bytes | None:
        """What a push is told of the tip of this branch, as it was kept when that was committed.

        The base is the merge base with the default branch, unless it is the default branch that is pushed to
        (inspection/base.py); and of what is pushed nothing counts but the difference to it.
        """
        pushed = self._what_is_pushed()
        data = answers.recalled(self._folder, self._pushing(), VERSIONS[KIND]) if pushed else None
        if data is None or pushed is None:
            return None
        commit, ref = pushed
        known, _, body = data.partition(b"\n")
        base, upstream, rows = known.decode().split(" ")
        if upstream.endswith(ref.removeprefix("refs/heads")):
            return None
        if self._git.said("merge-base", "--all", upstream, commit).split() != [base]:
            return None
        if _digest(self._git.said("diff-tree", "-r", *_ROWS, base, commit, "--")) != rows:
            return None
        return body.replace(PLACE.encode(), commit.encode()).replace(
            PLACE[:SHORT].encode(), commit[:SHORT].encode()
        )

    def _what_is_pushed(self) -> tuple[str, str] | None:
        """The one commit and the ref that it goes to, where that commit is the branch's tip and no ref of the
        remote is known that it replaces on a default branch."""
        if self.pushed is not None:
            lines = [line.split() for line in self.pushed.splitlines() if line.strip()]
            said = (lines[0][1], lines[0][2]) if len(lines) == 1 and len(lines[0]) == 4 else None
        else:
            names = ("PRE_COMMIT_TO_REF", "PRE_COMMIT_REMOTE_BRANCH")
            said = (os.environ.get(names[0], ""), os.environ.get(names[1], ""))
        tips = [row.split(" ")[1] for row in self._refs if row.startswith(f"{self._branch} ")]
        return said if said is not None and tips == [said[0]] and said[1].startswith("refs/heads/") else None


def _digest(*parts: str) -> str:
    return answers.digest(part.encode("utf-8", "surrogateescape") for part in parts)


def _text(path: str) -> str:
    """A small file of git's; empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def timed_as(text: str, before_ms: float, took_ms: float) -> str:
    """A report with how long it took this time, where it says how long it took before."""
    for stands, is_now in (
        (f" · {before_ms / 1000:.1f} s", f" · {took_ms / 1000:.1f} s"),
        (f'"total":{before_ms:.1f}', f'"total":{took_ms:.1f}'),
        (f'"total": {before_ms:.1f}', f'"total": {took_ms:.1f}'),
    ):
        before, found, after = text.rpartition(stands)
        if found:
            return f"{before}{is_now}{after}"
    return text
