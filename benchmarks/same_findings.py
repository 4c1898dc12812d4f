"""Whether another revision of this tool finds the same: `check` and `resilience` after seeded edits in
clones of public systems.

    python benchmarks/same_findings.py OTHER CLONE ... [--edits N]

OTHER is a checkout of this repository at the other revision, the clones are never written to.
Both get clones of their own with an index of their own, so that each edit but the first meets a warm one;
the reports in JSON must be equal but for their timings. Not part of CI: a clone takes a minute and more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

OURS = Path(__file__).resolve().parents[1]
SOURCES = (".go", ".py", ".java", ".kt", ".ts", ".js", ".cs", ".rb", ".rs", ".php", ".scala", ".ex")
SETTINGS = (".yaml", ".yml", ".json", ".properties")
WORD = re.compile(r"[tT]imeout|[rR]etry|[rR]etries|[dD]eadline|[bB]ackoff|Attempts")
ASIDE = re.compile(r"vendor/|node_modules/|\.pb\.|_pb2|package-lock")


def git(repository: Path, *args: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *args], check=True, capture_output=True, text=True, errors="replace"
    )
    return done.stdout


def clone_of(origin: Path, place: Path) -> Path:
    subprocess.run(["git", "clone", "-q", "--shared", str(origin), str(place)], check=True)
    git(place, "remote", "remove", "origin")  # its default branch would be another base
    return place


def edits(repository: Path, name: str, most: int) -> Iterator[tuple[str, str]]:
    """Path and new text: a number of a line that says something of policies, a line more, one less; by turns
    in a source and in a file of settings."""
    rng = random.Random(name)
    files = [path for path in git(repository, "ls-files").splitlines() if not ASIDE.search(path)]
    for number in range(most):
        suffixes = SETTINGS if number % 3 == 2 else SOURCES
        mine = [path for path in files if path.endswith(suffixes)]
        rng.shuffle(mine)
        for path in mine[:4000]:
            try:
                text = (repository / path).read_text()
            except (OSError, UnicodeDecodeError):
                continue
            lines = text.splitlines(keepends=True)
            hits = [at for at, line in enumerate(lines) if WORD.search(line)]
            if not hits:
                continue
            yield path, "".join(_edited(rng, lines, rng.choice(hits)))
            break


def _edited(rng: random.Random, lines: list[str], at: int) -> list[str]:
    line = lines[at]
    way = rng.choice(("number", "number", "again", "gone"))
    if way == "number" and re.search(r"\d", line):
        return [
            *lines[:at],
            re.sub(r"\d+", lambda one: str(int(one[0]) * 3 + 1), line, count=1),
            *lines[at + 1 :],
        ]
    if way == "gone":
        return [*lines[:at], *lines[at + 1 :]]
    return [*lines[: at + 1], line, *lines[at + 1 :]]


def asked(tool: Path, repository: Path, verb: str) -> tuple[int, object, float]:
    """Exit code, report without timings, seconds of CPU."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE",)}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "workspai_hooks", verb, "--format", "json"],
        cwd=repository,
        env={**env, "PYTHONPATH": str(tool)},
        capture_output=True,
        timeout=900,
        check=False,
    )
    after = os.times()
    report = json.loads(done.stdout) if done.stdout else done.stderr.decode()
    if isinstance(report, dict):
        report.pop("timings_ms", None)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return done.returncode, report, spent


def _same(name: str, other: Path, theirs: Path, ours: Path, verb: str) -> bool:
    code, report, old = asked(other.resolve(), theirs, verb)
    mine, own, new = asked(OURS, ours, verb)
    same = (code, report) == (mine, own)
    count = len(own["findings"]) if isinstance(own, dict) else -1
    said = "same" if same else "DIFFERS"
    print(f"{said} {name} exit {mine} findings {count} cpu {old:.1f} -> {new:.1f} s", flush=True)
    if not same:
        place = Path(tempfile.gettempdir()) / f"differs-{time.time():.0f}.json"
        place.write_text(json.dumps([report, own], indent=1, default=str))
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path)
    parser.add_argument("clones", type=Path, nargs="+")
    parser.add_argument("--edits", type=int, default=4)
    arguments = parser.parse_args()
    differ = 0
    for origin in arguments.clones:
        with tempfile.TemporaryDirectory() as folder:
            try:
                theirs = clone_of(origin, Path(folder) / "theirs")
                ours = clone_of(origin, Path(folder) / "ours")
            except subprocess.CalledProcessError:
                print(f"skipped {origin.name}: it is no whole clone", flush=True)
                continue
            for path, text in edits(theirs, origin.name, arguments.edits):
                for repository in (theirs, ours):
                    git(repository, "reset", "-q", "--hard")
                    (repository / path).write_text(text)
                    git(repository, "add", path)
                for verb in ("check", "resilience"):
                    differ += not _same(f"{origin.name} {path} {verb}", arguments.other, theirs, ours, verb)
    print(f"{differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
