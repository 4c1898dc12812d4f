"""Git by plumbing commands, read-only: the one place that talks to it.

Nothing here takes a lock, writes an object, refreshes the index, reaches a network or runs a hook,
filter or file-system monitor of the repository.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from threading import RLock

import msgspec

from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.process import Completed, Conversation, run
from workspai_hooks.tools.staged import (
    DIFF_FLAGS,
    SETTINGS,
    TIMEOUT_S,
    Git,
    Staged,
    git_environment,
)

GIT_REMEDY = "install git 2.31 or later and put it on PATH"
MIN_VERSION = (2, 31)
"""rev-parse --path-format came with it."""
SUBMODULE = "160000"

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


class Entry(msgspec.Struct, frozen=True, order=True):
    """A file of a tree: git's mode (`100644`, `100755`, `120000` a symbolic link) and blob id."""

    mode: str
    blob: str


class Difference(msgspec.Struct, frozen=True):
    """One path that differs between two trees; `None` on the side where it does not exist."""

    path: str
    old: Entry | None
    new: Entry | None


class Repository(msgspec.Struct, dict=True):
    """A git repository: `top` is its work tree (the git directory itself where it is bare)."""

    top: Path
    git_dir: Path
    common_dir: Path
    _env: Mapping[str, str]
    _objects: Conversation | None = None
    _contents: dict[str, bytes | None] = msgspec.field(default_factory=dict)
    _missing: set[str] = msgspec.field(default_factory=set)
    store: Store = msgspec.field(default_factory=Store)
    """What earlier runs worked out; worktrees share it."""
    _turn: RLock = msgspec.field(default_factory=RLock)
    """One thread at a time talks to the object reader: parts of a comparison run side by side."""

    @staticmethod
    def open(folder: Path) -> Repository:
        """The repository that `folder` is in; `UndecidedError` where there is none or git refuses it."""
        env = git_environment()
        argv = ["git", "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"]
        done = run(argv, cwd=folder, env=env, timeout_s=TIMEOUT_S, remedy=GIT_REMEDY)
        if done.code != 0:
            raise _no_repository(folder, done)
        lines = os.fsdecode(done.stdout).split("\n")
        if lines[0].startswith("--"):  # an older git repeats a flag that it does not know
            raise UndecidedError("git", "is older than 2.31", GIT_REMEDY)
        if len(lines) != 3:
            why = "its path has a line break in it"
            raise UndecidedError(str(folder), why, "rename the folder that the repository stands in")
        git_dir, common_dir = (Path(line) for line in lines[:2])
        top = run(
            ["git", "rev-parse", "--show-toplevel"],
            cwd=folder,
            env=env,
            timeout_s=TIMEOUT_S,
            remedy=GIT_REMEDY,
        )
        work_tree = Path(os.fsdecode(top.stdout).rstrip("\n")) if top.code == 0 else git_dir
        # Relative ones hold for `folder`; all that follows runs at the top.
        for name, path in (
            ("GIT_DIR", git_dir),
            ("GIT_WORK_TREE", work_tree),
            ("GIT_COMMON_DIR", common_dir),
        ):
            if name in env:
                env[name] = str(path)
        store = Store(index_path(common_dir))
        return Repository(work_tree, git_dir, common_dir, env, store=store)

    def close(self) -> None:
        """End the object reader, and keep what was worked out."""
        self.store.close()
        self._end()

    def _end(self) -> None:
        if self._objects is not None:
            self._objects.close()
            self._objects = None

    def unread(self) -> tuple[Undecided, ...]:
        """What was asked for and is not in this clone, as one question that stays open."""
        missing = self.missing()
        why = f"the content of {missing} files is not in this clone: uses in them can't be seen"
        remedy = "git fetch --refetch --filter=blob:limit=32m origin   (or clone without --filter)"
        return (Undecided("the consumers", why, remedy),) * bool(missing)

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

    def resolve(self, rev: str) -> str | None:
        """The commit id that `rev` names, or None."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
        return done.stdout.decode().strip() if done.code == 0 else None

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
        done = self.run("merge-base", "--all", ours, *theirs)
        return done.stdout.decode().split() if done.code == 0 else []

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
        try:
            return (self.git_dir / "MERGE_HEAD").read_text("ascii").split()
        except UnicodeDecodeError as error:
            raise UndecidedError("MERGE_HEAD", "can't be read", "run git merge --abort") from error
        except OSError:
            # git merge writes it after its pre-merge-commit hook; the hook gets GITHEAD_<commit>=<name>.
            named = (name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))
            return sorted(named)

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
        against = commit or self._output("hash-object", "-t", "tree", "--stdin").decode().strip()
        return list(_differences(self._output("diff-index", *DIFF_FLAGS, against, "--")))

    def unmerged(self) -> list[str]:
        """Paths with unresolved conflicts in the index."""
        raw = self._output("ls-files", "--unmerged", "-z")
        return sorted({os.fsdecode(row).split("\t", 1)[1] for row in raw.split(b"\0") if row})

    def index(self) -> dict[str, Entry]:
        """Files of the next commit by path, without submodules; of a conflict the side we are on."""
        staged = self.staged_differences(None)
        entries = {difference.path: difference.new for difference in staged if difference.new}
        for row in self._output("ls-files", "--unmerged", "-z").split(b"\0"):
            meta, _, path = os.fsdecode(row).partition("\t")
            if meta.endswith(" 2"):
                mode, blob, _ = meta.split(" ")
                entries[path] = Entry(mode, blob)
        return entries

    def tree(self, commit: str) -> dict[str, Entry]:
        """Files of a commit by path; submodules are left out."""
        rows = (row for row in self._output("ls-tree", "-r", "-z", commit).split(b"\0") if row)
        entries = {}
        for row in rows:
            meta, path = os.fsdecode(row).split("\t", 1)
            mode, kind, blob = meta.split(" ")
            if kind == "blob":
                entries[path] = Entry(mode, blob)
        return entries

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """Contents by blob id; None where the object is not here or is larger than `MAX_BLOB_BYTES`."""
        wanted = list(dict.fromkeys(blobs))
        with self._turn:
            missing = [blob for blob in wanted if blob not in self._contents]
            for start in range(0, len(missing), 256):  # 256 requests stay below a pipe's 64 KiB
                self._request(missing[start : start + 256])
        return {blob: self._contents[blob] for blob in wanted}

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

    def _leave_out(self, blobs: Sequence[str]) -> None:
        self._contents.update(dict.fromkeys(blobs))
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
                self._contents[blob], here = _answer(talk)
                self._missing |= set() if here else {blob}
        except (OSError, ValueError):
            self._end()
            return False
        return True


def git_version() -> tuple[str, str]:
    """Git's version and path; `UndecidedError` where it is missing or older than 2.31."""
    path = shutil.which("git") or "git"
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


def _differences(raw: bytes) -> Iterator[Difference]:
    """Read `--raw -z`: `:oldmode newmode old new status NUL path NUL` …; `UndecidedError` where it is not."""
    fields = os.fsdecode(raw).removesuffix("\0").split("\0") if raw else []
    for meta, path in zip_longest(fields[::2], fields[1::2]):
        parts = meta.lstrip(":").split(" ")
        if path is None or len(parts) != 5:
            raise UndecidedError(
                "git", f"answered with something that is no row: {meta[:120]}", "run git fsck"
            )
        old_mode, new_mode, old, new, status = parts
        if status.startswith("U"):
            continue
        before, after = (
            None if mode in ("000000", SUBMODULE) else Entry(mode, blob)
            for mode, blob in ((old_mode, old), (new_mode, new))
        )
        if before or after:
            yield Difference(path, before, after)


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
