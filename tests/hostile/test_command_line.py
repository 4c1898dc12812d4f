"""The program on hostile files: an exit code that tells the truth, in bounded time, with nothing touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from gotool import real

from hostile.command_line import Seen, Spoiled, cases, look, spoiled, stands
from hostile.world import BREAK, World
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

CASES, PARTS = 120, 12
"""Every fourth part really starts the program, the others fork it; benchmarks/hostile.py starts it always."""
Record = Callable[[str, object], None]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    real(resolve_helm)
    real(resolve_oasdiff)


def told(seen: list[Seen]) -> str:
    return "\n".join(f"{one.case}: {fault}" for one in seen for fault in one.faults)


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_files(part: int, tmp_path: Path, record_property: Record) -> None:
    world = World(tmp_path, starts=part % 4 == 0)
    seen = [look(world, case) for case in islice(cases(CASES), part, None, PARTS)]
    slowest, memory = max(one.ran.seconds for one in seen), max(one.ran.memory for one in seen)
    record_property("hostile", ("the command line", len(seen), slowest, memory))
    assert len(seen) == CASES // PARTS
    assert not told(seen)


@pytest.mark.skipif(os.name != "posix", reason="named pipes and modes are POSIX's")
@pytest.mark.parametrize("case", [pytest.param(one, id=one.name) for one in spoiled()])
def test_hostile_repositories(case: Spoiled, tmp_path: Path) -> None:
    world = World(tmp_path, starts=False)
    world.stage({path.encode(): text.encode() for path, text in BREAK.items()})
    ran, faults = stands(world, case)
    assert not faults
    assert ran.code in case.codes, ran.stdout + ran.stderr
