"""Holds the graph's edges against truth files: precision, recall, F1 and traps, a row per system.

    python benchmarks/edges.py TRUTH CLONES [--verbose]

TRUTH is a folder of truth files (`{"repo": "owner/name", "commit": …, "services", "service_info", "edges",
"weak_edges", "infra_edges", "third_party_edges", "trap_false_edges"}`), CLONES a folder of clones, each
called like the repository, like `owner__name`, or like the truth file. With `"subdir"` the truth is of that
folder, and its folders are relative to it. The index of a clone is read as it is; where it is not at the
truth's commit the table says so. See benchmarks/edges.md.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One system's result. `missed` and `false` are edges, `traps` listed ones that were reported."""

    name: str
    note: str
    proven_right: int
    proven_false: int
    right: int
    false: tuple[Pair, ...]
    missed: tuple[Pair, ...]
    traps: tuple[Pair, ...]

    @property
    def precision(self) -> float:
        return _ratio(self.right, self.right + len(self.false))

    @property
    def precision_of_proven(self) -> float:
        return _ratio(self.proven_right, self.proven_right + self.proven_false)

    @property
    def recall(self) -> float:
        return _ratio(self.right, self.right + len(self.missed))

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def graph(clone: Path) -> dict[str, Any]:
    """What `workspai-hooks graph` says of a clone."""
    command = [sys.executable, "-m", "workspai_hooks", "graph", "--format", "json"]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        raise SystemExit(f"{clone}: {done.stderr or done.stdout}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def names_in_truth(found: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, str]:
    """Our service's name -> the truth's: by name, else by folder, else by alias, each taken once."""
    info = truth.get("service_info", {})
    services = [one for one in found["services"] if _counts(one, truth)]
    ways: tuple[Callable[[Mapping[str, Any], str], bool], ...] = (
        lambda one, name: plain(one["name"]) == plain(name),
        lambda one, name: _dir(truth, name) in one["roots"],
        lambda one, name: (
            plain(one["name"]) in {plain(each) for each in info.get(name, {}).get("aliases", ())}
        ),
        lambda one, name: _within(_dir(truth, name), one["roots"]),
        lambda one, name: bool(
            _called(one) & {plain(each) for each in (name, *info.get(name, {}).get("aliases", ()))}
        ),
    )
    known: dict[str, str] = {}
    for way in ways:
        for name in truth["services"]:
            if name not in known.values():
                fitting = [one["name"] for one in services if one["name"] not in known and way(one, name)]
                if len(fitting) == 1:
                    known[fitting[0]] = name
    return known


def _counts(service: Mapping[str, Any], truth: Mapping[str, Any]) -> bool:
    """The truth speaks of the folder that the service lies in; what has none may be declared there."""
    subdir = str(truth.get("subdir") or "")
    return not subdir or not service["roots"] or _within(subdir, service["roots"])


def _dir(truth: Mapping[str, Any], name: str) -> str:
    said = str(truth.get("service_info", {}).get(name, {}).get("dir") or "").removeprefix("./").strip("/")
    return "/".join(part for part in (truth.get("subdir"), said) if part) if said else "-"


def _within(folder: str, roots: Iterable[str]) -> bool:
    return any(
        root and (f"{folder}/".startswith(f"{root}/") or f"{root}/".startswith(f"{folder}/"))
        for root in roots
    )


def _called(service: Mapping[str, Any]) -> set[str]:
    return {plain(name) for name in (service["name"], *service["aliases"])}


def judged(found: Mapping[str, Any], truth: Mapping[str, Any], note: str = "") -> Row:
    """The edges of a graph against a truth file. Topic and call edges of one pair are one."""
    known = names_in_truth(found, truth)
    others = {one["name"]: _called(one) for one in found["services"] if one["name"] not in known}
    elsewhere = {one["name"] for one in found["services"] if not _counts(one, truth)}
    public = {one["name"] for one in found["services"] if one["kind"] != "application"}
    wanted = {(one[0], one[1]) for one in truth["edges"]}
    neutral = [
        *truth.get("weak_edges", ()),
        *truth.get("infra_edges", ()),
        *truth.get("third_party_edges", ()),
    ]
    tiers: dict[Pair, set[str]] = {}
    for edge in found["edges"]:
        if edge["tier"] != "ordering" and not {edge["from"], edge["to"]} & elsewhere:
            pair = (known.get(edge["from"], edge["from"]), known.get(edge["to"], edge["to"]))
            tiers.setdefault(pair, set()).add(edge["tier"])
    known_aside = {
        pair for pair in tiers if set(pair) & public or any(_fits(pair, one, others) for one in neutral)
    }
    # To a broker or a database that the file lists as well the trap is one line, not the pair.
    infrastructure = {
        pair
        for pair in known_aside
        if set(pair) & public and any(_fits(pair, one, others) for one in truth.get("infra_edges", ()))
    }
    trapped = {
        pair
        for pair in tiers
        for trap in truth.get("trap_false_edges", ())
        # A trap with `*` means the services, not what the file itself lists as aside, nor a public program.
        if pair not in wanted | infrastructure
        and _fits(pair, trap, others)
        and not ("*" in trap[:2] and pair in known_aside)
    }
    false = {pair for pair in tiers if pair not in wanted | known_aside} | trapped
    right = wanted & tiers.keys()
    return Row(
        name=str(truth["name"]),
        note=note,
        proven_right=sum("proven" in tiers[pair] for pair in right),
        proven_false=sum("proven" in tiers[pair] for pair in false),
        right=len(right),
        false=tuple(sorted(false)),
        missed=tuple(sorted(wanted - tiers.keys())),
        traps=tuple(sorted(trapped)),
    )


def _fits(pair: Pair, listed: Iterable[Any], others: Mapping[str, set[str]]) -> bool:
    """A pair is one that a truth file lists; `*` there is any, and services aside go by their aliases."""
    for ours, theirs in zip(pair, list(listed)[:2], strict=True):
        if theirs != "*" and plain(str(theirs)) not in ({plain(ours)} | others.get(ours, set())):
            return False
    return pair[0] != pair[1]


def clone_of(truth: Mapping[str, Any], file: Path, clones: Path) -> Path | None:
    repo = str(truth["repo"])
    names = (repo.replace("/", "__"), file.stem, str(truth["name"]), repo.rpartition("/")[2])
    return next((clones / name for name in names if (clones / name / ".git").exists()), None)


def row_of(file: Path, clones: Path) -> Row | None:
    truth = json.loads(file.read_text())
    clone = clone_of(truth, file, clones)
    if clone is None:
        return None
    head = subprocess.run(
        ["git", "-C", str(clone), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    note = (
        ""
        if head == truth["commit"]
        else f"index at {head[:9] or 'no commit'}, truth at {truth['commit'][:9]}"
    )
    return judged(graph(clone), truth, note)


def table(rows: Iterable[Row]) -> Iterable[str]:
    rows = list(rows)
    yield "| system | proven P | P | R | F1 | false | missed | traps | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        numbers = f"{row.precision_of_proven:.3f} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f}"
        counts = f"{len(row.false)} | {len(row.missed)} | {len(row.traps)}"
        yield f"| {row.name} | {numbers} | {counts} | {row.note} |"
    if rows:
        proven = sum(row.proven_right for row in rows)
        micro = _ratio(proven, proven + sum(row.proven_false for row in rows))
        macro = [sum(getattr(row, key) for row in rows) / len(rows) for key in ("precision", "recall", "f1")]
        traps = sum(len(row.traps) for row in rows)
        numbers = " | ".join(f"{one:.3f}" for one in (micro, *macro))
        yield f"| macro (proven: all edges) | {numbers} | | | {traps} | |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("truth", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--verbose", action="store_true", help="list what is false, missed and trapped")
    options = parser.parse_args()
    rows = []
    for file in sorted(options.truth.glob("*.json")):
        row = row_of(file, options.clones)
        if row is None:
            print(f"{file.name}: no clone in {options.clones}", file=sys.stderr)
        else:
            rows.append(row)
    print("\n".join(table(rows)))
    for row in rows if options.verbose else ():
        for what, pairs in (("false", row.false), ("missed", row.missed), ("trap", row.traps)):
            for consumer, provider in pairs:
                print(f"{row.name}: {what} {consumer} -> {provider}")


if __name__ == "__main__":
    main()
