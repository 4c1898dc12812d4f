"""Eight hooks at once in one repository, half of them killed at random: what they say and leave is right."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from speed.measure import Bench, Row, stopwatch

ROUNDS = 20
"""For each run that is asked for."""


def rows(bench: Bench) -> Iterator[Row]:
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    from hostile.crowd import AT_ONCE, Crowd, Writers
    from hostile.killing import Scene

    count = bench.runs * ROUNDS
    with stopwatch() as seconds:
        rounds = []
        for one in Crowd(Scene(bench.folder / "hooks"), salt=1).rounds(count):
            rounds.append(one)
            if len(rounds) % 10 == 0:
                bench.say(f"{len(rounds)} rounds, {sum(len(each.faults) for each in rounds)} faults")
    faults = [fault for one in rounds for fault in one.faults]
    without = sum(len(one.said) for one in rounds)
    killed = sum(one.killed for one in rounds)
    yield Row(
        f"{AT_ONCE} hooks at once in one repository, half of them killed, {count} rounds",
        f"{seconds[0]:.0f} s",
        "–",
        f"{len(faults)} faults in {count * AT_ONCE} runs ({killed} killed)",
        "no wrong verdict, no corrupt cache, no leftover lock",
        not faults,
        len(rounds),
        "; ".join([f"{without} runs went on without the index", *faults[:3]]),
    )
    (bench.folder / "writers").mkdir()
    writers = Writers(bench.folder / "writers", salt=1)
    broken = [fault for _ in range(count) for fault in writers.faults()]
    yield Row(
        f"{AT_ONCE} processes that fill the index beyond its limit, half of them killed, {count} rounds",
        "–",
        "–",
        f"{len(broken)} faults",
        "below its limit, sound, no other fact",
        not broken,
        count,
        "; ".join(broken[:3]),
    )
