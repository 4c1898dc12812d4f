"""Private folders of tools: gone at the end, and those that a killed run has left gone with the next one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workspai_hooks.tools import scratch
from workspai_hooks.tools.scratch import Scratch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of folders are POSIX's")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(scratch, "_looked", set())
    return tmp_path


def holder(temporary: Path) -> subprocess.Popen[bytes]:
    """A process that has a folder, until it is killed."""
    body = (
        "from workspai_hooks.tools.scratch import Scratch as S\nwith S() as f: print(f, flush=True), input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", body],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def test_it_is_gone_at_the_end(temporary: Path) -> None:
    with Scratch() as folder, Scratch() as other:
        (folder / "a").write_text("b")
        assert sorted(temporary.iterdir()) == sorted((folder, other))
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_has_left_is_removed_by_the_next_one_and_what_a_living_one_has_is_not(
    temporary: Path,
) -> None:
    dead, living = holder(temporary), holder(temporary)
    dead.kill()
    dead.wait()
    assert len(list(temporary.iterdir())) == 2
    with Scratch() as folder:
        left = set(temporary.iterdir()) - {folder}
        assert len(left) == 1
    living.communicate(b"\n")
    assert list(temporary.iterdir()) == []


def test_what_is_somebody_elses_stays(temporary: Path) -> None:
    (temporary / "workspai-hooks").mkdir()
    (temporary / "workspai-demo-12345678").mkdir()
    (temporary / "elsewhere").mkdir()
    (temporary / "workspai-tool-abcd1234").symlink_to(temporary / "elsewhere")
    before = sorted(temporary.iterdir())
    with Scratch():
        pass
    assert sorted(temporary.iterdir()) == before


def test_threads_and_runs_that_begin_at_once_keep_their_folders(temporary: Path) -> None:
    body = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from workspai_hooks.tools.scratch import Scratch
def use(number):
    with Scratch() as folder:
        for part in range(20):
            (folder / str(part)).write_text("x")
        return len(list(folder.iterdir()))
with ThreadPoolExecutor(8) as pool:
    assert set(pool.map(use, range(40))) == {20}
"""
    env = {**os.environ, "TMPDIR": str(temporary)}
    runs = [subprocess.Popen([sys.executable, "-c", body], env=env) for _ in range(4)]
    assert [run.wait(60) for run in runs] == [0, 0, 0, 0]
    assert list(temporary.iterdir()) == []
