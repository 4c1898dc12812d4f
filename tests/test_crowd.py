"""Eight runs at once in one repository, half of them killed at any moment; benchmarks/crowd.py has 200
rounds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from gotool import real
from hostile.crowd import Crowd, Writers
from hostile.killing import Scene

from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_eight_hooks_at_once(tmp_path: Path) -> None:
    real(resolve_helm)
    real(resolve_oasdiff)
    assert [one.faults for one in Crowd(Scene(tmp_path), salt=3).rounds(1)] == [()]


def test_eight_processes_that_fill_it(tmp_path: Path) -> None:
    writers = Writers(tmp_path, salt=3)
    assert [fault for _ in range(2) for fault in writers.faults()] == []
