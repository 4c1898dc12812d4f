"""Git by plumbing commands, read-only: the one place that talks to it.

Nothing here takes a lock, writes an object, refreshes the index, reaches a network or runs a hook,
filter or file-system monitor of the repository; in a partial clone whose user allows it, promised.py fetches.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.kept.behind import URL
from workspai_hooks.kept.limit import limit
from workspai_hooks.store import Store
from workspai_hooks.tools import lfs
from workspai_hooks.tools.entries import Difference, added, changed, differences, has_unmerged, listed
from workspai_hooks.tools.entries import Entry as Entry
from workspai_hooks.tools.held import Held
from workspai_hooks.tools.process import Completed, Conversation, located, run
from workspai_hooks.tools.staged import (
    DIFF_FLAGS,
    READ,
    SETTINGS,
    TIMEOUT_S,
    Git,
    Staged,
    git_environment,
    merging,
)

if TYPE_CHECKING:
    from workspai_hooks.tools.promised import Promised

_FETCH = (
    "WORKSPAI_FETCH=1 lets workspai-hooks fetch what it needs"
    "   (or git fetch --refetch --filter=blob:limit=32m origin, or clone without --filter)"
)
GIT_REMEDY = "install git 2.31 or later and put it on PATH"
MIN_VERSION = (2, 31)
"""rev-parse --path-format came with it."""

MAX_RESTARTS = 8
"""So many objects that make the reader end are passed over one by one, in 256; then the rest is left out."""

MAX_BLOB_BYTES = 32 * 1024 * 1024
"""Larger objects are passed over: no contract and no source that a person wrote is that large."""


def index_path(common_dir: Path) -> Path | None:
    """Where the index of a repository stands; None where `WORKSPAI_INDEX=off` says that none is kept."""
    off = os.environ.get("WORKSPAI_INDEX", "").lower() in ("off", "0", "no")
    return None if off else common_dir / "workspai-hooks" / "index.sqlite"


def facts_folder(common_dir: Path) -> Path:
    """Where facts files of other repositories are kept, each under its SHA-256."""
    return common_dir / "workspai-hooks" / "facts"


MOST_TREES = 8
"""So many are remembered: a base, HEAD, and what a merge brings in; a walk through history asks for more."""


class Repository(msgspec.Struct, dict=True):
    """A git repository: `top` is its work tree (the git directory itself where it is bare)."""

    top: Path
    git_dir: Path
    common_dir: Path
    _env: Mapping[str, str]
    hash_name: str = "sha1"
    """How git names objects here: `sha1` or `sha256`."""
    _objects: Conversation | None = None
    _contents: Held = msgspec.field(default_factory=Held)
    _trees: dict[str, Mapping[str, Entry]] = msgspec.field(default_factory=dict)
    _missing: set[str] = msgspec.field(default_factory=set)
    _pointers: dict[str, lfs.Pointer] = msgspec.field(default_factory=dict)
    _from_lfs: int = lfs.MOST_BYTES_OF_A_RUN
    store: Store = msgspec.field(default_factory=Store)
    """What earlier runs worked out; worktrees share it."""
    _turn: RLock = msgspec.field(default_factory=RLock)
    """One thread at a time talks to the object reader: parts of a comparison run side by side."""
    may_fetch: Callable[[], bool] = lambda: False
    """Whether the user lets us fetch what a partial clone left out; asked when something is missing."""

    @staticmethod
    def open(folder: Path, may_fetch: Callable[[], bool] = lambda: False) -> Repository:
        """The repository that `folder` is in; `UndecidedError` where there is none or git refuses it."""
        env = git_environment()
        # The last question alone fails where there is no work tree, when the others have been answered.
        asked = ("--show-object-format", "--git-dir", "--git-common-dir", "--show-toplevel")
        argv = ["git", "rev-parse", "--path-format=absolute", *asked]
        done = run(argv, cwd=folder, env=env, timeout_s=TIMEOUT_S, remedy=GIT_REMEDY)
        lines = os.fsdecode(done.stdout).split("\n")
        if done.code != 0 and len(lines) < len(asked):
            raise _no_repository(folder, done)
        if lines[0].startswith("--"):  # an older git repeats a flag that it does not know
            raise UndecidedError("git", "is older than 2.31", GIT_REMEDY)
        if len(lines) != len(asked) + (done.code == 0):
            why = "its path has a line break in it"
            raise UndecidedError(str(folder), why, "rename the folder that the repository stands in")
        hash_name = lines[0]
        git_dir, common_dir = (Path(line) for line in lines[1:3])
        work_tree = Path(lines[3]) if done.code == 0 else git_dir
        # Relative ones hold for `folder`; all that follows runs at the top.
        for name, path in (
            ("GIT_DIR", git_dir),
            ("GIT_WORK_TREE", work_tree),
            ("GIT_COMMON_DIR", common_dir),
        ):
            if name in env:
                env[name] = str(path)
        store = Store(index_path(common_dir), limit())
        made = Repository(work_tree, git_dir, common_dir, env, hash_name, store=store, may_fetch=may_fetch)
        if os.environ.get(URL):
            from workspai_hooks.tools.filling import filling
            from workspai_hooks.tools.origins import told

            store.behind = filling(index_path(common_dir), limit(), lambda: told(made.origin()))
        return made

    def close(self) -> None:
        """End the object reader, and keep what was worked out."""
        self.store.close()
        self._end()
        READ.clear()

    def _end(self) -> None:
        if self._objects is not None:
            self._objects.close()
            self._objects = None

    def unread(self) -> tuple[Undecided, ...]:
        """What was asked for and is not in this clone, as one question that stays open."""
        pointed = len(self._pointers)
        missing = self.missing() - pointed
        why = "the content of {} files is not in this clone: uses in them can't be seen"
        questions = [Undecided("the consumers", why.format(missing), _FETCH)] * bool(missing)
        if pointed:
            why = f"{why.format(pointed)} (Git LFS)"
            questions.append(Undecided("the consumers", why, "git lfs fetch --all"))
        return tuple(questions)

    @property
    def is_partial(self) -> bool:
        """Whether this is a clone that objects may have been left out of."""
        return _is_partial(self.common_dir)

    def why_missing(self, blob: str, path: str, revision: str) -> Undecided:
        """Why the content of a file is not here; `revision` is the commit that has it, or `index`."""
        if (wanted := self._pointers.get(blob)) is None:
            return missing_object(blob, path, revision)
        why = f"its content is in Git LFS, and not in this clone: sha256:{wanted.oid[:12]}"
        if wanted.size > lfs.MOST_BYTES:
            why = f"its content (Git LFS) has {wanted.size} bytes, more than a contract can have"
        fetch = "git lfs pull" if revision == "index" else f"git lfs fetch origin {revision}"
        return Undecided(path, why, f'{fetch} --include="{path}"')

    def run(self, *args: str) -> Completed:
        """One git command at the top of the work tree; the caller looks at its exit code."""
        argv = ["git", *SETTINGS, *args]
        return run(argv, cwd=self.top, env=self._env, timeout_s=TIMEOUT_S, remedy=GIT_REMEDY)

    def _output(self, *args: str) -> bytes:
        done = self.run(*args)
        if done.code != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise UndecidedError(
                f"git {args[0]}", said[-1] if said else f"ended with code {done.code}", "run git fsck"
            )
        return done.stdout

    def _listed(self, *args: str) -> bytes:
        """What a command says that reads trees; in a partial clone they are fetched, or it is undecided."""
        done = self.run(*args)
        promised = self._promised() if done.code != 0 else None
        if promised and promised.remotes:
            if not self.may_fetch():
                raise UndecidedError(f"git {args[0]}", "folders of a commit are not in this clone", _FETCH)
            done = promised.fetching(*SETTINGS, *args)
        return done.stdout if done.code == 0 else self._output(*args)

    def _promised(self) -> Promised:
        from workspai_hooks.tools.promised import Promised

        return Promised(self.top, self.common_dir, self._env)

    def resolve(self, rev: str) -> str | None:
        """The commit id that `rev` names, or None."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
        return done.stdout.decode().strip() if done.code == 0 else None

    def has(self, name: str) -> bool:
        """Whether an object of any kind is here."""
        return self.run("cat-file", "-e", name).code == 0

    def releases(self, pattern: str, *heads: str) -> list[str]:
        """Full names of the tags in the history of `heads` that fit the pattern (`v*`), the latest version
        first; of one version, what is released comes before its candidates (`v2.0.0-rc1`)."""
        merged = [f"--merged={head}" for head in heads]
        sort = ("-c", "versionsort.suffix=-", "for-each-ref", "--sort=-version:refname")
        return os.fsdecode(
            self._output(*sort, *merged, "--format=%(refname)", f"refs/tags/{pattern}")
        ).split()

    def fetches_no_tags(self) -> bool:
        """Whether this clone was made so that it has no tags."""
        done = self.run("config", "--get-regexp", r"^remote\..*\.tagopt$", "^--no-tags$")
        return done.code == 0

    def symbolic_ref(self, name: str) -> str | None:
        """What a symbolic ref points to (`refs/remotes/origin/main`), or None."""
        done = self.run("symbolic-ref", "--quiet", name)
        return os.fsdecode(done.stdout).strip() if done.code == 0 else None

    def refs(self, *patterns: str) -> list[str]:
        """Names of refs under the patterns, sorted."""
        return os.fsdecode(self._output("for-each-ref", "--format=%(refname)", *patterns)).splitlines()

    def remotes(self) -> list[str]:
        """Names of the configured remotes, sorted."""
        done = self.run("config", "--null", "--name-only", "--get-regexp", r"^remote\..*\.url$")
        names = os.fsdecode(done.stdout).split("\0") if done.code == 0 else []
        return sorted({name[len("remote.") : -len(".url")] for name in names if name})

    def origin(self) -> str:
        """The URL of the remote `origin` as it is configured, credentials included; empty without."""
        done = self.run("config", "--get", "remote.origin.url")
        return os.fsdecode(done.stdout).strip() if done.code == 0 else ""

    def merge_bases(self, ours: str, *theirs: str) -> list[str]:
        """The best common ancestors of `ours` and a (hypothetical) merge of `theirs`."""
        if theirs == (ours,):
            return [ours]
        done = self.run("merge-base", "--all", ours, *theirs)
        return done.stdout.decode().split() if done.code == 0 else []

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether the history of `newer` has `older`, as far as it is in this clone."""
        return self.run("merge-base", "--is-ancestor", older, newer).code == 0

    def parents(self, commit: str) -> list[str]:
        """A commit's parents, those that a shallow clone does not have among them."""
        header = self._output("cat-file", "commit", commit).partition(b"\n\n")[0]
        rows = (line.split() for line in header.splitlines() if line.startswith(b"parent "))
        return [row[1].decode() for row in rows]

    def ever_changed(self, tips: Sequence[str], paths: Sequence[str], words: str = "") -> bool:
        """Whether a commit up to `tips` changed one of `paths`, in lines with one of `words` (`a|b`).

        The whole history is gone through: seconds to a minute in a large one.
        """
        no_drivers = ("--text", "--no-textconv", "--no-ext-diff")  # nor what attributes call binary
        pick = (*no_drivers, "--extended-regexp", f"-G{words}") if words else ()
        return bool(self._output("log", "-1", "--format=%H", *pick, *tips, "--", *paths))

    def is_cut_off(self, bases: Sequence[str], tips: Sequence[str]) -> bool:
        """Whether the history between `bases` and `tips` has an end that a shallow clone made.

        Behind such an end a better common ancestor may stand than those that were found.
        """
        try:
            ends = set((self.common_dir / "shallow").read_text().split())
        except (OSError, ValueError):
            return True
        between = self._output("rev-list", *tips, "--not", *bases).decode().split()
        return not ends.isdisjoint(between)

    def head(self) -> str | None:
        """The commit of HEAD, None before the first one; one that can't be read is an `UndecidedError`."""
        commit = self.resolve("HEAD")
        if commit is None and self.run("rev-parse", "--verify", "--quiet", "HEAD").code == 0:
            raise UndecidedError("HEAD", "its commit can't be read", "run git fsck")
        return commit

    def is_shallow(self) -> bool:
        """Whether history was cut off when this clone was made."""
        return (self.common_dir / "shallow").exists()

    def merge_heads(self) -> list[str]:
        """The commits that the merge under way brings in."""
        return merging(self.git_dir)

    def parent_with_other(self, commit: str, paths: Sequence[str]) -> str | None:
        """The newest ancestor of `commit` (not itself) in which one of `paths` stood differently."""
        newest = self._output("rev-list", "-1", commit, "--", *paths).decode().strip()
        return self.resolve(f"{newest}^") if newest else None

    def plain(self) -> Git:
        """The same repository for short questions."""
        return Git(self.top, self._env)

    def history(self, tip: str, paths: Sequence[str], depth: int) -> list[tuple[str, Staged]]:
        """What the last commits up to `tip` did to `paths`, the newest first; nothing where git fails."""
        try:
            return self.plain().history(tip, paths, depth)
        except OSError:
            return []

    def staged_differences(self, commit: str | None) -> list[Difference]:
        """What the next commit will have that `commit` (None: an empty tree) has not, without renames.

        A path that is only announced (`git add --intent-to-add`) will not be in the commit.
        """
        return list(differences(self._staged(commit)))

    def _staged(self, commit: str | None) -> bytes:
        empty = hashlib.new(self.hash_name, b"tree 0\0", usedforsecurity=False).hexdigest()
        return self._output("diff-index", *DIFF_FLAGS, commit or empty, "--")

    def unmerged(self) -> list[str]:
        """Paths with unresolved conflicts in the index."""
        return self.next_commit()[1]

    def index(self) -> dict[str, Entry]:
        """Files of the next commit by path, without submodules; of a conflict the side we are on."""
        return self.next_commit()[0]

    def next_commit(self, on: str | None = None) -> tuple[dict[str, Entry], list[str]]:
        """Files of the next commit, as `index` has them, and paths with unresolved conflicts, sorted. With
        `on`, HEAD, where its files are asked for, too: what differs from them is all that is listed."""
        raw = self._staged(on)
        entries = added(raw) if on is None else changed(self.tree(on), raw)
        if not has_unmerged(raw):
            return entries, []
        conflicts = set()
        for row in filter(None, self._output("ls-files", "--unmerged", "-z").split(b"\0")):
            meta, _, path = os.fsdecode(row).partition("\t")
            if path not in conflicts:
                conflicts.add(path)
                entries.pop(path, None)
            if meta.endswith(" 2"):
                mode, blob, _ = meta.split(" ")
                entries[path] = Entry(mode, blob)
        return entries, sorted(conflicts)

    def untracked(self) -> list[str]:
        """Files of the work tree that are not in the index and not ignored."""
        raw = self._output("ls-files", "--others", "--exclude-standard", "-z")
        return sorted(
            path for row in raw.split(b"\0") if (path := os.fsdecode(row)) and not path.endswith("/")
        )

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """Files of a commit by path; submodules are left out. Of a second commit what differs is listed."""
        known = self._trees.get(commit)
        if known is None:
            near = next(iter(self._trees), None)
            if near is None:
                known = listed(self._listed("ls-tree", "-r", "-z", commit))
            else:
                raw = self._listed("diff-tree", "-r", *DIFF_FLAGS[1:5], near, commit, "--")
                known = changed(self._trees[near], raw)
            if len(self._trees) < MOST_TREES:
                self._trees[commit] = known
        return known

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """Contents by blob id; None where the object is not here or is larger than `MAX_BLOB_BYTES`."""
        wanted = list(dict.fromkeys(blobs))
        with self._turn:
            missing = [blob for blob in wanted if blob not in self._contents and not self._took(blob)]
            if missing and self._fetches:
                self._fetch(missing)
            for start in range(0, len(missing), 256):  # 256 requests stay below a pipe's 64 KiB
                self._request(missing[start : start + 256])
            found = self._contents.of(wanted)
            self._contents.trim()
        return found

    def _took(self, blob: str) -> bool:
        """Whether a blob was read before the repository was opened."""
        data = READ.get(blob)
        if data is None or len(data) > MAX_BLOB_BYTES:
            return False
        self._contents.add(blob, READ.pop(blob))
        return True

    @cached_property
    def _fetches(self) -> bool:
        """Whether what is missing is fetched. The configuration tells a whole clone before anything else."""
        return self.is_partial and self.may_fetch()

    def _fetch(self, blobs: Sequence[str]) -> None:
        self._end()  # it knows the object store as it was
        self._promised().fetch(blobs)

    def missing(self) -> int:
        """How many objects were asked for that are not in this clone."""
        return len(self._missing)

    def _request(self, blobs: Sequence[str]) -> None:
        """Ask for objects; where git ends at one of them, go on behind it, but not for ever.

        In a partial clone, git before 2.45 tries to fetch what is missing, may not, and ends.
        """
        for _ in range(MAX_RESTARTS):
            if self._ask(blobs):
                return
            at = next(index for index, blob in enumerate(blobs) if blob not in self._contents)
            self._leave_out(blobs[at : at + 1])
            blobs = blobs[at + 1 :]
        self._leave_out(blobs)

    def _pointed_to(self, wanted: lfs.Pointer) -> bytes | None:
        """What a pointer of Git LFS stands for, as long as a run has not read too much of it: data sets are
        kept there, and called like contracts."""
        data = lfs.stored(self.common_dir, wanted, min(lfs.MOST_BYTES, self._from_lfs))
        self._from_lfs -= len(data or b"")
        return data

    def _leave_out(self, blobs: Sequence[str]) -> None:
        for blob in blobs:
            self._contents.add(blob, None)
        self._missing.update(blobs)

    def _ask(self, blobs: Sequence[str]) -> bool:
        """Whether all of them were answered."""
        if self._objects is None:
            argv = ["git", *SETTINGS, "cat-file", "--batch"]
            self._objects = Conversation(argv, cwd=self.top, env=self._env)
        talk = self._objects
        try:
            talk.requests.write("".join(f"{blob}\n" for blob in blobs).encode())
            talk.requests.flush()
            for blob in blobs:
                data, here = _answer(talk)
                wanted = lfs.pointer(data) if data is not None else None
                if wanted is not None:
                    data = self._pointed_to(wanted)
                    here = data is not None
                    self._pointers |= {} if here else {blob: wanted}
                # what LFS has is counted: it is not read a second time
                self._contents.add(blob, data, stays=wanted is not None)
                self._missing |= set() if here else {blob}
        except (OSError, ValueError):
            self._end()
            return False
        return True


def missing_object(blob: str, path: str, revision: str) -> Undecided:
    """The question that stays open where an object is not in this clone."""
    return Undecided(
        path,
        f"its content (object {blob[:12]}) is not in this clone, or is larger than 32 MiB",
        f"fetch it: git cat-file -p {blob[:12]} >/dev/null, or let WORKSPAI_FETCH=1 do it",
    )


def _is_partial(common_dir: Path) -> bool:
    """Whether a clone left objects out, or may have: a look at its configuration that costs no process."""
    try:
        text = (common_dir / "config").read_bytes().lower()
    except OSError:
        return True
    return b"promisor" in text or b"partialclone" in text or b"include" in text


def git_version() -> tuple[str, str]:
    """Git's version and path; `UndecidedError` where it is missing or older than 2.31."""
    path = located("git") or "git"
    done = run([path, "--version"], cwd=Path.cwd(), env=git_environment(), timeout_s=10, remedy=GIT_REMEDY)
    version = done.stdout.decode(errors="replace").removeprefix("git version ").split(" ")[0].strip()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < MIN_VERSION:
        raise UndecidedError("git", f"{path} is version {version or 'unknown'}", GIT_REMEDY)
    return version, path


def _answer(talk: Conversation) -> tuple[bytes | None, bool]:
    """An object's content (None where it is too large) and whether it is in this clone."""
    header = talk.answers.readline().split()
    if not header:
        raise OSError("no answer")
    if len(header) != 3:
        return None, False
    size = int(header[2])
    data = None
    if size <= MAX_BLOB_BYTES:
        data = talk.answers.read(size)
    else:
        for start in range(0, size, 1 << 20):
            talk.answers.read(min(1 << 20, size - start))
    talk.answers.read(1)
    return data, True


def _no_repository(folder: Path, done: Completed) -> UndecidedError:
    said = done.stderr.decode(errors="replace").strip()
    if "dubious ownership" in said:
        return UndecidedError(
            str(folder),
            "git does not trust this folder: another user owns it",
            f"git config --global --add safe.directory {folder}",
        )
    if "not a git repository" in said:
        return UndecidedError(
            str(folder), "is not in a git repository", "run inside a repository, or git init"
        )
    why = said.splitlines()[-1] if said else f"git rev-parse ended with code {done.code}"
    return UndecidedError(str(folder), why, "check the repository with git fsck")
