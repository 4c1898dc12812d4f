"""Git as a person or a CI system would call it, and trees exported from it: no code of ours takes part."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = dict[str, bytes]
"""Path -> content of a tree's regular files."""


@dataclass
class Repository:
    """A work tree that git commands run in; `tick` makes every commit a second later than the one before."""

    root: Path
    tick: int = 0
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *args: str, stdin: bytes = b"", check: bool = True, **env: str) -> bytes:
        """What a git command prints; a failure is an AssertionError unless `check` is off."""
        done = self.done(*args, stdin=stdin, **env)
        assert not check or done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode()}"
        return done.stdout

    def done(self, *args: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        self.tick += 1
        date = f"{1_700_000_000 + self.tick} +0000"
        return subprocess.run(
            ["git", *args],
            cwd=self.root,
            input=stdin,
            capture_output=True,
            env={**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, **self.env, **env},
            check=False,
        )

    def said(self, *args: str, check: bool = True) -> str:
        return self.run(*args, check=check).decode("utf-8", "surrogateescape").strip()

    def commit_of(self, name: str) -> str:
        return self.said("rev-parse", "--verify", f"{name}^{{commit}}")

    def has(self, name: str) -> bool:
        return self.done("rev-parse", "--verify", "--quiet", name).returncode == 0

    def parents(self, commit: str) -> list[str]:
        return self.said("rev-list", "--parents", "-n", "1", commit).split()[1:]

    def merge_bases(self, *commits: str) -> list[str]:
        return self.said("merge-base", "--all", *commits, check=False).split()

    def files(self, tree: str) -> Files:
        """The regular files of a tree, by `git archive`."""
        archive = self.run("-c", "core.autocrlf=false", "archive", "--format=tar", tree)
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            return {
                member.name: opened.extractfile(member).read()  # type: ignore[union-attr]
                for member in opened.getmembers()
                if member.isfile()
            }

    def staged(self) -> Files:
        """The work tree's files as the index has them."""
        return self.files(self.said("write-tree"))

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        return file.read_bytes() if file.is_file() else None

    def write(self, changes: Mapping[str, bytes | None]) -> None:
        """Write and delete files of the work tree."""
        for path, content in changes.items():
            file = self.root / path
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)

    def stage(self, changes: Mapping[str, bytes | None]) -> None:
        """Write and stage."""
        self.write(changes)
        if changes:
            paths = "\0".join(changes) + "\0"
            self.run("add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=paths.encode())


def write_tree(files: Mapping[str, bytes], folder: Path) -> None:
    """Lay out files below a folder."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
