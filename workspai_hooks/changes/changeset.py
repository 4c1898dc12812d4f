"""The change under inspection: what is compared with what, and which contract files differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.base import Base
from workspai_hooks.changes.head import Head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_document
from workspai_hooks.tools.git import Repository

PROTOBUF = tuple(f"*{suffix}" for suffix in CONTRACT_SUFFIXES)


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
    parents = tuple(Snapshot.of_commit(repository, tip) for tip in head.tips) if at_commit else None
    files, documents = (
        tuple(path for path in changed(before, head.snapshot) if path not in head.unmerged) if before else ()
        for changed in (changed_contracts, changed_documents)
    )
    return ChangeSet(before, base.how, head.snapshot, parents, files, documents)


def on_older_base(
    repository: Repository, changes: ChangeSet, paths: Sequence[str] = PROTOBUF
) -> ChangeSet | None:
    """The same change against the nearest ancestor of its base that has other files at `paths`."""
    if changes.base is None:
        return None
    ancestor = repository.parent_with_other(changes.base.name, paths)
    if ancestor is None:
        return None
    before = Snapshot.of_commit(repository, ancestor)
    files, documents = changed_contracts(before, changes.head), changed_documents(before, changes.head)
    return replace(changes, base=before, files=files, documents=documents)


def changed_contracts(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Contract files that were added, changed or deleted between two snapshots, sorted."""
    return differing(before, after, lambda path: path.endswith(CONTRACT_SUFFIXES))


def changed_documents(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The same of files that may be OpenAPI descriptions, charts or manifests, or parts of one."""
    return differing(before, after, is_document)


def differing(before: Snapshot, after: Snapshot, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """Wanted paths that were added, changed or deleted between two snapshots, sorted."""
    paths = before.entries.keys() | after.entries.keys()
    return tuple(sorted(p for p in paths if before.entries.get(p) != after.entries.get(p) and wanted(p)))
