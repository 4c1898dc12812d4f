"""Whether anybody can be hit by a break at all: a repository of contracts alone has neither services nor
sources, and most of what looks for consumers need not be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.configuration import Settings, user_facts
from workspai_hooks.contract_files import CONTRACT_SUFFIXES, SOURCE_SUFFIXES
from workspai_hooks.store import Store

if TYPE_CHECKING:
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot


def has_nobody(changes: ChangeSet, settings: Settings) -> bool:
    """Whether neither side has a service or a source, and no facts of other repositories are listed."""
    if settings.facts or settings.services or settings.edges or user_facts():
        return False
    sides = (changes.head, changes.base)
    return all(_is_empty(side) for side in sides if side is not None)


def _is_empty(snapshot: Snapshot) -> bool:
    """Services come of manifests, which are no contracts: the answer is kept by all other files."""
    if snapshot.paths(*SOURCE_SUFFIXES):
        return False
    rows = [
        (path, entry.mode, entry.blob)
        for path, entry in snapshot.entries.items()
        if not path.endswith(CONTRACT_SUFFIXES)
    ]

    def look() -> bool:
        from workspai_hooks.workspace.services import discover

        return not discover(snapshot).all

    return snapshot.store.once("nobody", Store.key(rows), bool, look)
