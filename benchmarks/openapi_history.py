"""Holds our rows against bare oasdiff's: over a repository's history, and over version steps of a large
description.

git clone https://github.com/temporalio/api python benchmarks/openapi_history.py history api
openapi/openapiv3.yaml [--commits 100] python benchmarks/openapi_history.py history api openapi/openapiv2.json
--convert ./openapi2conv python benchmarks/openapi_history.py steps OLD.json NEW.json NEWER.json … python
benchmarks/openapi_history.py cold BASE HEAD      # two files: times and memory of a process of its own

Compared is the set of (id, operation, path), twice: what oasdiff says of the whole files with the flags that
ours gives it, and the same with its `allOf`s merged (tools/oasdiff.py). `--convert` names a program that
makes OpenAPI 3 of Swagger 2 (benchmarks/openapi2conv, kin-openapi's own): bare oasdiff gets what it makes, we
the file as it is. See benchmarks/openapi_history.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from workspai_hooks.breaking.openapi.comparison import compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.reduced import reduce
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools.oasdiff import NotMergedError, Oasdiff, Row, changes, resolve_oasdiff

Told = frozenset[tuple[str, str, str]]
_FLAGS = (
    *("--format", "json", "--lang", "en", "--level", "INFO", "--stability-level", "draft"),
    *("--flatten-params", "--auto-upgrade"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One step: rows both ways, plain and merged, or why there are none; CPU seconds of both ways."""

    name: str
    bare: Told
    ours: Told
    bare_merged: Told
    ours_merged: Told
    failure: str
    undecided: tuple[str, ...]
    breaks: int
    bare_s: float
    ours_s: float


def cpu() -> float:
    """CPU seconds of this process and its children so far: the wall clock of a busy machine says little."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def plain(tool: Oasdiff, base: Path, head: Path) -> Told:
    """Bare oasdiff's rows; what it says instead is a RuntimeError."""
    argv = [tool.path, "changelog", *_FLAGS, str(base), str(head)]
    done = subprocess.run(argv, capture_output=True, check=False, cwd=base.parent)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip()[:200])
    rows = json.loads(done.stdout)
    return frozenset((row["id"], row.get("operation", ""), row.get("path", "")) for row in rows)


def told(rows: tuple[Row, ...]) -> Told:
    return frozenset((row.id, row.operation, row.path) for row in rows)


def merged(tool: Oasdiff, base: Path, head: Path) -> Told:
    try:
        return told(changes(tool, base, head))
    except NotMergedError as error:
        return told(error.rows)


def step(name: str, base: bytes, head: bytes, suffix: str, convert: Callable[[bytes], bytes]) -> Answer:
    """Both ways on two texts of one description."""
    tool = resolve_oasdiff()
    path = f"api{suffix}"
    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder, f"{side}{suffix}") for side in ("base", "head")]
        for file, text in zip(sides, (base, head), strict=True):
            file.write_bytes(convert(text))
        failure, bare, bare_merged = "", frozenset(), frozenset()
        began = cpu()
        try:
            bare = plain(tool, *sides)
        except RuntimeError as error:
            failure = str(error)
        bare_s = cpu() - began
        if not failure:
            bare_merged = merged(tool, *sides)
        before, after = Snapshot.of({path: base}, "base"), Snapshot.of({path: head})
        reduced = reduce(Description(Library(before), path), Description(Library(after), path))
        for file, text in zip(sides, (reduced.base, reduced.head), strict=True):
            file.with_suffix(".json").write_bytes(text)
        ours = plain(tool, *(file.with_suffix(".json") for file in sides))
    before, after = Snapshot.of({path: base}, "base"), Snapshot.of({path: head})
    began = cpu()
    answer = compare(before, after, [path], tool)
    ours_s = cpu() - began
    undecided = tuple(f"{one.what} {one.why}" for one in (*answer.undecided, *answer.base_errors))
    rows = told(tuple(row for _, row in answer.rows))
    return Answer(name, bare, ours, bare_merged, rows, failure, undecided, len(answer.breaks), bare_s, ours_s)


def show(answers: list[Answer]) -> None:
    """What differs, line by line, and the sums."""
    for one in answers:
        for label, theirs, ours in (
            ("plain", one.bare, one.ours),
            ("merged", one.bare_merged, one.ours_merged),
        ):
            if one.failure or theirs == ours:
                continue
            print(f"{one.name} {label}")
            for sign, rows in (("-", theirs - ours), ("+", ours - theirs)):
                for row in sorted(rows):
                    print(f"  {sign} {' '.join(row)}")
        for question in one.undecided:
            print(f"{one.name} undecided: {question}")
    good = [one for one in answers if not one.failure]
    print(f"steps {len(answers)}, bare oasdiff answers {len(good)}")
    print(f"same rows {sum(one.bare == one.ours for one in good)}, {sum(len(one.bare) for one in good)} rows")
    same = sum(one.bare_merged == one.ours_merged for one in good)
    print(f"same rows with allOf merged {same}, {sum(len(one.bare_merged) for one in good)} rows")
    print(
        f"breaks {sum(one.breaks for one in answers)}, "
        f"steps with open questions {sum(bool(one.undecided) for one in answers)}"
    )
    for failure, count in Counter(one.failure for one in answers if one.failure).most_common(3):
        print(f"bare oasdiff fails {count} times: {failure}")
    if good:
        medians = [statistics.median(getattr(one, key) for one in good) for key in ("bare_s", "ours_s")]
        print("CPU seconds, median: bare {:.2f}, ours {:.2f}".format(*medians))


def history(clone: Path, path: str, count: int, program: str | None) -> list[Answer]:
    def git(*args: str) -> bytes:
        return subprocess.run(["git", "-C", str(clone), *args], capture_output=True, check=True).stdout

    only = ("--first-parent", "--min-parents=1", "--diff-filter=M", "--format=%H", f"-{count}")
    answers = []
    for commit in git("log", *only, "--", path).decode().split():
        base, head = (git("show", f"{rev}:{path}") for rev in (f"{commit}~1", commit))
        convert = (lambda text: converted(str(program), text)) if program else lambda text: text
        answers.append(step(commit[:10], base, head, Path(path).suffix, convert))
    return answers


def converted(program: str, text: bytes) -> bytes:
    """Swagger 2 as OpenAPI 3; definitions that nobody wrote are empty ones, or nothing could be converted."""
    value = json.loads(text)
    names = set(json.dumps(value).split('"#/definitions/')[1:])
    for name in (one.partition('"')[0] for one in names):
        value.setdefault("definitions", {}).setdefault(name, {})
    done = subprocess.run([program], input=json.dumps(value).encode(), capture_output=True, check=True)
    return done.stdout


ONCE = """
import sys, resource
from pathlib import Path
from workspai_hooks.breaking.openapi.comparison import compare
from workspai_hooks.changes.snapshot import Snapshot
name = "api" + Path(sys.argv[1]).suffix
base, head = (Snapshot.of({name: Path(path).read_bytes()}, path) for path in sys.argv[1:])
answer = compare(base, head, [name])
for one in (*answer.undecided, *answer.base_errors): print(one.what, one.why)
print(len(answer.rows), len(answer.breaks))
who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
print("MiB:", *(resource.getrusage(one).ru_maxrss // 1024 for one in who))
"""


def cold(base: Path, head: Path) -> None:
    """A process of its own each, with nothing kept, three times: the best."""
    tool = resolve_oasdiff()
    ways = {
        "bare": [tool.path, "changelog", "--format", "json", "--flatten-params", str(base), str(head)],
        "ours": [sys.executable, "-c", ONCE, str(base), str(head)],
    }
    best: dict[str, tuple[float, float]] = {}
    for name, argv in ways.items():
        for _ in range(3):
            began, clock = cpu(), time.perf_counter()
            done = subprocess.run(argv, capture_output=True, check=False, env={**os.environ})
            spent = (cpu() - began, time.perf_counter() - clock)
            best[name] = min(best.get(name, spent), spent)
        print(f"{name}: {best[name][0]:.2f} CPU s, {best[name][1]:.2f} s", end="")
        print(f", exit {done.returncode} {done.stderr.decode()[-200:]}" if done.returncode else "")
        if name == "ours":
            print(done.stdout.decode().strip())
    ratios = [mine / theirs for mine, theirs in zip(best["ours"], best["bare"], strict=True)]
    print("ours/bare: CPU {:.3f}, clock {:.3f}".format(*ratios))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    past = verbs.add_parser("history")
    past.add_argument("clone", type=Path)
    past.add_argument("path")
    past.add_argument("--commits", type=int, default=100)
    past.add_argument("--convert")
    verbs.add_parser("steps").add_argument("files", type=Path, nargs="+")
    one = verbs.add_parser("cold")
    one.add_argument("base", type=Path)
    one.add_argument("head", type=Path)
    asked = parser.parse_args()
    try:
        if asked.verb == "history":
            show(history(asked.clone, asked.path, asked.commits, asked.convert))
        elif asked.verb == "steps":
            files: list[Path] = asked.files
            pairs = pairwise(files)
            show(
                [
                    step(f"{a} {b}", a.read_bytes(), b.read_bytes(), a.suffix, lambda text: text)
                    for a, b in pairs
                ]
            )
        else:
            cold(asked.base, asked.head)
    except UndecidedError as error:
        print(error.undecided, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
