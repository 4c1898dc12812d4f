"""Plays random git histories and holds our verdicts against bare buf, oasdiff and helm on the exported trees.

    python benchmarks/histories.py --count 1000 --seed 0 --jobs 2 [--command 0.1] [--log FILE]
    python benchmarks/histories.py --only 417 --keep /tmp/417

Prints a table of runs by kind with wrong greens, wrong reds and what was left undecided, and every mismatch
with its seed. `--command` is the share that goes through the real command line in a process of its own; the
others call the same entry point in this one. `--log` keeps an outcome a line, as JSON. The figures are in
benchmarks/histories.md, what is played and how it is judged in tests/histories/.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from histories.judge import Judgement
from histories.one import Outcome, run, shown


def play(seed: int, share: float) -> Outcome:
    """One seed; a fault of the benchmark itself is an outcome as well, so that it is not lost."""
    by_command = (seed * 7919) % 1000 < share * 1000
    try:
        return run(seed, by_command=by_command)
    except Exception:
        failed = Judgement(faults=(f"the benchmark failed: {traceback.format_exc()[-1500:]}",))
        return Outcome(seed, "failed", "", "", "", -1, 0, failed, ())


def kind_of(one: Outcome) -> str:
    where = "in a clone" if "clone," in one.state else ""
    if one.kind == "commit":
        return " ".join(["commit", "merge" if "merge" in one.state else "", where]).replace("  ", " ").strip()
    return f"{one.kind} {where}".strip()


def table(outcomes: list[Outcome]) -> Iterable[str]:
    names = (
        "run",
        "histories",
        "with breaks",
        "wrong greens",
        "wrong reds",
        "decidable",
        "of these undecided",
    )
    yield f"| {' | '.join((*names, 'other faults'))} |"
    yield f"|{' --- |' * (len(names) + 1)}"
    kinds = sorted({kind_of(one) for one in outcomes})
    for kind in [*kinds, "all"]:
        some = [one for one in outcomes if kind in (kind_of(one), "all")]
        decidable = [one for one in some if one.judgement.decidable]
        cells = (
            len(some),
            sum(one.breaks > 0 for one in some),
            sum(bool(one.judgement.missed) for one in some),
            sum(bool(one.judgement.invented) for one in some),
            len(decidable),
            sum(bool(one.judgement.undecided) for one in decidable),
            sum(bool(one.judgement.faults) for one in some),
        )
        yield f"| {kind} | {' | '.join(map(str, cells))} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--command", type=float, default=0.1, help="share by the real command line")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--only", type=int, help="this seed alone")
    parser.add_argument("--keep", type=Path, help="with --only: leave it in this folder")
    args = parser.parse_args()
    if args.only is not None:
        print("\n".join(shown(run(args.only, by_command=args.command >= 1, keep=args.keep))))
        return 0
    started = time.time()
    outcomes = []
    seeds = range(args.seed, args.seed + args.count)
    with multiprocessing.get_context("spawn").Pool(args.jobs, maxtasksperchild=50) as pool:
        for one in pool.imap_unordered(partial(play, share=args.command), seeds, chunksize=4):
            outcomes.append(one)
            if args.log:
                with args.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(one)) + "\n")
    outcomes.sort(key=lambda one: one.seed)
    print("\n".join(table(outcomes)))
    how = sorted(Counter(one.how for one in outcomes).items())
    print(
        f"\n{time.time() - started:.0f} s; asked {', '.join(f'by {name} {count}' for name, count in how)}\n"
    )
    wrong = [one for one in outcomes if not one.judgement.is_right]
    print("\n".join(line for one in wrong for line in shown(one)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
