"""Eight hooks at once in one repository, half of them killed at random, each round followed by a run of its
own; and eight processes at once that fill the index beyond its limit.

    python benchmarks/crowd.py [--rounds 200] [--salt 1]

Exits with 1 where a verdict is another one than alone, or anything is left or broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile.crowd import Crowd, Round, Writers, figures
from hostile.killing import Scene


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--salt", type=int, default=1)
    given = parser.parse_args()
    rounds: list[Round] = []
    faults: list[str] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for one in Crowd(Scene(Path(folder)), given.salt).rounds(given.rounds):
            for fault in one.faults:
                print(f"round {len(rounds)}: {fault}", flush=True)
            rounds.append(one)
            if len(rounds) % 10 == 0:
                print(f"{time.monotonic() - began:.0f} s: {figures(rounds)}", file=sys.stderr, flush=True)
    print(figures(rounds), f"in {time.monotonic() - began:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        writers = Writers(Path(folder), given.salt)
        for number in range(given.rounds):
            for fault in writers.faults():
                faults.append(fault)
                print(f"writers, round {number}: {fault}", flush=True)
    print(f"{given.rounds} rounds of writers: {len(faults)} faults")
    return 1 if faults or any(one.faults for one in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
