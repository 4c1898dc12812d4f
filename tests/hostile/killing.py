"""Kills runs at any moment, and looks at what they have left: repository, index, processes, folders."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from hostile.world import BREAK, FILES, OPENAPI, World

CHANGES: Mapping[str, str] = {
    **BREAK,
    "api/openapi.yaml": OPENAPI.replace("        total: {type: integer}\n", "        sum: {type: integer}\n"),
    "chart/values.yaml": "port: 8080\nname: orders\n",
    "k/web.yaml": str(FILES["k/web.yaml"]).replace("port: 80,", "port: 81,"),
}
"""A break of every kind of contract."""
MOMENT_S = 5.0
"""So long a process may outlive the run that started it; on an idle machine it is a tenth of a second."""


class Way(msgspec.Struct, frozen=True):
    """How a run is started: its flags, and whether the index of facts is there."""

    name: str
    arguments: tuple[str, ...]
    is_warm: bool
    pushes: bool = False


WAYS = (
    Way("commit, cold", ("--stage", "pre-commit"), False),
    Way("commit, warm", ("--stage", "pre-commit"), True),
    Way("push, cold", ("--stage", "pre-push"), False, True),
    Way("push, warm", ("--stage", "pre-push"), True, True),
)


class Kill(msgspec.Struct, frozen=True):
    """`at_s` after the start; `whole`: with all that it has started, as the end of a terminal does it."""

    way: Way
    at_s: float
    whole: bool


class Left(msgspec.Struct, frozen=True):
    """What a kill has left. `ended`: the run was over before; `orphans_s`: how long its children lived on."""

    kill: Kill
    ended: bool
    orphans_s: float
    faults: tuple[str, ...]


def verdict_of(code: int, output: bytes) -> tuple[int, str]:
    """Exit code and report, without what it took."""
    try:
        report: dict[str, Any] = json.loads(output)
    except ValueError:
        return code, f"no report: {output[:500]!r}"
    del report["timings_ms"]
    return code, json.dumps(report, sort_keys=True)


class Scene:
    """A repository with a break of each kind, staged; the same on a branch that is pushed."""

    def __init__(self, root: Path) -> None:
        self.world = World(root)
        self.world.stage({path.encode(): text.encode() for path, text in CHANGES.items()})
        self.world.git("commit", "--quiet", "--no-verify", "-m", "pushed")
        self.pushed = self.world.git("rev-parse", "HEAD").decode().strip()
        self.world.git("reset", "--quiet", "--soft", self.world.base)
        self.cache = self.world.root / ".git/workspai-hooks"
        self.state = self.world.state()

    @cached_property
    def verdicts(self) -> dict[Way, tuple[int, str]]:
        """What each way says when nothing is killed."""
        return {way: self.verdict(way) for way in WAYS}

    @cached_property
    def life_s(self) -> dict[Way, float]:
        """How long each way takes."""
        found = {}
        for way in WAYS:
            self._prepare(way)
            began = time.monotonic()
            self.verdict(way)
            found[way] = time.monotonic() - began
        return found

    def kills(self, count: int, salt: int = 0) -> Iterator[Kill]:
        """Moments over a run's whole life, in each way in turn."""
        rng = random.Random(salt)
        for number in range(count):
            way = WAYS[number % len(WAYS)]
            yield Kill(way, rng.uniform(0.0, self.life_s[way] * 1.05), rng.random() < 0.5)

    def verdict(self, way: Way) -> tuple[int, str]:
        """Exit code and report of a run that nobody kills, without what it took."""
        with self.started(way) as process:
            output, error = process.communicate(timeout=120)
        if error:
            return process.returncode, f"the index was not sound: {error!r}"
        return verdict_of(process.returncode, output)

    def started(self, way: Way) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "workspai_hooks", "check", "--format", "json", *way.arguments]
        process = subprocess.Popen(
            argv,
            cwd=self.world.root,
            env=self.world.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdin is not None
        if way.pushes:
            process.stdin.write(f"refs/heads/x {self.pushed} refs/heads/x {'0' * 40}\n".encode())
        process.stdin.close()
        process.stdin = None
        return process

    def _prepare(self, way: Way) -> None:
        if not way.is_warm:
            shutil.rmtree(self.cache, ignore_errors=True)
        elif not self.cache.exists():
            self.verdict(way)

    def done_with(self, kill: Kill) -> Left:
        """Start a run, kill it, and look at once."""
        self._prepare(kill.way)
        process = self.started(kill.way)
        with suppress(subprocess.TimeoutExpired):
            process.wait(kill.at_s)
        ended = process.poll() is not None
        if not ended:  # its number may be somebody else's by now
            with suppress(ProcessLookupError):
                (os.killpg if kill.whole else os.kill)(process.pid, signal.SIGKILL)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()
        began = time.monotonic()
        faults = []
        while (alive := of_session(process.pid)) and time.monotonic() - began < MOMENT_S:
            time.sleep(0.005)
        orphans_s = time.monotonic() - began
        if alive:
            faults.append(f"left processes: {alive}")
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return Left(kill, ended, orphans_s, (*faults, *self.damage()))

    def damage(self) -> Iterator[str]:
        after = self.world.state()
        for path in sorted(self.state.keys() | after.keys()):
            if self.state.get(path) != after.get(path):
                yield f"touched {path}"
        if (self.cache / "index.sqlite").exists():
            with tempfile.TemporaryDirectory() as copy:  # to look at it may mend it
                shutil.copytree(self.cache, Path(copy, "cache"))
                with closing(sqlite3.connect(Path(copy, "cache/index.sqlite"))) as index:
                    said = index.execute("PRAGMA integrity_check").fetchall()
            if said != [("ok",)]:
                yield f"the index is not sound: {said}"

    def next_run(self, way: Way, wanted: tuple[int, str] | None = None) -> list[str]:
        """Why the run after a kill is not as it should be."""
        faults = []
        wanted = wanted or self.verdicts[way]
        now = self.verdict(way)
        if now != wanted:
            faults.append(f"the next run says something else: {_difference(wanted, now)}")
        if self.world.left_over():
            faults.append(f"the next run leaves {self.world.left_over()}")
        done = subprocess.run(
            ["git", "fsck", "--strict"],
            cwd=self.world.root,
            env=self.world.env,
            capture_output=True,
            check=False,
        )
        return [*faults, *([f"git fsck: {done.stderr!r}"] if done.returncode else []), *self.damage()]


def _difference(wanted: tuple[int, str], now: tuple[int, str]) -> str:
    """Where two verdicts part, and what the second one leaves open."""
    at = next((n for n, (a, b) in enumerate(zip(wanted[1], now[1], strict=False)) if a != b), 0)
    asked = now[1].partition('"undecided": ')[2]
    return (
        f"code {wanted[0]}, now {now[0]}; {wanted[1][at:][:200]} … {now[1][at:][:200]}; open: {asked[:500]}"
    )


def of_session(session: int) -> list[str]:
    """Processes of a session that have not ended: their number, state and name."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError, ValueError):
                before, _, after = Path("/proc", name, "stat").read_text().rpartition(")")
                state, _, _, its_session = after.split()[:4]
                if int(its_session) == session and state not in ("Z", "X"):
                    found.append(f"{before}) {state}")
    return found


def told(lefts: Sequence[Left]) -> str:
    """Figures of many kills."""
    alone = [one for one in lefts if not one.kill.whole and not one.ended]
    longest = max((one.orphans_s for one in alone), default=0)
    return (
        f"{len(lefts)} kills, {sum(one.ended for one in lefts)} of them after the end; of {len(alone)} runs "
        f"that were killed without their children, these lived on for {longest:.2f} s at most"
    )
