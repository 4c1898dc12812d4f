"""What is inspected: the index as the next commit will hold it, or a revision that is pushed or built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.changes.documents import MARKS, may_be_contracts
from workspai_hooks.changes.glance import may_use_retired
from workspai_hooks.changes.policies import may_be_policies
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_document
from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:  # only a push needs it
    from workspai_hooks.changes.pushes import Pushed


class Head(msgspec.Struct, frozen=True, dict=True):
    """`tips` are the commits that it stands on: its parents for the index (two in a merge), else itself.

    `unmerged` are paths with conflicts, which the snapshot has not; `conflicts` says it of contracts.
    `pushed` is where it goes.
    """

    snapshot: Snapshot
    tips: tuple[str, ...]
    conflicts: tuple[Undecided, ...] = ()
    unmerged: tuple[str, ...] = ()
    pushed: tuple[Pushed, ...] = ()


def asks(repository: Repository) -> bool:
    """Whether the commit under way asks anything: it may change a contract, or use what one has given up."""
    git = repository.plain()
    try:
        staged = git.staged()
    except OSError:  # no commit yet, or nothing that can be compared with
        return _has_contract(repository)
    if any(one.path.endswith(CONTRACT_SUFFIXES) for one in staged):
        return True
    if may_be_contracts(git, staged) or may_be_policies(git, staged):
        return True
    return may_use_retired(git, staged)


def _has_contract(repository: Repository) -> bool:
    """Whether the index differs from HEAD, or from nothing before the first commit, in a contract file;
    `UndecidedError` where git does not say."""
    staged = repository.staged_differences(repository.head())
    return any(
        path.endswith(CONTRACT_SUFFIXES) for path in (*(d.path for d in staged), *repository.unmerged())
    )


def staged_head(repository: Repository) -> Head:
    """The index, on top of HEAD and of what a merge under way brings in."""
    if repository.top == repository.git_dir:
        raise UsageError("there is no index here (a bare repository): compare revisions, --from REF --to REF")
    tips = tuple(rev for rev in (repository.head(), *repository.merge_heads()) if rev)
    entries, unmerged = repository.next_commit(tips[0] if tips else None)
    conflicts = tuple(
        Undecided(path, "has unresolved conflicts", f"resolve it, then git add {path}")
        for path in unmerged
        if path.endswith(CONTRACT_SUFFIXES) or (is_document(path) and _is_marked(repository, path))
    )
    return Head(Snapshot.of_index(repository, entries), tips, conflicts, tuple(unmerged))


def _is_marked(repository: Repository, path: str) -> bool:
    """Whether a side of a conflict says that it is a contract."""
    try:
        sides = repository.plain().contents(f":{stage}:{path}" for stage in (1, 2, 3))
    except (OSError, ValueError):
        return True
    return any(mark in text for text in sides.values() for mark in MARKS)


def committed_head(
    repository: Repository, revision: str, flag: str = "", pushed: tuple[Pushed, ...] = ()
) -> Head:
    """A revision; `flag` is what the user wrote it after."""
    tip = repository.resolve(revision)
    if tip is None:
        raise UsageError(f"{flag} {revision}: no such revision in this repository".lstrip())
    return Head(Snapshot.of_commit(repository, tip), (tip,), pushed=pushed)
