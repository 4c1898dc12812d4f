"""The newest 100 commits of temporalio/api that touch a contract, replayed (`--inputs` has `temporalio-api`).

Bare are `buf breaking --against .git#ref=PARENT` in the work tree of each commit and, where it changes them,
`oasdiff breaking` on each of its two descriptions, laid out before and untimed. Ours is `check --from PARENT
--to COMMIT`: with `--only breaking`, which asks what they do (and who is hit), and with all that it asks,
each with an index of its own that begins empty. The history is copied with a buf.yaml that needs no registry
(the repository has copies of what it imports) and its own rules for what breaks. One pass. A verdict is the
same where both or neither find a break; a file that oasdiff can't load has none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from speed.measure import OURS, Bench, Row, UnmeasuredError, environment, git
from workspai_hooks.tools.oasdiff import resolve_oasdiff

BUF = str(Path(sys.executable).parent / "buf")
COMMITS = int(os.environ.get("WORKSPAI_COMMITS", "100"))
CONFIG = "version: v1\nbreaking:\n  use:\n    - WIRE_JSON\n  ignore:\n    - google\n"
DESCRIPTIONS = ("openapi/openapiv2.json", "openapi/openapiv3.yaml")
BREAKS, FAILS = 100, 102
"""buf's exit code for breaks, oasdiff's for what it can't load."""


def rows(bench: Bench) -> Iterator[Row]:
    source = bench.inputs / "temporalio-api" if bench.inputs else None
    if source is None or not source.exists():
        raise UnmeasuredError("no temporalio-api among --inputs")
    root = bench.folder / "api"
    commits = _replayed(source.resolve(), root)
    ours = whole = bare = 0.0
    beside = bench.folder / "beside"
    git(bench.folder, "clone", "--quiet", str(root), str(beside))
    same, different = 0, []
    for before, after in pairwise(commits):
        git(root, "checkout", "--quiet", "--force", after)
        argv = [*OURS, "check", "--from", before, "--to", after, "--format", "json"]
        mine, seconds = _timed([*argv, "--only", "breaking"], root)
        ours += seconds
        _, seconds = _timed(argv, beside)
        whole += seconds
        buf, seconds = _timed([BUF, "breaking", ".", "--against", f".git#ref={before}"], root)
        bare += seconds
        found = {"protobuf": buf.returncode == BREAKS, "openapi": False}
        for path in DESCRIPTIONS:
            if git(root, "diff", "--name-only", before, after, "--", path):
                old = bench.folder / f"old{Path(path).suffix}"
                old.write_text(git(root, "show", f"{before}:{path}"))
                asked = [resolve_oasdiff().path, "breaking", str(old), path, "--fail-on", "ERR"]
                done, seconds = _timed(asked, root)
                bare += seconds
                found["openapi"] |= done.returncode not in (0, FAILS)
        told = json.loads(mine.stdout)["findings"]
        for kind, breaks in found.items():
            errors = any(one["contract"] == kind and one["severity"] == "error" for one in told)
            same += errors == breaks
            different += [f"{after[:9]} {kind}"] if errors != breaks else []
    count = len(commits) - 1
    yield Row(
        f"{count} commits of temporalio/api, in total, with policies",
        f"{whole:.1f} s",
        f"{bare:.1f} s",
        f"{whole / bare:.2f} ×",
        "",
        None,
        1,
    )
    yield Row(
        f"{count} commits of temporalio/api, in total",
        f"{ours:.1f} s",
        f"{bare:.1f} s",
        f"{ours / bare:.2f} ×",
        "< 1 × bare",
        ours < bare,
        1,
        f"{same} of {2 * count} verdicts the same"
        + (f"; others: {', '.join(different)}" if different else ""),
    )


def _replayed(source: Path, root: Path) -> Sequence[str]:
    """The commits of a line of its own, the first one the parent of the oldest."""
    git(root.parent, "clone", "--quiet", "--no-checkout", str(source), str(root))
    only = ("--first-parent", "--min-parents=1", "--format=%H", f"-{COMMITS}")
    newest = git(root, "log", *only, "--", "*.proto", "openapi").split()
    (root.parent / "buf.yaml").write_text(CONFIG)
    blob = git(root, "hash-object", "-w", str(root.parent / "buf.yaml"))
    made: list[str] = []
    for commit in (f"{newest[-1]}^", *reversed(newest)):
        git(root, "read-tree", commit)
        git(root, "update-index", "--force-remove", "buf.lock")
        git(root, "update-index", "--add", "--cacheinfo", f"100644,{blob},buf.yaml")
        parents = ("-p", made[-1]) if made else ()
        made.append(git(root, "commit-tree", git(root, "write-tree"), *parents, "-m", commit))
    git(root, "branch", "--force", "replay", made[-1])
    git(root, "remote", "remove", "origin")
    return made


def _timed(argv: Sequence[str], root: Path) -> tuple[subprocess.CompletedProcess[bytes], float]:
    begun = time.monotonic()
    done = subprocess.run(argv, cwd=root, env=environment(), capture_output=True)
    return done, time.monotonic() - begun
