"""What the tests run instead of a started program is the program: forked.py."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import forked
import pytest
from conftest import CHECKOUT, LONGEST, Scratch

PROTO = 'syntax = "proto3";\npackage a.v1;\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
SECONDS = r"[\d.]+ s$"


def started(argv: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workspai_hooks", *argv],
        cwd=cwd,
        env=dict(os.environ),  # readline tells children of a width that is not in it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def without_times(text: str) -> object:
    value = json.loads(text)
    del value["timings_ms"]
    return value


def test_a_forked_run_says_and_leaves_what_a_started_one_does(
    scratch: Callable[..., Scratch],
) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": PROTO.replace("  int32 y = 2;\n", "")})
    for argv in (["check"], ["check", "--base", "nowhere"], ["check", "--no-such-flag"], ["rules"]):
        real, ours = started(argv, made.root), forked.completed(argv, made.root)
        assert (ours.returncode, ours.stderr) == (real.returncode, real.stderr)
        assert re.sub(SECONDS, "", ours.stdout) == re.sub(SECONDS, "", real.stdout)
    argv = ["check", "--format", "json"]
    real, ours = started(argv, made.root), forked.completed(argv, made.root)
    assert (ours.returncode, without_times(ours.stdout)) == (1, without_times(real.stdout))


def test_a_run_has_nothing_of_another(scratch: Callable[..., Scratch], tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": PROTO.replace("  int32 y = 2;\n", "")})
    before = os.getcwd(), dict(os.environ)
    assert forked.completed(["check"], made.root, {"PATH": str(tmp_path)}).returncode == 3  # there is no git
    assert forked.completed(["check"], made.root).returncode == 1
    assert (os.getcwd(), dict(os.environ)) == before


@pytest.mark.skipif(not forked.IS_POSSIBLE, reason="this system has no fork")
def test_what_counts_at_the_start_of_python_needs_a_start() -> None:
    assert forked.needs_a_start(["PYTHONHASHSEED"])
    assert forked.needs_a_start(["LC_ALL"])
    assert not forked.needs_a_start(["GIT_DIR", "CI"])


def test_files_that_take_longest_are_there() -> None:
    assert [name for name in LONGEST if not (CHECKOUT / "tests" / name).is_file()] == []
