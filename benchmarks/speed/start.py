"""The least: Python's own start and one git call, which every figure for a commit is held against."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from speed.measure import OURS, Bench, Row, Side, compared, git


def rows(bench: Bench) -> Iterator[Row]:
    root = bench.folder
    git(root, "init", "--quiet", "--initial-branch", "main")
    (root / "a.txt").write_text("a\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "base")
    python, diff, ours = compared(
        bench.runs,
        Side([[sys.executable, "-c", "pass"]], root),
        Side([["git", "diff", "--cached"]], root),
        Side([[*OURS, "--version"]], root),
    )
    yield Row(
        "Python's start; one `git diff --cached`", "–", python.told(), diff.told(), "", None, bench.runs
    )
    yield Row("`workspai-hooks --version`", ours.told(), python.told(), "", "", None, bench.runs)
