"""An index that is damaged anywhere: no other fact is ever read from it, the reason is said, and the next run
has a sound one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hostile.damaging import Scene, Verdicts
from hostile.killing import Scene as Repository

TIMES, RUNS = 40, 3
"""benchmarks/damaged.py does it thousands of times."""


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert [fault for seed in range(TIMES) for fault in scene.faults(seed)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_verdict_is_that_of_a_run_without_it(tmp_path: Path) -> None:
    verdicts = Verdicts(Repository(tmp_path))
    assert [fault for seed in range(RUNS) for fault in verdicts.faults(seed)] == []
