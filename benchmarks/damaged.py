"""An index that is damaged at random places, again and again.

    python benchmarks/damaged.py [--times 2000] [--runs 200] [--salt 0]

Exits with 1 where a fact is read that was never written, a damaged index that was noticed is not sound in the
run after, or the verdict of a whole run is another one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile.damaging import Scene, Verdicts
from hostile.killing import Scene as Repository


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--salt", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder))
        first = given.salt * given.times
        faults = [fault for seed in range(first, first + given.times) for fault in scene.faults(seed)]
    with tempfile.TemporaryDirectory() as folder:
        verdicts = Verdicts(Repository(Path(folder)))
        first = given.salt * given.runs
        faults += [fault for seed in range(first, first + given.runs) for fault in verdicts.faults(seed)]
    print(*faults, f"{given.times} damages, {given.runs} whole runs, {len(faults)} faults", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
