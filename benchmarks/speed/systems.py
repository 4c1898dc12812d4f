"""Commits in large systems that ask of policies or of what is deployed: a source with a word such as
`timeout` in the lines that differ (dapr, harbor), a manifest (kserve). Each run stages another edit, so that
no verdict is known; `nothing known` is the first run in a clone, that makes the index. Bare is Python's start
and one `git diff --cached`. Memory is of all processes of a run together (what they share counts once).
`--inputs`: clones called `dapr`, `harbor`, `kserve`.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from speed.measure import OURS, Bench, Figures, Row, Side, UnmeasuredError, compared, environment, git

CHECK = (*OURS, "check")
FIRST_RUNS = 2
"""Of the first run: a minute each, on two cores."""
NUMBER = re.compile(r"(?i)(timeout\w*\W{1,4})(\d+)")
INSIDE = re.compile(r"^\t(?=return\b|if )", re.MULTILINE)
CEILING = 1 << 30
"""Bytes of all processes together, of a first run in any of these."""
EVERY_S = 0.05

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
    peak = _peak_of_all(CHECK, root)
    measured = f"{peak >> 20} MiB"
    goal, met = f"≤ {CEILING >> 20} MiB", peak <= CEILING
    yield Row(f"{name}: memory of the first run", "–", "–", measured, goal, met, 1)


def _row(work: str, ours: Figures, bare: Figures) -> Row:
    return Row(work, ours.told(), bare.told(), f"{ours.cpu:.1f} s of processors", "", None, len(ours.wall_s))


def _peak_of_all(argv: tuple[str, ...], root: Path) -> int:
    """The most that a run and all its children have in memory at once, in bytes; what several of them share
    is divided among them (PSS)."""
    run = subprocess.Popen(
        argv,
        cwd=root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    most = 0
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (run.wait(), ended.set()))
    waiting.start()
    while not ended.is_set():
        most = max(most, sum(map(_proportional, _session(run.pid))))
        time.sleep(EVERY_S)
    waiting.join()
    return most


def _session(leader: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _proportional(process: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        return int(text.partition("\nPss:")[2].split()[0]) * 1024
    return 0
