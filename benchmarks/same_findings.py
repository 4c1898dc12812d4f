"""Whether another revision of this tool finds the same after seeded edits in clones of public systems.

    python benchmarks/same_findings.py OTHER CLONE ... [--edits N] [--python PYTHON]

OTHER is a checkout of this repository at the other revision (PYTHON: an interpreter with its dependencies),
the clones are never written to. Both get clones of their own with an index of their own that is kept from
edit to edit, so that each edit but the first meets a warm one and stale keys show. An edit is asked as a
commit's hook asks it, twice in ours (the second is a report that was kept), then committed on a branch and
asked as a push does; every third as `resilience` and `graph`, too. Every fourth edit starts at the clone's
own HEAD again, after all were asked about the other way around. The reports in JSON must be equal but for
their timings. Not part of CI: a clone takes a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from seeded import Edit, edits

OURS = Path(__file__).resolve().parents[1]
COMMIT = ("check", "--stage", "pre-commit")
PUSH = ("check", "--from", "start", "--to", "HEAD")
BACK = ("check", "--from", "HEAD", "--to", "start")
GATE = ("check", "--stage", "pre-push")
WHOLE = (("resilience",), ("graph",))
DATED = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
    ("DATE", "2030-01-01T00:00:00Z"), ("NAME", "same"), ("EMAIL", "same@example.org"))}  # fmt: skip


def git(repository: Path, *args: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), "-c", "core.hooksPath=/dev/null", *args],
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **DATED},
    )
    return done.stdout


def clone_of(origin: Path, place: Path) -> Path:
    """A clone at a commit of all that is there: a partial clone has not all."""
    git(origin, "clone", "-q", "--shared", "--no-checkout", str(origin), str(place))
    git(place, "remote", "remove", "origin")  # its default branch would be another base
    subprocess.run(
        ["git", "-C", str(place), "checkout", "-q", "-f", "HEAD"], capture_output=True, check=False
    )
    git(place, "add", "-A")
    git(place, "commit", "-q", "--allow-empty", "-m", "start")
    git(place, "branch", "-f", "start")
    git(place, "branch", "-M", "main")
    git(place, "update-ref", "refs/remotes/origin/main", "start")  # the same one in both, and one to push to
    git(place, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(place, "checkout", "-q", "-b", "topic")
    return place


def put(repository: Path, edit: Edit) -> None:
    """The edit in the work tree and the index."""
    for path, text in edit.items():
        place = repository / path
        if text is None:
            git(repository, "rm", "-q", "-f", "--", path)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
            git(repository, "add", "-f", "--", path)


def asked(tool: Path, python: Path, repository: Path, verb: tuple[str, ...]) -> tuple[int, object, float]:
    """Exit code, report without timings, seconds on the clock."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    if verb == GATE:  # as pre-commit says it
        env |= {f"PRE_COMMIT_{name}_BRANCH": "refs/heads/topic" for name in ("REMOTE", "LOCAL")}
        env |= {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_FROM_REF": "0" * 40}
        env["PRE_COMMIT_TO_REF"] = git(repository, "rev-parse", "HEAD").strip()
    before = time.monotonic()
    done = subprocess.run(
        [python, "-m", "workspai_hooks", *verb, "--format", "json"],
        cwd=repository,
        env={**env, "PYTHONPATH": str(tool)},
        capture_output=True,
        timeout=900,
        check=False,
    )
    report = json.loads(done.stdout) if done.stdout else done.stderr.decode()
    if isinstance(report, dict):
        report.pop("timings_ms", None)
    return done.returncode, report, time.monotonic() - before


class Pair:
    """Both revisions and their clones of one system."""

    def __init__(self, other: Path, python: Path, theirs: Path, ours: Path) -> None:
        self.sides = ((other.resolve(), python, theirs), (OURS, Path(sys.executable), ours))
        self.clones = (theirs, ours)
        self.questions = self.differ = 0

    def same(self, name: str, verb: tuple[str, ...], again: bool = False) -> None:
        """Ask both at once; `again`: ours once more."""
        with ThreadPoolExecutor(2) as pool:
            old, new = pool.map(lambda side: asked(*side, verb), self.sides)
        answers = [new, *([asked(*self.sides[1], verb)] if again else [])]
        for at, mine in enumerate(answers):
            self.questions += 1
            is_same = mine[:2] == old[:2]
            found = mine[1].get("findings") if isinstance(mine[1], dict) else None
            count = -1 if found is None else len(found)
            open_ = len(mine[1].get("undecided") or ()) if isinstance(mine[1], dict) else -1
            line = f"{'same' if is_same else 'DIFFERS'} {name} | {' '.join(verb)}{' again' if at else ''}"
            said = f"exit {mine[0]} findings {count} undecided {open_} {old[2]:.1f} -> {mine[2]:.1f} s"
            print(f"{line} | {said}", flush=True)
            if not is_same:
                self.differ += 1
                place = Path(tempfile.gettempdir()) / f"differs-{time.time():.1f}.json"
                place.write_text(json.dumps([line, old, mine], indent=1, default=str))
                print(f"  {place}", flush=True)


def compared(pair: Pair, name: str, most: int, wanted: str) -> None:
    """All edits of one system."""
    theirs = pair.clones[0]
    seeded = edits(theirs, lambda: git(theirs, "ls-files").splitlines(), name, most, wanted)
    for number, (kind, edit) in enumerate(seeded):
        for repository in pair.clones:
            put(repository, edit)
        said = f"{name} {kind}: {' '.join(edit)}"
        pair.same(said, COMMIT, again=True)
        if number % 3 == 2:
            for verb in WHOLE:
                pair.same(said, verb)
        for repository in pair.clones:
            git(repository, "commit", "-q", "--allow-empty", "-m", kind)
        pair.same(said, PUSH if number % 4 == 2 else GATE, again=number % 4 == 1)
        if number % 4 == 3:
            pair.same(said, BACK)
            for repository in pair.clones:
                git(repository, "reset", "-q", "--hard", "start")
                git(repository, "clean", "-q", "-f", "-d")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path)
    parser.add_argument("clones", type=Path, nargs="+")
    parser.add_argument("--edits", type=int, default=12)
    parser.add_argument("--kinds", default="", help="a part of the names of the kinds of edits")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    arguments = parser.parse_args()
    questions = differ = 0
    for origin in arguments.clones:
        with tempfile.TemporaryDirectory() as folder:
            try:
                clones = [clone_of(origin, Path(folder) / side / origin.name) for side in ("theirs", "ours")]
            except subprocess.CalledProcessError:
                print(f"skipped {origin.name}: it is no whole clone", flush=True)
                continue
            pair = Pair(arguments.other, arguments.python, clones[0], clones[1])
            compared(pair, origin.name, arguments.edits, arguments.kinds)
            print(f"of {origin.name}: {pair.questions} questions, {pair.differ} differ", flush=True)
            questions, differ = questions + pair.questions, differ + pair.differ
    print(f"{questions} questions, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
