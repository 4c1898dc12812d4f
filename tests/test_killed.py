"""kill -9 at any moment: repository and index are sound, nothing is left, and the next run says the same."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import pytest
from gotool import real
from hostile.killing import Scene

from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

KILLS, PARTS, AT_ONCE = 120, 2, 6
"""After `AT_ONCE` kills one run goes on to its end; benchmarks/killed.py has one after each of 200."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.mark.parametrize("part", range(PARTS))
def test_runs_that_are_killed(part: int, tmp_path: Path) -> None:
    real(resolve_helm)
    real(resolve_oasdiff)
    scene = Scene(tmp_path)
    assert {way.name: verdict for way, verdict in scene.verdicts.items() if verdict[0] != 1} == {}
    kills = list(islice(scene.kills(KILLS), part * KILLS // PARTS, (part + 1) * KILLS // PARTS))
    faults = []
    for number, kill in enumerate(kills, 1):
        faults += [(kill, fault) for fault in scene.done_with(kill).faults]
        if number % AT_ONCE == 0:
            faults += [(kill, fault) for fault in scene.next_run(kill.way)]
    assert not faults
