"""Runs our program as nobody's child but ours: how long it took, how much memory all of its processes had."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import forked
import msgspec

PAGE = resource.getpagesize()
GIVEN_UP_AFTER_S = 60.0


class Ran(msgspec.Struct, frozen=True):
    """`seconds` by the clock, `cpu` of all its processes; `memory`: the most bytes that they had together.

    It is sampled: what `getrusage` says of a child begins with what its parent had.
    """

    code: int
    stdout: str
    stderr: str
    seconds: float
    cpu: float
    memory: int


def measured(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: bytes = b"", *, starts: bool = True
) -> Ran:
    """Run our program to its end; what is not done after a minute is killed, and ends with code -9.

    Where it `starts` nothing, it is forked from one that has loaded everything (forked.py).
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        begin = _Started if starts or not forked.IS_POSSIBLE else _Forked
        began = time.monotonic()
        process = begin(argv, cwd, env, [one.fileno() for one in (given, out, err)])
        watched = _Watched(process.pid)
        watched.start()
        code, cpu = process.wait()
        seconds = time.monotonic() - began
        watched.over.set()
        watched.join()
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))
    return Ran(code, *said, seconds, cpu, watched.most)


class _Started:
    """The program, really started, in a session of its own."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], streams: list[int]) -> None:
        stdin, stdout, stderr = streams
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workspai_hooks", *argv],
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def wait(self) -> tuple[int, float]:
        _, status, used = os.wait4(self.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode, used.ru_utime + used.ru_stime


class _Forked(forked.Run):
    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], streams: list[int]) -> None:
        super().__init__(argv, str(cwd), env, streams, forked.server())


class _Watched(threading.Thread):
    """Looks at a process and its children every few milliseconds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self.over = threading.Event()
        self._pid = pid
        self._until = time.monotonic() + GIVEN_UP_AFTER_S

    def run(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, sum(map(memory_of, [self._pid, *descendants(self._pid)])))
            if time.monotonic() > self._until:
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, 9)


def memory_of(pid: int) -> int:
    """Bytes that a process has in memory; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def descendants(pid: int) -> list[int]:
    """Children, and theirs, that have not ended."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for task in _listed(parent):
            with suppress(OSError):
                children = [int(one) for one in Path(task, "children").read_bytes().split()]
                found += children
                waiting += children
    return found


def _listed(pid: int) -> list[str]:
    try:
        return [f"/proc/{pid}/task/{one}" for one in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []
