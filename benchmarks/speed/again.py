"""The same change asked again, by the hook and by the gate on push, over a commit without a contract."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from speed.commit import CHARTS, CONTRACTS, EDITS, HOOK, PLAIN, made
from speed.measure import Bench, Row, Side, at_most, compared, environment, git

LIMIT = 1.5
API = """\
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders: {get: {responses: {'200': {description: ok}}}}
  /carts: {get: {responses: {'200': {description: ok}}}}
"""
CHANGES = {
    "a break of a protobuf contract": ("protos/a.proto", "string x = 1; ", ""),
    "a clean change of one": ("protos/a.proto", "string x = 1; ", "string x = 1; string z = 3; "),
    "a break of an OpenAPI description": ("api.yaml", API.splitlines(keepends=True)[-1], ""),
    "a break of a chart": ("deploy/templates/d.yaml", "name: a", "name: b"),
}


def rows(bench: Bench) -> Iterator[Row]:
    theirs, ours = bench.folder / "theirs", bench.folder / "ours"
    theirs.mkdir()
    files = {path: text for path, (text, _) in EDITS.items()}
    made(theirs, {**files, **PLAIN, **CONTRACTS, **CHARTS, "api.yaml": API})
    git(bench.folder, "clone", "--quiet", str(theirs), str(ours))
    git(ours, "checkout", "--quiet", "-b", "topic")
    plain = bench.folder / "plain"
    git(bench.folder, "clone", "--quiet", str(ours), str(plain))
    with (plain / "app/main.go").open("a") as file:
        file.write(EDITS["app/main.go"][1])
    git(plain, "add", "--all")
    nothing = Side([HOOK], plain, codes=frozenset({0}))
    for name, (path, old, new) in CHANGES.items():
        git(ours, "reset", "--quiet", "--hard", "origin/main")
        text = (ours / path).read_text()
        assert old in text
        (ours / path).write_text(text.replace(old, new))
        git(ours, "add", "--all")
        first = _seconds([*HOOK], ours)
        bare, again = compared(bench.runs, nothing, Side([HOOK], ours), warm=1)
        detail = f"the first time {first:.2f} s"
        what = "a commit that asks nothing"
        yield at_most(f"{name}, the hook once more", again, bare, LIMIT, what=what, detail=detail)
        git(ours, "commit", "--quiet", "--no-verify", "--message", "edit")
        gate = Side([[*HOOK[:-1], "pre-push"]], ours, env=_pushed(ours))
        bare, again = compared(bench.runs, nothing, gate, warm=0)
        yield at_most(f"{name}, the gate on push after the hook", again, bare, LIMIT, what=what)


def _pushed(root: Path) -> dict[str, str]:
    """What a hook manager says of a first push of this branch."""
    return {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_TO_REF": git(root, "rev-parse", "HEAD"),
        "PRE_COMMIT_FROM_REF": git(root, "rev-parse", "HEAD~1"),
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/topic",
        "PRE_COMMIT_REMOTE_NAME": "origin",
    }


def _seconds(argv: list[str], root: Path) -> float:
    begun = time.monotonic()
    subprocess.run(argv, cwd=root, env=environment(), capture_output=True, check=False)
    return time.monotonic() - begun
