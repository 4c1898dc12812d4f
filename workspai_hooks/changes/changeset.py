"""The change under inspection: what is compared with what, and which contract files differ."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.base import Base
from workspai_hooks.changes.head import Head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.tools.git import Repository


class ChangeSet(msgspec.Struct, frozen=True, dict=True):
    """`base` None: nothing to compare with.

    `parents` are what a commit under way is made on top of: what they have already is not its doing. None
    where there is no such commit, so that everything counts. `files` are the contract files that differ.
    """

    base: Snapshot | None
    how: str
    head: Snapshot
    parents: tuple[Snapshot, ...] | None
    files: tuple[str, ...]


def collect(repository: Repository, head: Head, base: Base, *, at_commit: bool) -> ChangeSet:
    """Join head and base."""
    before = Snapshot.of_commit(repository, base.rev) if base.rev else None
    parents = tuple(Snapshot.of_commit(repository, tip) for tip in head.tips) if at_commit else None
    open_paths = {question.what for question in head.conflicts}
    changed = changed_contracts(before, head.snapshot) if before else ()
    files = tuple(path for path in changed if path not in open_paths)
    return ChangeSet(before, base.how, head.snapshot, parents, files)


def on_older_base(repository: Repository, changes: ChangeSet) -> ChangeSet | None:
    """The same change against the nearest ancestor of its base that has other contracts."""
    if changes.base is None:
        return None
    contracts = [f"*{suffix}" for suffix in CONTRACT_SUFFIXES]
    ancestor = repository.parent_with_other(changes.base.name, contracts)
    if ancestor is None:
        return None
    before = Snapshot.of_commit(repository, ancestor)
    return replace(changes, base=before, files=changed_contracts(before, changes.head))


def changed_contracts(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Contract files that were added, changed or deleted between two snapshots, sorted."""
    paths = {path for snapshot in (before, after) for path in snapshot.entries}
    return tuple(
        sorted(
            path
            for path in paths
            if path.endswith(CONTRACT_SUFFIXES) and before.entries.get(path) != after.entries.get(path)
        )
    )
