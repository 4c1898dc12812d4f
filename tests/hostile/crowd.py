"""Many runs at once in one repository, some of them killed at any moment: what the others say, and what is
left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from hostile.killing import MOMENT_S, WAYS, Kill, Scene, Way, of_session, verdict_of

AT_ONCE = 8
FILES = frozenset({"index.sqlite", "index.sqlite-wal", "index.sqlite-shm"})
"""What may stand in our folder; the last two while somebody has the first one open, or was killed."""


class Round(msgspec.Struct, frozen=True):
    """One round: who ran how, what was wrong, and how often a run said that it goes on without the index."""

    faults: tuple[str, ...]
    said: tuple[str, ...]
    killed: int


class Crowd:
    """Rounds in the repository of a scene. Every other one begins without an index, which all then make."""

    def __init__(self, scene: Scene, salt: int = 0) -> None:
        self._scene = scene
        self._rng = random.Random(salt)
        self._ways = [way for way in WAYS if not way.is_warm]
        self._alone: dict[Way, tuple[int, str]] = {}
        self._life_s = 0.0
        for way in self._ways:
            began = time.monotonic()
            self._alone[way] = scene.verdict(way)
            self._life_s = max(self._life_s, time.monotonic() - began)

    def rounds(self, count: int) -> Iterator[Round]:
        for number in range(count):
            if number % 2 == 0:
                shutil.rmtree(self._scene.cache, ignore_errors=True)
            yield self._round()

    def _round(self) -> Round:
        rng = self._rng
        ways = [rng.choice(self._ways) for _ in range(AT_ONCE)]
        doomed = set(rng.sample(range(AT_ONCE), AT_ONCE // 2))
        kills = [
            # with seven others a run takes several times as long
            Kill(way, rng.uniform(0.0, self._life_s * AT_ONCE / 2), rng.random() < 0.5)
            if at in doomed
            else None
            for at, way in enumerate(ways)
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = list(pool.map(self._one, ways, kills))
        faults = [fault for one, _ in ended for fault in one]
        said = [line for _, lines in ended for line in lines]
        faults += self._left()
        return Round(tuple(faults), tuple(said), len(doomed))

    def _one(self, way: Way, kill: Kill | None) -> tuple[list[str], list[str]]:
        """One run: what is wrong with it, and what it said besides its report."""
        process = self._scene.started(way)
        if kill is not None:
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=kill.at_s)
                return [], []
            with suppress(ProcessLookupError):
                (os.killpg if kill.whole else os.kill)(process.pid, signal.SIGKILL)
            process.communicate()
            return self._orphans(process.pid), []
        output, error = process.communicate(timeout=300)
        now, wanted = verdict_of(process.returncode, output), self._alone[way]
        lines = error.decode().splitlines()
        strange = [line for line in lines if not line.startswith("workspai-hooks: ")]
        wrong = [f"{way.name} says something else: {now[0]} for {wanted[0]}"] if now != wanted else []
        return [*wrong, *strange], lines

    @staticmethod
    def _orphans(session: int) -> list[str]:
        until = time.monotonic() + MOMENT_S * AT_ONCE
        while alive := of_session(session):
            if time.monotonic() > until:
                with suppress(ProcessLookupError):
                    os.killpg(session, signal.SIGKILL)
                return [f"left processes: {alive}"]
            time.sleep(0.01)
        return []

    def _left(self) -> Iterator[str]:
        """What is wrong when all are gone; then with the run after them."""
        yield from self._scene.damage()
        names = {one.name for one in self._scene.cache.iterdir()} if self._scene.cache.exists() else set()
        yield from (f"left {name} in our folder" for name in sorted(names - FILES))
        way = self._rng.choice(self._ways)
        yield from self._scene.next_run(way, self._alone[way])


def figures(rounds: Sequence[Round]) -> str:
    """Figures of many rounds."""
    faults = sum(len(one.faults) for one in rounds)
    without = Counter(line.rpartition(": ")[2] for one in rounds for line in one.said)
    told = ", ".join(f"{count} times {why}" for why, count in sorted(without.items())) or "never"
    return (
        f"{len(rounds)} rounds of {AT_ONCE} runs, {sum(one.killed for one in rounds)} of them killed: "
        f"{faults} faults; a run said that it goes on without the index: {told}"
    )


class Writers:
    """The index alone under a crowd: processes that fill it beyond its limit, read what others wrote, and are
    killed."""

    def __init__(self, folder: Path, salt: int = 0) -> None:
        self._path = folder / "workspai-hooks" / "index.sqlite"
        self._rng = random.Random(salt)

    def faults(self) -> Iterator[str]:
        """One round."""
        started = [
            subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("writer.py")), str(self._path), str(seed)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for seed in self._rng.sample(range(10**6), AT_ONCE)
        ]
        time.sleep(self._rng.uniform(0.1, 1.2))
        for one in started[: AT_ONCE // 2]:
            one.kill()
        for number, one in enumerate(started):
            output, _ = one.communicate(timeout=120)
            if number >= AT_ONCE // 2 and (one.returncode or output):
                yield f"a writer ended with {one.returncode}: {output.decode()[-500:]}"
        yield from sound(self._path)


def sound(path: Path) -> Iterator[str]:
    """What is wrong with an index that nobody uses, as its next user finds it."""
    import sqlite3
    from contextlib import closing

    from workspai_hooks.kept import place
    from workspai_hooks.kept.limit import LEAST

    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as index:
        said = index.execute("PRAGMA integrity_check").fetchall()
    if said != [("ok",)]:
        yield f"the index is not sound: {said}"
    if place.size(path) > LEAST:
        yield f"the index is larger than its limit: {place.size(path)}"
    yield from (f"left {one.name}" for one in path.parent.iterdir() if one.name not in FILES)
