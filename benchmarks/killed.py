"""kill -9 at random moments, each followed by a run that nobody kills.

    python benchmarks/killed.py [--kills 200] [--salt 1]

Exits with 1 where a kill has left anything that it should not, or the next run says something else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile.killing import Scene, told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--salt", type=int, default=1)
    given = parser.parse_args()
    lefts, faults = [], 0
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder))
        _ = scene.verdicts
        for number, kill in enumerate(scene.kills(given.kills, given.salt)):
            lefts.append(scene.done_with(kill))
            for fault in (*lefts[-1].faults, *scene.next_run(kill.way)):
                faults += 1
                print(f"{number} {kill.way.name}, after {kill.at_s:.3f} s: {fault}")
    print(told(lefts))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
