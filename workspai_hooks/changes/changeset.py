"""The change under inspection: what is compared with what, and which contract files differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workspai_hooks.changes.base import Base, find_base
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.tools.git import Repository

CONTRACT_SUFFIXES = (".proto",)
"""Names of the files that are contracts; a change that touches none of them asks nothing."""


@dataclass(frozen=True)
class ChangeSet:
    """`base` None: nothing to compare with. `parents` are what the commit under way is made on top of.

    `files` are the contract files that differ between base and head; empty where the change asks nothing.
    `at_commit`: only what the parents have not is this commit's doing.
    """

    base: Snapshot | None
    how: str
    head: Snapshot
    parents: tuple[Snapshot, ...]
    files: tuple[str, ...]
    at_commit: bool
    undecided: tuple[Undecided, ...] = ()


def touches_contract(repository: Repository) -> bool:
    """Whether the index has a contract file that HEAD has not as it is: the question of every commit."""
    staged = repository.staged_differences(repository.resolve("HEAD"))
    return any(difference.path.endswith(CONTRACT_SUFFIXES) for difference in staged) or any(
        path.endswith(CONTRACT_SUFFIXES) for path in repository.unmerged()
    )


def staged_changes(
    repository: Repository, *, wanted: str | None, default_branch: str | None, at_commit: bool
) -> ChangeSet:
    """The index against the merge base of the commit that it will become."""
    head = repository.resolve("HEAD")
    tips = tuple(rev for rev in (head, *repository.merge_heads()) if rev)
    index = Snapshot.of_index(repository)
    base = find_base(repository, tips, wanted=wanted, default_branch=default_branch)
    conflicts = tuple(
        Undecided(path, "has unresolved conflicts", f"resolve it, then git add {path}")
        for path in repository.unmerged()
        if path.endswith(CONTRACT_SUFFIXES)
    )
    parents = tuple(Snapshot.of_commit(repository, tip) for tip in tips) if at_commit else ()
    return _compared(repository, base, index, parents, at_commit, conflicts)


def committed_changes(
    repository: Repository, revision: str, *, wanted: str | None, default_branch: str | None
) -> ChangeSet:
    """A revision against its merge base with the default branch: what a push or a CI run asks."""
    tip = repository.resolve(revision)
    if tip is None:
        raise UsageError(f"{revision}: no such revision in this repository")
    base = find_base(repository, (tip,), wanted=wanted, default_branch=default_branch)
    return _compared(repository, base, Snapshot.of_commit(repository, tip), (), False, ())


def exact_changes(repository: Repository, old: str, new: str) -> ChangeSet:
    """Two revisions as they are (`--from`, `--to`)."""
    revs = []
    for flag, rev in (("--from", old), ("--to", new)):
        commit = repository.resolve(rev)
        if commit is None:
            raise UsageError(f"{flag} {rev}: no such revision in this repository")
        revs.append(commit)
    return _compared(
        repository, Base(revs[0], f"--from {old}"), Snapshot.of_commit(repository, revs[1]), (), False, ()
    )


def older_base(repository: Repository, changes: ChangeSet, broken: Sequence[str]) -> ChangeSet | None:
    """The same change against the nearest ancestor of its base in which `broken` files stood differently."""
    if changes.base is None:
        return None
    ancestor = repository.parent_with_other(changes.base.name, broken)
    if ancestor is None:
        return None
    base = Base(ancestor, f"nearest ancestor of {changes.how} ({changes.base.name[:12]}) that compiles")
    return _compared(repository, base, changes.head, changes.parents, changes.at_commit, changes.undecided)


def _compared(
    repository: Repository,
    base: Base,
    head: Snapshot,
    parents: tuple[Snapshot, ...],
    at_commit: bool,
    undecided: tuple[Undecided, ...],
) -> ChangeSet:
    before = _tree(repository, base.rev) if base.rev else None
    files = changed_contracts(before, head) if before else ()
    return ChangeSet(before, base.how, head, parents, files, at_commit, undecided)


def _tree(repository: Repository, rev: str) -> Snapshot:
    try:
        return Snapshot.of_commit(repository, rev)
    except UndecidedError as error:
        raise UndecidedError(
            f"the tree of {rev[:12]}",
            error.undecided.why,
            "fetch it: git fetch origin " + rev,
        ) from error


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
