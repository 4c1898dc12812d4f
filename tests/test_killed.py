"""kill -9 at any moment: repository and index are sound, nothing is left, and the next run says the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from gotool import real
from hostile.killing import Scene

from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

KILLS, AT_ONCE = 60, 6
"""After `AT_ONCE` kills one run goes on to its end; benchmarks/killed.py has one after each of 200."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_runs_that_are_killed(tmp_path: Path) -> None:
    real(resolve_helm)
    real(resolve_oasdiff)
    scene = Scene(tmp_path)
    assert {way.name: verdict for way, verdict in scene.verdicts.items() if verdict[0] != 1} == {}
    faults = []
    for number, kill in enumerate(scene.kills(KILLS), 1):
        faults += [(kill, fault) for fault in scene.done_with(kill).faults]
        if number % AT_ONCE == 0:
            faults += [(kill, fault) for fault in scene.next_run(kill.way)]
    assert not faults
