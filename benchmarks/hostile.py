"""More hostile inputs than the tests have: other ones with each `--salt`, as many as are asked for.

    python benchmarks/hostile.py --count 100000             all readers of tests/hostile, by their weights
    python benchmarks/hostile.py --count 20000 openapi      those with a word in their names
    python benchmarks/hostile.py --files 1000               as many files at the command line

Exits with 1 where one was not stood; the input is kept beside the current folder, by its number.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile.command_line import cases, look
from hostile.running import Outcome, run, told
from hostile.table import TARGETS, share
from hostile.world import World


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--salt", type=int, default=1)
    given = parser.parse_args()
    failed = 0
    if given.count:
        failed += readers(given.count, given.salt, given.words)
    if given.files:
        failed += files(given.files, given.salt)
    return 1 if failed else 0


def readers(count: int, salt: int, words: list[str]) -> int:
    outcomes: list[Outcome] = []
    for target in TARGETS:
        if not words or any(word in target.name for word in words):
            outcomes.append(run(target, share(target, count), salt))
            for fault in outcomes[-1].faults:
                kept = Path(f"hostile-{target.name}-{fault.number}".replace("/", "_").replace(" ", "_"))
                kept.write_bytes(fault.data)
                print(f"{target.name}: {kept}: {fault.told.strip().splitlines()[-1]}")
    print(told(outcomes))
    print(f"{sum(one.inputs for one in outcomes)} inputs to {len(outcomes)} readers")
    return sum(len(one.faults) for one in outcomes)


def files(count: int, salt: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        seen = [look(world, case) for case in cases(count, salt)]
    for one in seen:
        for fault in one.faults:
            print(f"{one.case}: {fault}")
    codes = Counter(one.ran.code for one in seen)
    slowest, largest = max(seen, key=lambda one: one.ran.cpu), max(seen, key=lambda one: one.ran.memory)
    print(f"{len(seen)} files, exit codes {dict(sorted(codes.items()))}; at most {slowest.ran.cpu:.1f} s of")
    print(f"processor time ({slowest.case}) and {largest.ran.memory >> 20} MB ({largest.case})")
    return sum(len(one.faults) for one in seen)


if __name__ == "__main__":
    sys.exit(main())
