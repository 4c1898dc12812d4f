"""Commits in large systems that ask of policies or of what is deployed: a source with a word such as
`timeout` in the lines that differ (dapr, harbor), a manifest (kserve). Each run stages another edit, so that
no verdict is known; `nothing known` is the first run in a clone, that makes the index. Bare is Python's start
and one `git diff --cached`. Memory is of all processes of a run together (what they share counts once).
`--inputs`: clones called `dapr`, `harbor`, `kserve`.
"""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections.abc import Callable, Iterator

from speed.measure import OURS, Bench, Figures, Row, Side, UnmeasuredError, compared, git
from speed.peak import memory, peak_of_all

CHECK = (*OURS, "check")
FIRST_RUNS = 2
"""Of the first run: a minute each, on two cores."""
NUMBER = re.compile(r"(?i)(timeout\w*\W{1,4})(\d+)")
INSIDE = re.compile(r"^\t(?=return\b|if )", re.MULTILINE)
Edit = Callable[[str, int], str]


def rows(bench: Bench) -> Iterator[Row]:
    yield from _of(bench, "dapr", "pkg/resiliency/resiliency.go", _statement, "a statement with a timeout")
    yield from _of(bench, "harbor", "src/controller/retention/controller.go", _statement, "a statement")
    yield from _of(bench, "kserve", "config/manager/manager.yaml", _comment, "a line of a manifest")


def _statement(text: str, number: int) -> str:
    """One statement more inside of a function: types are followed through its part once more."""
    return INSIDE.sub(f'\t_ = "timeout {number}"\n\t', text, count=1)


def _comment(text: str, number: int) -> str:
    return f"# timeout {number}\n{NUMBER.sub(lambda found: f'{found[1]}{number}', text, count=1)}"


def _of(bench: Bench, name: str, path: str, edit: Edit, what: str) -> Iterator[Row]:
    origin = bench.inputs / name if bench.inputs else None
    if origin is None or not (origin / path).exists():
        yield Row(name, "–", "–", f"not measured: no {name} with {path} in --inputs", "", None)
        return
    root = bench.folder / name
    git(bench.folder, "clone", "--quiet", "--shared", str(origin), str(root))
    git(root, "remote", "remove", "origin")
    text, numbers = (root / path).read_text(encoding="utf-8"), itertools.count(1_000)

    def stage() -> None:
        (root / path).write_text(edit(text, next(numbers)), encoding="utf-8")
        git(root, "add", "--all")

    def first() -> None:
        shutil.rmtree(root / ".git" / "workspai-hooks", ignore_errors=True)
        stage()

    if edit(text, 1) == text:
        raise UnmeasuredError(f"{path} of {name} has nothing to edit")
    (cold,) = compared(min(FIRST_RUNS, bench.runs), Side([CHECK], root, first), warm=0)
    bare = Side([[sys.executable, "-c", "pass"], ["git", "diff", "--cached", "--quiet"]], root)
    warm, least = compared(bench.runs, Side([CHECK], root, stage), bare)
    files = len(git(root, "ls-files").splitlines())
    yield _row(f"{name} ({files:,} files): {what}, nothing known", cold, least)
    yield _row(f"{name}: {what}, index warm", warm, least)
    first()
    yield memory(f"{name}: memory of the first run", peak_of_all(CHECK, root))


def _row(work: str, ours: Figures, bare: Figures) -> Row:
    return Row(work, ours.told(), bare.told(), f"{ours.cpu:.1f} s of processors", "", None, len(ours.wall_s))
