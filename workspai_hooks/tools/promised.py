"""Objects that a partial clone left with its remote: which are missing, and fetching them at once.

Only where the user allows it. Beside tools/git.py the only commands of git that reach a network; they write
objects into the repository's store, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.process import Completed, run
from workspai_hooks.tools.scratch import Scratch

TIMEOUT_S = 600.0
REMEDY = "see that git fetch works here, then run again"
PROTOCOLS = "https:ssh:git:http:file"
"""Those of git that run no program of a remote's choice."""

_QUIETLY = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false", "-c", "fetch.prune=false"),
    *("-c", "fetch.negotiationAlgorithm=noop"),  # as git itself asks for promised objects
)
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"),
    *("--filter=blob:none", "--stdin"),
)


class Promised:
    """What a partial clone's remotes promised. `remotes` is empty where the clone is whole."""

    def __init__(self, top: Path, common_dir: Path, env: Mapping[str, str]) -> None:
        self._top = top
        self._objects = env.get("GIT_OBJECT_DIRECTORY") or str(common_dir / "objects")
        # The user's own: an agent of ssh, a proxy, certificates. What git handed to a hook stays out.
        self._env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name.startswith(_REACHING)
        }
        self._env |= {name: value for name, value in env.items() if name not in _BARRIERS}
        self._env["GIT_ALLOW_PROTOCOL"] = PROTOCOLS
        self.remotes = self._promisors()

    def fetch(self, ids: Iterable[str]) -> None:
        """Fetch those of these objects that are not here, in one batch a remote."""
        missing = self.absent(ids) if self.remotes else []
        for remote in self.remotes:
            if not missing:
                return
            done = self._run([*_QUIETLY, *_FETCH, remote], missing)
            missing = self.absent(missing)
        if missing:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            why = said[-1] if said else f"{len(missing)} objects that were promised are not there"
            remotes = " ".join(self.remotes)
            raise UndecidedError(f"git fetch {remotes}", why, f"see that git fetch {remotes} works here")

    def absent(self, ids: Iterable[str]) -> list[str]:
        """Those that are not in the object store.

        Asked in a git directory of ours that promises nothing: in a partial clone, git before 2.45 fetches
        what it is asked for, one by one, or ends.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return []
        with Scratch() as folder:
            _bare(folder, sha256=len(wanted[0]) == 64)
            env = {**self._env, "GIT_DIR": str(folder), "GIT_OBJECT_DIRECTORY": self._objects}
            env.pop("GIT_WORK_TREE", None)
            env.pop("GIT_COMMON_DIR", None)
            done = self._run(["cat-file", "--batch-check=%(objectname)"], wanted, env)
        if done.code != 0:
            raise UndecidedError("git cat-file", f"ended with code {done.code}", "run git fsck")
        return [line.split()[0] for line in done.stdout.decode().splitlines() if line.endswith(" missing")]

    def fetching(self, *args: str) -> Completed:
        """A command that fetches what it finds missing on its way (trees)."""
        return self._run(args, ())

    def _promisors(self) -> list[str]:
        done = self._run(["config", "--null", "--name-only", "--get-regexp", _PROMISOR], ())
        names = os.fsdecode(done.stdout).split("\0") if done.code == 0 else []
        return sorted(
            {name[len("remote.") : name.rindex(".")] for name in names if name[7:8] not in ("", "-")}
        )

    def _run(
        self, args: Sequence[str], ids: Sequence[str], env: Mapping[str, str] | None = None
    ) -> Completed:
        given = "".join(f"{one}\n" for one in ids).encode()
        argv = ["git", *args]
        wanted = self._env if env is None else env
        return run(argv, cwd=self._top, env=wanted, timeout_s=TIMEOUT_S, stdin=given, remedy=REMEDY)


_PROMISOR = r"^remote\..*\.(promisor|partialclonefilter)$"
_REACHING = ("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ASKPASS")
"""How the user's own git reaches a remote."""
_BARRIERS = frozenset({"GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"})


def _bare(folder: Path, *, sha256: bool) -> None:
    """The least that git takes for a git directory."""
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    (folder / "refs").mkdir()
    version = "1\n[extensions]\n\tobjectFormat = sha256" if sha256 else "0"
    (folder / "config").write_text(f"[core]\n\tbare = true\n\trepositoryFormatVersion = {version}\n")
