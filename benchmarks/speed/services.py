"""A made system of 10,000 services in Python, each calling ten others by stubs, 100 sites each: a message
of one contract loses a field. Contracts, code and stubs are files of one repository, and really read; the
first index is a row of its own. `BENCH_SERVICES` takes another number."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import made_system

from speed.commit import HOOK
from speed.measure import Bench, Row, environment, git

SERVICES = int(os.environ.get("BENCH_SERVICES", "10000"))
LIMIT_MS = 150.0
LIMIT_MB = 500.0


def rows(bench: Bench) -> Iterator[Row]:
    root = bench.folder / "system"
    root.mkdir()
    made_system.write(root, SERVICES)
    made_system.commit(root)
    git(root, "checkout", "--quiet", "-b", "topic")
    lost = [_without(root, field) for field in range(made_system.FIELDS)]
    first_s, report = _asked(root, lost[0])
    sites = SERVICES * made_system.CALLS * made_system.FIELDS
    size = f"{SERVICES:,} services, {SERVICES * made_system.CALLS:,} edges, {sites:,} sites"
    hit = sum(len(one["consumers"]) for one in report["findings"])
    yield Row(f"{size}: the first index", f"{first_s:.1f} s", "–", f"{hit} consumers told", "", None, 1)
    held = sum(one.stat().st_size for one in (root / ".git/workspai-hooks").glob("index.sqlite*")) / 1e6
    yield Row("its size", f"{held:.0f} MB", "–", f"{held:.0f} MB", f"≤ {LIMIT_MB:g} MB", held <= LIMIT_MB, 1)
    walls, stages = [], []
    for turn in range(bench.runs):
        took, report = _asked(root, lost[1 + turn % (len(lost) - 1)])  # another break than the one before
        walls.append(took)
        stages.append(report["timings_ms"]["impact"])
    impact = median(stages)
    told = f"{impact:.0f} ms ({min(stages):.0f}–{max(stages):.0f})"
    goal = f"≤ {LIMIT_MS:g} ms"
    work = "the closure and all verdicts on a break of one message, with that index (the stage `impact`)"
    yield Row(work, told, "–", f"{impact:.0f} ms", goal, impact <= LIMIT_MS, bench.runs)
    yield Row("the whole hook of it", f"{median(walls):.2f} s", "–", "", "", None, bench.runs)


def _without(root: Path, field: int) -> str:
    """The id of a contract that lacks a field."""
    text = "".join(
        line
        for line in made_system.contract(7).splitlines(keepends=True)
        if not line.startswith(f"  string field{field} =")
    )
    place = root / f"lost{field}.proto"
    place.write_text(text)
    blob = git(root, "hash-object", "-w", place.name)
    place.unlink()
    return blob


def _asked(root: Path, blob: str) -> tuple[float, dict]:
    """Stage that contract, and run the hook: seconds, and its report."""
    git(root, "update-index", "--cacheinfo", f"100644,{blob},protos/s7/v1/s7.proto")
    begun = time.monotonic()
    argv = [*HOOK, "--format", "json"]
    done = subprocess.run(argv, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    if done.returncode != 1:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[-500:]}")
    return took, json.loads(done.stdout)
