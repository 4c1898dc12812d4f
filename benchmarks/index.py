"""What the index costs and saves, as ratios against `git ls-files -s` and a bare interpreter.

    python benchmarks/index.py CLONE…      cold, nothing changed, a comment more, a statement changed
    python benchmarks/index.py --closure   the closure of the worst of 10,000 services with 100,000 edges

A clone is copied first (git clone --shared); nothing is written into it. Times are medians of wall clock,
and beside them of the processor's time, which says more where others work on the same machine.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.edges import Edge, Tier

RUNS = 7
TOOL = (sys.executable, "-m", "workspai_hooks", "graph", "--format", "json")
SOURCES = (".go", ".py", ".java", ".cs", ".ts", ".js", ".kt", ".rs", ".rb", ".php", ".cc", ".ex")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--closure", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    if arguments.closure:
        closure()
    with tempfile.TemporaryDirectory() as scratch:
        for clone in arguments.clones:
            measure(clone.resolve(), Path(scratch), arguments.runs)


def measure(clone: Path, scratch: Path, runs: int) -> None:
    copy = scratch / clone.name
    git("clone", "--quiet", "--shared", "--no-checkout", str(clone), str(copy), cwd=scratch)
    git("reset", "--quiet", cwd=copy)
    git("checkout-index", "--all", "--force", cwd=copy, check=False)
    files = len(git("ls-files", cwd=copy).splitlines())
    empty = scratch / "empty"
    if not empty.exists():
        git("init", "--quiet", str(empty), cwd=scratch)
    bare = median(lambda: run([sys.executable, "-c", ""], copy), runs)
    listing = median(lambda: run(["git", "ls-files", "-s"], copy), runs)
    nothing = median(lambda: run(TOOL, empty), runs)
    index = copy / ".git/workspai-hooks"
    cold = median(
        lambda: run(TOOL, copy), max(3, runs // 2), lambda: shutil.rmtree(index, ignore_errors=True)
    )
    warm = median(lambda: run(TOOL, copy), runs)
    moved = median(lambda: run(TOOL, copy), runs, before=lambda: touch(copy))
    run(TOOL, copy)
    changed = median(lambda: run(TOOL, copy), runs, before=lambda: retell(copy))
    print(f"{clone.name}: {files} files; bare interpreter {bare}, git ls-files -s {listing}")
    print(f"  empty repository    {nothing}  {nothing.wall / bare.wall:.1f} x bare")
    each = [seconds / files * 2000 for seconds in cold - nothing]
    print(f"  cold                {cold}  {each[0]:.2f} s ({each[1]:.2f} s cpu) for each 2,000 files")
    print(
        f"  nothing changed     {warm}  {warm - nothing} more, "
        f"{(warm - nothing).wall / listing.wall:.1f} x ls-files"
    )
    print(f"  a comment more      {moved}  {moved - nothing} more")
    print(f"  a statement changed {changed}  {changed - nothing} more")


def sources(copy: Path) -> list[str]:
    """Source files, the one of medium size first, then those nearest to it."""
    paths = [path for path in git("ls-files", cwd=copy).splitlines() if path.endswith(SOURCES)]
    sizes = sorted((file.stat().st_size, path) for path in paths if (file := copy / path).is_file())
    middle = len(sizes) // 2
    return [sizes[at][1] for at in sorted(range(len(sizes)), key=lambda at: abs(at - middle))]


def touch(copy: Path) -> None:
    """Stage one more comment in a source file of medium size."""
    path = sources(copy)[0]
    mark = "#" if path.endswith((".py", ".rb", ".ex")) else "//"
    with (copy / path).open("a") as file:
        file.write(f"\n{mark} {random.random()}\n")
    git("add", path, cwd=copy)


def retell(copy: Path) -> None:
    """Stage another text in a statement of a source file of about medium size."""
    for path in sources(copy):
        text = (copy / path).read_text(errors="surrogateescape")
        texts = list(re.finditer(r'(?<=\()"[a-z ]{4,}(?=")', text))
        if texts:
            at = texts[-1].end()
            more = random.choice("abcdefgh")
            (copy / path).write_text(text[:at] + more + text[at:], errors="surrogateescape")
            git("add", path, cwd=copy)
            return


def closure() -> None:
    """Ten edges a service, drawn at random with a fixed seed; the worst is reached by nearly all."""
    draw = random.Random(1)
    names = [f"service-{number:05d}" for number in range(10_000)]
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < 100_000:
        one, other = draw.randrange(len(names)), draw.randrange(len(names))
        if one != other:
            pairs.add((one, other))
    edges = [Edge(names[one], names[other], "grpc", Tier.PROVEN, ()) for one, other in sorted(pairs)]
    kept = msgspec.msgpack.encode(Callers.of(edges))
    worst = names[0]
    answer = Callers.of(edges).exposed({worst})
    with sqlite3.connect(":memory:") as rows:
        rows.execute("CREATE TABLE answer (service TEXT, provider TEXT, steps INTEGER)")
        rows.executemany(
            "INSERT INTO answer VALUES (?, ?, ?)", [(name, way[1], len(way)) for name, way in answer.items()]
        )
        reading = median(lambda: rows.execute("SELECT * FROM answer").fetchall(), RUNS)
    callers = msgspec.msgpack.decode(kept, type=Callers)
    walking = median(lambda: callers.exposed({worst}), RUNS)
    whole = median(lambda: msgspec.msgpack.decode(kept, type=Callers).exposed({worst}), RUNS)
    print(
        f"closure of {worst}: {len(answer)} services; {walking}, "
        f"{whole} with reading {len(kept):,} bytes back"
    )
    print(f"  reading its rows from SQLite {reading}: {walking.wall / reading.wall:.1f} x")


class Took(NamedTuple):
    """Seconds: on the wall, and of the processor (this process and its children)."""

    wall: float
    cpu: float

    def __sub__(self, other: Took) -> Took:
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def __str__(self) -> str:
        return f"{ms(self.wall)} ({ms(self.cpu)} cpu)"


def median(work: Callable[[], object], runs: int, before: Callable[[], object] = lambda: None) -> Took:
    times = []
    for _ in range(runs):
        before()
        start, used = time.perf_counter(), processor()
        work()
        times.append((time.perf_counter() - start, processor() - used))
    return Took(*map(statistics.median, zip(*times, strict=True)))


def processor() -> float:
    """Seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def run(argv: Sequence[str], folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(
        argv, cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )


def git(*args: str, cwd: Path, check: bool = True) -> str:
    done = subprocess.run(["git", *args], cwd=cwd, check=check, capture_output=True, text=True)
    return done.stdout


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
