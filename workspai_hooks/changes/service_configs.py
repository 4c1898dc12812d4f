"""Changes of nothing but gRPC service configs in a repository of contracts: few questions need be asked."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from workspai_hooks.contract_files import HOMES, SERVICE_CONFIG, SOURCE_SUFFIXES

if TYPE_CHECKING:
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot


def only_configs(changes: ChangeSet) -> tuple[str, ...]:
    """The configs that differ between the sides, sorted; none where anything else does, or where sources or
    what is deployed may read them."""
    if changes.files or not all(path.endswith(SERVICE_CONFIG) for path in changes.documents):
        return ()
    paths: set[str] = set()
    for side in {
        id(one): one for one in (changes.base, *(changes.parents or ())) if one is not None
    }.values():
        paths.update(changes.head.differing(side))
    if not paths or not all(path.endswith(SERVICE_CONFIG) for path in paths):
        return ()
    if changes.head.paths(*SOURCE_SUFFIXES) or any(_is_deployed(changes.head, path) for path in paths):
        return ()
    return tuple(sorted(paths))


def _is_deployed(snapshot: Snapshot, path: str) -> bool:
    """Whether a chart or a kustomization stands in a folder above."""
    folder = dirname(path)
    while True:
        if any((f"{folder}/{home}" if folder else home) in snapshot.entries for home in HOMES):
            return True
        if not folder:
            return False
        folder = dirname(folder)
