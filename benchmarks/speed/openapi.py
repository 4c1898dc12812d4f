"""One operation changed in GitHub's description (npm `@octokit/openapi`, 13 MB of JSON): `check` of what is
staged against bare `oasdiff breaking` on both files. Cold: nothing is kept. Warm: the same question again. An
index that knows the base: another edit than the last one, as commits are. Memory: of the largest process.

The package is fetched by `npm pack` into a temporary folder.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from speed.measure import OURS, Bench, Figures, Row, Side, UnmeasuredError, compared, faster, git
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.oasdiff import resolve_oasdiff

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"


class Edit(NamedTuple):
    """The first `old` after all of these marks, one after the other, becomes `new`. Texts, no values: what
    this process holds would count as memory of those that it starts."""

    name: str
    marks: tuple[bytes, ...]
    old: bytes
    new: bytes = b""

    def of(self, text: bytes) -> bytes:
        at = 0
        for mark in (*self.marks, self.old):
            at = text.index(mark, at)
        return text[:at] + self.new + text[at + len(self.old) :]


VALUE = Edit("value", (b'"/orgs/{org}/campaigns": {', b'"name": "sort"'), b'"created",')
"""An enumeration's value of one operation's parameter goes: a break."""
WORDS = Edit("words", (b'"/user": {',), b'"summary": "', b'"summary": "Now: ')
SHARED = Edit("shared", (b'"simple-user": {', b'"required": ['), b'"login",')
"""A property of a schema that hundreds of operations reach is no longer required."""


def rows(bench: Bench) -> Iterator[Row]:
    try:
        tool = resolve_oasdiff().path
    except UndecidedError as error:
        raise UnmeasuredError(f"{error.undecided.what} {error.undecided.why}") from error
    text = description(bench)
    runs = min(bench.runs, 10)
    scene = _Scene(bench.folder, text)
    bare_one = scene.bare(tool, VALUE)
    ours, warm, bare = compared(runs, scene.cold(VALUE), scene.warm(VALUE), bare_one)
    yield faster("one operation of GitHub's description, cold", ours, bare, 10)
    yield faster("the same asked again", warm, bare, 30)
    yield _memory("memory of that, cold", ours, bare)
    known = compared(runs, scene.known(WORDS, VALUE))[0]
    yield faster("one operation, in an index that knows the base", known, bare, 10)
    shared, whole = compared(min(runs, 5), scene.cold(SHARED), scene.bare(tool, SHARED))
    yield _told("a schema that hundreds of operations reach, cold", shared, whole)


def description(bench: Bench) -> bytes:
    """The description, as the package brings it."""
    packs = bench.folder / "npm"
    packs.mkdir()
    argv = ["npm", "pack", "--silent", PACKAGE]
    try:
        subprocess.run(argv, cwd=packs, check=True, capture_output=True, timeout=300)
        with tarfile.open(next(packs.glob("*.tgz"))) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            return member.read()
    except (OSError, subprocess.SubprocessError) as error:
        raise UnmeasuredError(f"npm pack {PACKAGE}: {error}") from error
    finally:
        shutil.rmtree(packs)


def _memory(work: str, ours: Figures, bare: Figures) -> Row:
    found = ours.peak_bytes / bare.peak_bytes
    sizes = [f"{one.peak_bytes / 2**20:.0f} MiB" for one in (ours, bare)]
    return Row(work, sizes[0], sizes[1], f"{found:.2f} ×", "≤ 0.5 × bare", found <= 0.5, len(ours.wall_s))


def _told(work: str, ours: Figures, bare: Figures) -> Row:
    found = f"{bare.wall / ours.wall:.1f} × faster"
    return Row(work, ours.told(), bare.told(), found, "", None, len(ours.wall_s))


class _Scene:
    """A repository with the description, and both sides of each edit as files."""

    def __init__(self, folder: Path, text: bytes) -> None:
        self._folder = folder
        self._root = folder / "repository"
        self._root.mkdir()
        self._base = folder / "base.json"
        self._base.write_bytes(text)
        git(self._root, "init", "--quiet", "--initial-branch", "main")
        self._stage(self._base)
        git(self._root, "commit", "--quiet", "--message", "base")
        git(self._root, "config", "remote.origin.url", "https://example.test/api.git")

    def _edited(self, edit: Edit) -> Path:
        path = self._folder / f"{edit.name}.json"
        if not path.exists():
            path.write_bytes(edit.of(self._base.read_bytes()))
        return path

    def _stage(self, side: Path) -> None:
        shutil.copyfile(side, self._root / "api.json")
        git(self._root, "add", "--all")

    def _forget(self) -> None:
        shutil.rmtree(self._root / ".git" / "workspai-hooks", ignore_errors=True)

    def bare(self, tool: str, edit: Edit) -> Side:
        return Side([[tool, "breaking", str(self._base), str(self._edited(edit))]], self._folder)

    def cold(self, edit: Edit) -> Side:
        def before() -> None:
            self._stage(self._edited(edit))
            self._forget()

        return Side([[*OURS, "check"]], self._root, before)

    def warm(self, edit: Edit) -> Side:
        return Side([[*OURS, "check"]], self._root, lambda: self._stage(self._edited(edit)))

    def known(self, first: Edit, edit: Edit) -> Side:
        """After another edit of the same base was asked about."""

        def before() -> None:
            self._forget()
            self._stage(self._edited(first))
            subprocess.run([*OURS, "check"], cwd=self._root, check=True, capture_output=True)
            self._stage(self._edited(edit))

        return Side([[*OURS, "check"]], self._root, before)
