"""How much memory there is for more processes (Linux; elsewhere nothing is known)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_SYSTEM = Path("/proc/meminfo")
_OWN = Path("/proc/self/statm")
_GROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)
"""Limit and usage of the control group that a container runs in: of version 2, of version 1."""


def own_bytes() -> int:
    """What this process has in memory; 0 where that is not known."""
    with suppress(OSError, ValueError, IndexError):
        return int(_OWN.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def available_bytes() -> int | None:
    """What is there for more: the system's, or less where a container has a limit; None where that is not
    known."""
    known: list[int] = []
    with suppress(OSError, ValueError, IndexError):
        rows = (row.split() for row in _SYSTEM.read_text().splitlines())
        known += [int(row[1]) * 1024 for row in rows if row[0] == "MemAvailable:"]
    for limit, usage in _GROUPS:
        with suppress(OSError, ValueError):  # `max`: there is none
            known.append(max(0, int(limit.read_text()) - int(usage.read_text())))
    return min(known, default=None)
