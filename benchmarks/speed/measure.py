"""What the modules of this folder share: a side of a comparison, how it is timed, and the row that comes of
it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

OURS = (sys.executable, "-m", "workspai_hooks")
Step = Callable[[], object]


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Side:
    """One way to do a work: programs one after another, each a whole process, and what comes before,
    untimed."""

    argvs: Sequence[Sequence[str]]
    root: Path
    before: Step = _nothing
    codes: frozenset[int] = frozenset({0, 1})
    """Exit codes that are an answer. With any other the measurement is none."""
    env: Mapping[str, str] = field(default_factory=dict)
    together: bool = False
    """The first two programs run at once (the two sides of a comparison), the rest after them."""


@dataclass(frozen=True)
class Figures:
    """What the runs of a side took: seconds on the clock and of processors; the largest process, bytes."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    peak_bytes: int

    @property
    def wall(self) -> float:
        return median(self.wall_s)

    @property
    def cpu(self) -> float:
        return median(self.cpu_s)

    def told(self) -> str:
        """The median on the clock with the least and the most: `0.120 s (0.115–0.140)`."""
        if not self.wall_s:
            return "–"
        unit, digits = (1, 2) if self.wall >= 1 else (1000, 1)
        figures = [f"{value * unit:.{digits}f}" for value in (self.wall, min(self.wall_s), max(self.wall_s))]
        return f"{figures[0]} {'s' if unit == 1 else 'ms'} ({figures[1]}–{figures[2]})"


@dataclass(frozen=True)
class Row:
    """A row of docs/performance.md."""

    work: str
    ours: str
    bare: str
    measured: str
    """The ratio or the figure that the goal is about, as printed."""
    goal: str
    met: bool | None
    """None where the row has no goal."""
    runs: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Bench:
    """What a module is given."""

    folder: Path
    """Of its own, empty, thrown away afterwards."""
    runs: int = 10
    inputs: Path | None = None
    """A folder of clones (`googleapis`, `temporalio-api`, …); what is not there is fetched, or its rows
    skipped."""

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)


class UnmeasuredError(Exception):
    """What a work needs is not here: its rows say so."""


def environment(more: Mapping[str, str] = {}) -> dict[str, str]:
    """Ours without what other runs have left to git or to Python."""
    own = ("GIT_", "PRE_COMMIT", "WORKSPAI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONPYCACHEPREFIX"):
        kept.pop(name, None)
    return {**kept, **more}


def compared(runs: int, *sides: Side, warm: int = 1) -> list[Figures]:
    """The sides in turns, A B A B …, so that a machine that slows down slows all; `warm` rounds are not
    counted."""
    walls: list[list[float]] = [[] for _ in sides]
    cpus: list[list[float]] = [[] for _ in sides]
    peaks = [0] * len(sides)
    for turn in range(-warm, runs):
        for number, side in enumerate(sides):
            side.before()
            wall, cpu, peak = _once(side)
            if turn >= 0:
                walls[number].append(wall)
                cpus[number].append(cpu)
                peaks[number] = max(peaks[number], peak)
    return [Figures(tuple(w), tuple(c), p) for w, c, p in zip(walls, cpus, peaks, strict=True)]


def _once(side: Side) -> tuple[float, float, int]:
    env = environment(side.env)
    begun = time.monotonic()
    groups = [list(side.argvs[:2]), *([one] for one in side.argvs[2:])] if side.together else None
    used = [_ran(group, side, env) for group in groups or [[one] for one in side.argvs]]
    return time.monotonic() - begun, sum(cpu for cpu, _ in used), max(peak for _, peak in used)


def _ran(argvs: Sequence[Sequence[str]], side: Side, env: Mapping[str, str]) -> tuple[float, int]:
    started = [
        subprocess.Popen(
            argv,
            cwd=side.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for argv in argvs
    ]
    cpu, peak = 0.0, 0
    for one in started:
        _, status, usage = os.wait4(one.pid, 0)
        one.returncode = os.waitstatus_to_exitcode(status)
        if one.returncode not in side.codes:
            raise RuntimeError(f"{' '.join(map(str, one.args))} in {side.root}: exit {one.returncode}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * 1024)
    return cpu, peak


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody; what it printed."""
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.test", "-c", "gc.auto=0")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True, env=environment()
    )
    return done.stdout.strip()


def ratio(ours: Figures, bare: Figures) -> float:
    """Ours over bare, of the medians on the clock."""
    return ours.wall / bare.wall


def at_most(
    work: str, ours: Figures, bare: Figures, limit: float, *, what: str = "bare", detail: str = ""
) -> Row:
    """A row whose goal is `limit` times what bare takes."""
    found = ratio(ours, bare)
    goal = f"≤ {limit:g} × {what}"
    measured = f"{found:.2f} ×"
    return Row(work, ours.told(), bare.told(), measured, goal, found <= limit, len(ours.wall_s), detail)


def faster(work: str, ours: Figures, bare: Figures, times: float, *, detail: str = "") -> Row:
    """A row whose goal is to be so many times faster than bare."""
    found = 1 / ratio(ours, bare)
    goal, measured = f"≥ {times:g} × faster", f"{found:.1f} × faster"
    return Row(work, ours.told(), bare.told(), measured, goal, found >= times, len(ours.wall_s), detail)


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Seconds on the clock of what stands in the block, when it has ended."""
    seconds: list[float] = []
    begun = time.monotonic()
    yield seconds
    seconds.append(time.monotonic() - begun)


def children_peak() -> int:
    """Bytes of the largest child so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
