"""An index that is damaged anywhere: no other fact is ever read from it, the reason is said, and the next run
has a sound one."""

from __future__ import annotations

from pathlib import Path

from hostile.damaging import Scene

TIMES = 40
"""benchmarks/damaged.py does it thousands of times."""


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert [fault for seed in range(TIMES) for fault in scene.faults(seed)] == []
