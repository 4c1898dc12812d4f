"""Service configs of googleapis/googleapis: native runtimes' verdicts, names, rpcs without a policy, time.

    python benchmarks/googleapis_policies.py CLONE [--runs 3] [--apart preview] > rows.md

The files of the clone's work tree are copied into a repository of their own (a clone that lacks a blob is
none that git can work with). Then, in turns, `buf build` on all of them but `--apart` (folders that declare
names a second time, which buf does not compile together) and `workspai-hooks resilience` with an empty index,
which reads all; at the end one config is changed, staged and checked by the hook with the index that there
is. Wall clock and processor time of a process with its children. See benchmarks/googleapis_policies.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from resilience import native

from workspai_hooks.contract_files import SERVICE_CONFIG
from workspai_hooks.resilience.grpc.reading import read_config
from workspai_hooks.resilience.grpc.values import Runtime

OURS = (sys.executable, "-m", "workspai_hooks")


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.test")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


def copied(clone: Path, root: Path) -> None:
    shutil.copytree(clone, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "all")


def timed(argv: Sequence[str], root: Path) -> tuple[float, float, bytes]:
    """Seconds on the clock, of processors, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, cwd=root, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = time.monotonic() - begun
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return taken, used, done.stdout


def verdicts(root: Path, folder: Path) -> list[str]:
    """Rows of how many configs each rejects."""
    paths = sorted(root.rglob(f"*{SERVICE_CONFIG}"))
    configs = [path.read_bytes() for path in paths]
    read = [read_config(one) for one in configs]
    native.build(folder)
    rows = [f"| service configs | {len(paths)} |"]
    answers = {Runtime.CORE: native.core(configs), Runtime.GO: native.go(folder / "oracle", configs)}
    for runtime, said in answers.items():
        other = sum(
            bool(one) != bool(ours.rejected_by(runtime)) for one, ours in zip(said, read, strict=True)
        )
        rows.append(f"| rejected by {runtime}, judged otherwise here | {sum(map(bool, said))}, {other} |")
    return rows


def findings(report: dict[str, Any]) -> list[str]:
    count = Counter(one["id"] for one in report["findings"])
    names = {one["id"]: one["name"] for one in report["findings"]}
    return [f"| {rule} {names[rule]} | {count[rule]} |" for rule in sorted(count)]


def changed(root: Path) -> Iterator[None]:
    """One code of one config in small letters, staged on a branch; another config each time, since the same
    question asked again is answered by its report."""
    git(root, "switch", "--quiet", "--create", "topic")
    for path in sorted(root.rglob(f"*{SERVICE_CONFIG}")):
        text = path.read_text()
        if '"UNAVAILABLE"' in text:
            path.write_text(text.replace('"UNAVAILABLE"', '"unavailable"', 1))
            git(root, "add", "--all")
            yield
            git(root, "reset", "--quiet", "--hard")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--apart", nargs="*", default=["preview"])
    asked = parser.parse_args()
    os.environ.pop("WORKSPAI_INDEX", None)
    with tempfile.TemporaryDirectory() as scratch:
        root, folder = Path(scratch) / "googleapis", Path(scratch) / "oracle"
        copied(asked.clone, root)
        folder.mkdir()
        print("\n".join(["| | |", "| --- | --- |", *verdicts(root, folder)]), flush=True)
        apart = [word for one in asked.apart for word in ("--exclude-path", one)]
        buf = ("buf", "build", *apart, "-o", os.devnull)
        ours = (*OURS, "resilience", "--format", "json")
        rounds: list[tuple[float, ...]] = []
        for _ in range(asked.runs):
            shutil.rmtree(root / ".git" / "workspai-hooks", ignore_errors=True)
            theirs, mine = timed(buf, root), timed(ours, root)
            rounds.append((*theirs[:2], *mine[:2]))
        report = json.loads(mine[2])
        print("\n".join(findings(report)), flush=True)
        print(f"| undecided | {len(report['undecided'])} |")
        hooks = [timed((*OURS, "check"), root)[:2] for _ in islice(changed(root), 11)][1:]
    told = ("buf build, s", "and of processors", "resilience, s", "and of processors")
    for name, values in zip(told, zip(*rounds, strict=True), strict=True):
        print(f"| {name} | {', '.join(f'{one:.1f}' for one in values)} |")
    ratios = [(mine / theirs, cpu / their) for theirs, their, mine, cpu in rounds]
    print(f"| ratio, of each round | {', '.join(f'{one:.2f}' for one, _ in ratios)} |")
    print(f"| ratio of processor time | {', '.join(f'{one:.2f}' for _, one in ratios)} |")
    wall, used = (median(column) for column in zip(*hooks, strict=True))
    least, most = min(one for one, _ in hooks), max(one for one, _ in hooks)
    print(
        f"| one changed config, hook: s ({len(hooks)} of them), and of processors "
        f"| {wall:.2f} ({least:.2f}–{most:.2f}), {used:.2f} |"
    )


if __name__ == "__main__":
    main()
