"""Kustomizations that a change touches, built on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.breaking.helm.change import Change, Survivor, change_of
from workspai_hooks.contracts.helm.kubernetes import LATEST
from workspai_hooks.contracts.helm.kustomize.build import Built, build, undecided
from workspai_hooks.contracts.helm.kustomize.kustomization import Graph
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.errors import Undecided

_VENDOR = "commit a copy of what it fetches, and name that"


class Kustomized(msgspec.Struct):
    """The changes of all overlays that are touched; `reached` are the files that kustomizations read."""

    survivor: Survivor
    changes: list[Change] = msgspec.field(default_factory=list)
    undecided: list[Undecided] = msgspec.field(default_factory=list)
    base_errors: list[Undecided] = msgspec.field(default_factory=list)
    reached: set[str] = msgspec.field(default_factory=set)


def compare_kustomizations(base: Side, head: Side, paths: Sequence[str], survivor: Survivor) -> Kustomized:
    """Build what is touched of the kustomizations that no other one takes in."""
    answer = Kustomized(survivor)
    if not base.kustomizations and not head.kustomizations:
        return answer
    before, after = Graph(base), Graph(head)
    touched = set(paths)
    for folder in _roots(before, after, base, head):
        if not (before.reach(folder) | after.reach(folder)) & touched:
            continue
        if folder not in base.kustomizations:
            continue  # a new one can't break anybody
        if folder not in head.kustomizations:
            _gone(folder, before, after, base, head, answer)
            continue
        _compare(build(base, folder), build(head, folder), folder, answer)
    answer.reached = before.everything() & after.everything()
    return answer


def _roots(before: Graph, after: Graph, base: Side, head: Side) -> Iterator[str]:
    """What is built on either side; what only head takes into another one is compared by that one."""
    roots = set(after.roots())
    yield from sorted(roots | {folder for folder in before.roots() if folder not in head.kustomizations})


def _gone(folder: str, before: Graph, after: Graph, base: Side, head: Side, answer: Kustomized) -> None:
    """A kustomization that is no longer there: where one with the same files has come, it moved."""
    mine = {path.rpartition("/")[2] for path in before.reach(folder)}
    new = [other for other in after.roots() if other not in base.kustomizations]
    moved = [other for other in new if {path.rpartition("/")[2] for path in after.reach(other)} & mine - {""}]
    if len(moved) == 1:
        _compare(build(base, folder), build(head, moved[0]), moved[0], answer)


def _compare(old: Built, new: Built, folder: str, answer: Kustomized) -> None:
    was, now = {one.why for one in old.problems}, {one.why for one in new.problems}
    told = {(each.what, each.why.partition(": ")[2]) for each in answer.undecided}
    questions = [undecided(one, folder) for one in new.problems]
    answer.undecided += [one for one in questions if (one.what, one.why.partition(": ")[2]) not in told]
    answer.base_errors += [
        undecided(one, folder) for one in old.problems if one.why not in now and not new.problems
    ]
    if now or was:
        return
    open_before = {(one.why, one.whole) for one in old.unfollowed}
    for one in new.unfollowed:
        if (one.why, one.whole) not in open_before:
            answer.undecided.append(
                Undecided(str(one.place), f"kustomization {folder or '.'}: {one.why}", _VENDOR)
            )
    answer.changes.append(change_of(old.build, new.build, LATEST, answer.survivor))
