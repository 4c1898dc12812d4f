"""What our comparison says of the real changes of a repository's charts and manifests, commit by commit.

    git clone https://github.com/GoogleCloudPlatform/microservices-demo
    python benchmarks/helm_history.py microservices-demo [--commits 150] [--tip REF] [--warnings] -- PATH…

For each of the newest first-parent commits that touch one of the paths (the default is those of
microservices-demo), the commit is compared with its first parent by `workspai_hooks.breaking.helm.comparison`.
Printed is every break, and the questions that stay open. Which of the errors are right is a person's to say:
see benchmarks/helm_history.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from workspai_hooks.breaking.helm.comparison import HelmComparison, compare
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.tools.git import Repository
from workspai_hooks.tools.helm import resolve_helm

PATHS = ("helm-chart", "kubernetes-manifests", "kustomize", "istio-manifests", "release")


def git(clone: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(clone), *args], capture_output=True, check=True, text=True).stdout


def commits(clone: Path, tip: str, count: int, paths: list[str]) -> list[str]:
    only = ("--first-parent", "--min-parents=1", "--format=%H", f"-{count}")
    return git(clone, "log", *only, tip, "--", *paths).split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clone", type=Path)
    parser.add_argument("--commits", type=int, default=150)
    parser.add_argument("--tip", default="HEAD")
    parser.add_argument("--warnings", action="store_true")
    parser.add_argument("paths", nargs="*", default=list(PATHS))
    args = parser.parse_args()
    repository, helm = Repository.open(args.clone), resolve_helm()
    count: Counter[str] = Counter()
    times = []
    for commit in commits(args.clone, args.tip, args.commits, args.paths):
        base, head = Snapshot.of_commit(repository, f"{commit}^1"), Snapshot.of_commit(repository, commit)
        changed = [
            path
            for path in {*base.entries, *head.entries}
            if base.entries.get(path) != head.entries.get(path)
        ]
        started = time.perf_counter()
        answer = compare(base, head, changed, helm)
        times.append(time.perf_counter() - started)
        _print(clone=args.clone, commit=commit, answer=answer, warnings=args.warnings)
        count.update(str(one.severity) for one in answer.breaks)
        count["commits"] += 1
        count["commits with an error"] += any(one.severity == "error" for one in answer.breaks)
        count["undecided"] += len(answer.undecided)
        count["base errors"] += len(answer.base_errors)
    print("\n" + ", ".join(f"{name}: {number}" for name, number in count.items()))
    times.sort()
    print(f"seconds a commit: median {times[len(times) // 2]:.2f}, most {times[-1]:.2f}")
    repository.close()
    return 0


def _print(*, clone: Path, commit: str, answer: HelmComparison, warnings: bool) -> None:
    shown = [one for one in answer.breaks if warnings or one.severity == "error"]
    if shown or answer.undecided or answer.base_errors:
        print("\n## " + git(clone, "log", "-1", "--format=%h %as %s", commit).strip())
    for one in shown:
        print(
            f"- {one.severity} {one.rule} {one.element}: {one.message} ({one.location}; base {one.base_location})"
        )
    for title, questions in (("undecided", answer.undecided), ("base", answer.base_errors)):
        for question in questions:
            print(f"- {title}: {question.what}: {question.why}")


if __name__ == "__main__":
    sys.exit(main())
