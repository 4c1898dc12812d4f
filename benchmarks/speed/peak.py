"""The memory of a run: of all its processes together, against one ceiling."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from speed.measure import Row, environment

CEILING = 1 << 30
"""Bytes of all processes together, of any run in any of the systems that are measured (docs/security.md)."""
EVERY_S = 0.05


def memory(work: str, peak: int) -> Row:
    """The row of a run that took so many bytes."""
    goal = f"≤ {CEILING >> 20} MiB"
    return Row(work, "–", "–", f"{peak >> 20} MiB", goal, peak <= CEILING, 1)


def peak_of_all(argv: Sequence[str], root: Path) -> int:
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
