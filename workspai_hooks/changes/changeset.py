"""The change under inspection: what is compared with what, and which contract files differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.base import Base
from workspai_hooks.changes.deployed import INSTALLERS, Homes, may_be_values, may_install
from workspai_hooks.changes.head import Head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, HOMES, is_document
from workspai_hooks.tools.git import Repository

PROTOBUF = tuple(f"*{suffix}" for suffix in CONTRACT_SUFFIXES)
"""Protobuf contracts, as git names them."""


class ChangeSet(msgspec.Struct, frozen=True, dict=True):
    """`base` None: nothing to compare with.

    `parents` are what a commit under way is made on top of: what they have already is not its doing. None
    where there is no such commit, so that everything counts. `files` are the protobuf files that differ,
    `documents` those that may be a contract of another kind; what is not merged is in neither.
    """

    base: Snapshot | None
    how: str
    head: Snapshot
    parents: tuple[Snapshot, ...] | None
    files: tuple[str, ...]
    documents: tuple[str, ...] = ()


def collect(repository: Repository, head: Head, base: Base, *, at_commit: bool) -> ChangeSet:
    """Join head and base."""
    before = Snapshot.of_commit(repository, base.rev) if base.rev else None
    known = {before.name: before} if before else {}
    tips = head.tips if at_commit else ()
    parents = tuple(known.get(tip) or Snapshot.of_commit(repository, tip) for tip in tips)
    changed = (
        [path for path in differing(before, head.snapshot) if path not in head.unmerged] if before else []
    )
    return ChangeSet(
        before,
        base.how,
        head.snapshot,
        parents if at_commit else None,
        _contracts(changed),
        _documents(changed, before, head.snapshot),
    )


def on_older_base(repository: Repository, changes: ChangeSet, paths: Sequence[str]) -> ChangeSet | None:
    """The same change against the nearest ancestor of its base that has other files at `paths`."""
    if changes.base is None:
        return None
    ancestor = repository.parent_with_other(changes.base.name, paths)
    if ancestor is None:
        return None
    before = Snapshot.of_commit(repository, ancestor)
    changed = differing(before, changes.head)
    return replace(
        changes, base=before, files=_contracts(changed), documents=_documents(changed, before, changes.head)
    )


def changed_contracts(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Contract files that were added, changed or deleted between two snapshots, sorted."""
    return _contracts(differing(before, after))


def changed_documents(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The same of files that may be OpenAPI descriptions, charts or manifests, or parts of one."""
    return _documents(differing(before, after), before, after)


def differing(before: Snapshot, after: Snapshot) -> list[str]:
    """Paths that were added, changed or deleted between two snapshots, sorted."""
    return after.differing(before)


def _contracts(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if path.endswith(CONTRACT_SUFFIXES))


def _documents(paths: Sequence[str], *sides: Snapshot | None) -> tuple[str, ...]:
    """Those that are documents by name, and all that charts and kustomizations of a side may read."""
    found = {path for path in paths if is_document(path)}
    others = [path for path in paths if path not in found]
    for side in sides:
        if side is None or not others:
            continue
        homes = Homes(
            (side.entries[path].mode, side.entries[path].blob, path)
            for path in (*side.paths(*HOMES), *side.links)
        )
        found |= homes.inputs(others, side.reader)
        if homes.charts:
            texts = side.read_many(path for path in others if path.endswith(INSTALLERS))
            found |= {path for path, text in texts.items() if may_install(path, [text])}
            found.update(filter(may_be_values, others))
    return tuple(path for path in paths if path in found)
