"""How many contracts of public repositories compile here, without a network and with an empty cache of buf.

    python benchmarks/imports.py CLONE... [--packages FOLDER] > rows.md

For each clone, every .proto file of HEAD that is a contract of its own is compiled as a run would compile it.
`--packages` is a folder of further packages (`pip install --target FOLDER …`), as a user may have installed
them beside us. One row a repository: contracts, those that compile, those that do so without options of an
import that is nowhere, and what keeps the others from it. See benchmarks/imports.md.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections import Counter
from pathlib import Path

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import packaged
from workspai_hooks.contracts.protobuf.images import compile_all
from workspai_hooks.contracts.protobuf.resolve import closure
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.contracts.protobuf.units import plan
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository

SHOWN = 4


def row(clone: Path) -> str:
    repository = Repository.open(clone)
    tree = Tree(Snapshot.of_commit(repository, "HEAD"), Blobs())
    targets = [path for path in tree.paths if tree.is_target(path) and path not in tree.links]
    images = compile_all(resolve_buf(), [(tree, unit.sides[0]) for unit in plan((tree,), targets)])
    problems = dict(error for image in images for error in image.errors)
    lent = [path for path in targets if path not in problems and closure(tree, path).lent]
    why = Counter(_reason(problem.why) for problem in problems.values())
    told = ", ".join(f"{name} ({count})" for name, count in why.most_common(SHOWN)) or "–"
    share = 100 * (len(targets) - len(problems)) / max(1, len(targets))
    repository.close()
    name = clone.name.replace("__", "/")
    return (
        f"| {name} | {len(targets)} | {len(targets) - len(problems)} ({share:.0f} %) | {len(lent)} | {told} |"
    )


def _reason(why: str) -> str:
    found = re.search(r'import "([^"]+)"', why)
    return found[1] if found else why[:80]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path, nargs="+")
    parser.add_argument("--packages", type=Path)
    asked = parser.parse_args()
    os.environ["WORKSPAI_INDEX"] = "off"
    if asked.packages:
        folders = (*packaged.folders(), asked.packages)
        packaged.folders = lambda: folders  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as empty:
        os.environ["BUF_CACHE_DIR"] = empty
        print("| repository | contracts | compile | without options | what keeps the others from it |")
        print("| --- | --- | --- | --- | --- |")
        for clone in asked.clones:
            print(row(clone), flush=True)


if __name__ == "__main__":
    main()
