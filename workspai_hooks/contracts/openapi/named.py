"""Which operations the descriptions of a snapshot have, by name: kept by content, so that only new ones are
read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.description import METHODS, SECTIONS, members
from workspai_hooks.contracts.openapi.library import read_text

Names = tuple[str, ...]


def operation_names(data: bytes) -> Names:
    """The operations that one text holds itself (not those behind references of its path items)."""
    try:
        top = members(read_text(data, strict=False))
    except Unreadable:
        return ()
    found = []
    for section in SECTIONS:
        for path, item in members(top.get(section)).items():
            name = path if section == "paths" else f"webhook:{path}"
            there = members(item)
            found += [f"{method.upper()} {name}" for method in METHODS if method in there]
            found += [f"{method} {name}" for method in members(there.get("additionalOperations"))]
    return tuple(sorted(found))


def how_many_have(
    snapshot: Snapshot, descriptions: Iterable[str], known: Mapping[str, Names]
) -> Counter[str]:
    """Operation -> in how many of these descriptions it is. `known` are those that were read."""
    keys = {path: bytes.fromhex(snapshot.entries[path].blob) for path in descriptions}

    def make(missing: list[str]) -> dict[str, Names]:
        unread = snapshot.read_many(path for path in missing if path not in known)
        found = {path: known[path] for path in missing if path in known}
        return {**found, **{path: operation_names(data) for path, data in unread.items()}}

    found = snapshot.store.each("openapi operations", keys, Names, make)
    return Counter(name for names in found.values() for name in names)
