"""Holds our rows against bare buf's over the history of a repository (temporalio/api).

    git clone https://github.com/temporalio/api
    python benchmarks/temporal_history.py api [--commits 100] [--tip REF] > rows.md

For each of the newest first-parent commits (up to `--tip`) that touch a .proto file, both whole trees (the
commit and its first parent) are exported with one configuration (below), built by `buf build` and compared by
`buf breaking`. The same two trees go through `workspai_hooks.breaking.protobuf.compare`, which sees only
what the commit touches. Compared is the set of (rule, path, message). See benchmarks/temporal_history.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workspai_hooks.breaking.protobuf import compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.tools.buf import resolve_buf

CONFIG = "version: v1\nbreaking:\n  use: [FILE, PACKAGE, WIRE_JSON, WIRE]\n"

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One commit: both sets of rows (or why bare buf has none), repeated rows, and the times taken."""

    commit: str
    bare: frozenset[Row]
    ours: frozenset[Row]
    repeated: int
    failure: str
    open_questions: int
    bare_s: float
    ours_s: float


def git(clone: Path, *args: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", "-C", str(clone), *args], input=stdin, capture_output=True, check=True
    ).stdout


def commits(clone: Path, tip: str, count: int) -> list[str]:
    only = ("--first-parent", "--min-parents=1", "--format=%H", f"-{count}")
    return git(clone, "log", *only, tip, "--", "*.proto").decode().split()


def tree(clone: Path, commit: str) -> dict[str, bytes]:
    """All .proto files of a commit, and the stated configuration in place of its own."""
    entries = [line.split(b"\t", 1) for line in git(clone, "ls-tree", "-rz", commit).split(b"\0") if line]
    wanted = [(path.decode(), meta.split()[2]) for meta, path in entries if path.endswith(b".proto")]
    answer = git(clone, "cat-file", "--batch", stdin=b"\n".join(blob for _, blob in wanted) + b"\n")
    files, at = {}, 0
    for path, _ in wanted:
        start = answer.index(b"\n", at) + 1
        size = int(answer[at:start].split()[2])
        files[path] = answer[start : start + size]
        at = start + size + 1
    return {**files, "buf.yaml": CONFIG.encode()}


def bare_rows(buf: str, before: dict[str, bytes], after: dict[str, bytes]) -> tuple[list[Row], str]:
    """Bare buf on two exported trees: its rows with repetitions, or what it says instead."""
    with tempfile.TemporaryDirectory() as folder:
        for name, files in (("base", before), ("head", after)):
            for path, text in files.items():
                place = Path(folder, name, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text)
            built = subprocess.run(
                [buf, "build", ".", "-o", f"../{name}.binpb"],
                cwd=Path(folder, name),
                capture_output=True,
                text=True,
            )
            if built.returncode:
                return [], f"{name}: {built.stderr.splitlines()[0]}"
        config = json.dumps({"version": "v1", "breaking": {"use": ["FILE", "PACKAGE", "WIRE_JSON", "WIRE"]}})
        done = subprocess.run(
            [
                *(buf, "breaking", "head.binpb", "--against", "base.binpb", "--config", config),
                *("--exclude-imports", "--error-format", "json"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 100):
            return [], done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(row["type"], row.get("path", ""), row["message"]) for row in rows], ""


def ask(clone: Path, buf: str, commit: str) -> Answer:
    before, after = tree(clone, f"{commit}^"), tree(clone, commit)
    started = time.perf_counter()
    bare, failure = bare_rows(buf, before, after)
    middle = time.perf_counter()
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    result = compare(Snapshot.of(before, "base"), Snapshot.of(after), changed)
    ended = time.perf_counter()
    return Answer(
        commit[:10],
        frozenset(bare),
        frozenset((row.rule, row.path, row.message) for row in result.rows),
        len(bare) - len(set(bare)),
        failure,
        len(result.undecided) + len(result.base_errors),
        middle - started,
        ended - middle,
    )


def report(answers: list[Answer]) -> str:
    compared = [answer for answer in answers if not answer.failure]
    same = [answer for answer in compared if answer.bare == answer.ours]
    lines = [
        f"- commits: {len(answers)}; both trees compile: {len(compared)}; the same set of rows: {len(same)}",
        f"- rows of bare buf, as a set: {sum(len(answer.bare) for answer in compared)}"
        f" ({sum(answer.repeated for answer in compared)} repetitions more);"
        f" ours: {sum(len(answer.ours) for answer in compared)}",
        f"- median time: bare {_median([answer.bare_s for answer in compared]):.2f} s,"
        f" ours {_median([answer.ours_s for answer in compared]):.2f} s",
        f"- undecided by us although bare buf answers: "
        f"{sum(1 for answer in compared if answer.open_questions)}",
        "",
    ]
    for answer in compared:
        for title, rows in (
            ("only bare buf", answer.bare - answer.ours),
            ("only ours", answer.ours - answer.bare),
        ):
            for rule, count in sorted(Counter(row[0] for row in rows).items()):
                example = min(row for row in rows if row[0] == rule)
                lines.append(
                    f"- {answer.commit}, {title}: {count} x {rule}, such as `{example[1]}` {example[2]}"
                )
    for answer in answers:
        if answer.failure:
            lines.append(f"- {answer.commit}: bare buf does not compile {answer.failure}")
    return "\n".join(lines)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clone", type=Path)
    parser.add_argument("--commits", type=int, default=100)
    parser.add_argument("--tip", default="HEAD")
    args = parser.parse_args()
    buf = resolve_buf().path
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = list(
            pool.map(lambda commit: ask(args.clone, buf, commit), commits(args.clone, args.tip, args.commits))
        )
    print(report(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
