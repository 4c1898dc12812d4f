"""Whose programs a file is built into: code of a shared folder belongs to everything that takes it in.

Import graphs and manifests tell first (`built/`); what an image copies counts where they say nothing. Worked
out when it is first asked for, and kept with the snapshot's content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.store import Store
from workspai_hooks.workspace.built import SYSTEMS
from workspai_hooks.workspace.built.values import Linked, System
from workspai_hooks.workspace.files import is_test

_LAST_RESORT = "containers"


class _Table(msgspec.Struct, frozen=True):
    """`at`: path -> place of its builders' names in `names`; paths that only their own service builds are
    left out."""

    names: list[list[str]]
    at: dict[str, int]


class Builders(msgspec.Struct, frozen=True, dict=True):
    """The builders of every file of a snapshot.

    `owner_of`: path -> the service whose folder holds it; `images`: Dockerfile -> the services that are built
    by it; `about` is a digest of what these two say.
    """

    snapshot: Snapshot
    owner_of: Callable[[str], str | None]
    images: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    about: bytes = b""

    def of(self, path: str) -> tuple[str, ...]:
        """The names of the services that a file is built into, its own folder's included, sorted."""
        owner = self.owner_of(path)
        place = self._table.at.get(path)
        names = set() if place is None else set(self._table.names[place])
        if is_test(path) and (owner or len(names) > 1):
            # A test is built into no program; it stays with its folder.
            names = set()
        return tuple(sorted(names | ({owner} if owner else set())))

    @cached_property
    def _table(self) -> _Table:
        """Kept by the whole tree, and by what it is made of where a tree differs in something else."""
        key = Store.key(self.snapshot.digest, self.about)
        return self.snapshot.store.once("builders of a tree", key, _Table, self._joined)

    def _joined(self) -> _Table:
        paths = frozenset(self.snapshot.paths())
        texts = {system.name: self._texts(system, paths) for system in SYSTEMS}
        key = Store.key(sorted(paths), texts, self.about)
        return self.snapshot.store.once("builders", key, _Table, lambda: self._worked_out(paths, texts))

    def _worked_out(self, paths: frozenset[str], texts: Mapping[str, dict[str, list[str]]]) -> _Table:
        found: dict[str, set[str]] = {}
        for system in SYSTEMS:
            linked = system.link(texts[system.name], paths)
            takers = self._takers(linked)
            for path in sorted(paths):
                names = {name for part in linked.parts_of(path) for name in takers.get(part, ())}
                if names and not (system.name == _LAST_RESORT and path in found):
                    found.setdefault(path, set()).update(names)
        return self._packed(found)

    def _packed(self, found: Mapping[str, set[str]]) -> _Table:
        places: dict[tuple[str, ...], int] = {}
        at = {}
        for path, names in sorted(found.items()):
            if names != {self.owner_of(path)}:
                at[path] = places.setdefault(tuple(sorted(names)), len(places))
        return _Table([list(names) for names in places], at)

    def _texts(self, system: System, paths: Iterable[str]) -> dict[str, list[str]]:
        """What each file that a system wants says."""
        kind = f"built {system.name}"
        keys = {path: Store.key(self.snapshot.entries[path].blob) for path in paths if system.wanted(path)}

        def read(missing: list[str]) -> dict[str, list[str]]:
            return {path: system.read(data) for path, data in self.snapshot.contents(missing)}

        return dict(sorted(self.snapshot.store.each(kind, keys, list[str], read).items()))

    def _takers(self, linked: Linked) -> dict[str, set[str]]:
        """Part -> the services whose programs take it in."""
        starts: dict[str, set[str]] = {}
        for part, path in linked.starts.items():
            owner = self.owner_of(path)
            for name in self.images.get(path) or ((owner,) if owner and not is_test(path) else ()):
                starts.setdefault(name, set()).add(part)
        takers: dict[str, set[str]] = {}
        for name, parts in sorted(starts.items()):
            for part in _closed(parts, linked.needs):
                takers.setdefault(part, set()).add(name)
        return takers


def _closed(parts: Iterable[str], needs: Mapping[str, frozenset[str]]) -> set[str]:
    seen = set(parts)
    waiting = list(seen)
    while waiting:
        for other in needs.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
