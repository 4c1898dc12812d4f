"""What other repositories make of our contracts, as a break asks it; nothing is read before it asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.workspace.elsewhere.contents import Contents, contents
from workspai_hooks.workspace.elsewhere.layout import IN_TEST, LIKELY, WRITES, Contract, Unfollowed, Use
from workspai_hooks.workspace.elsewhere.listed import Listed
from workspai_hooks.workspace.elsewhere.merged import (
    ONE,
    PACKAGE,
    Head,
    Merged,
    Row,
    join,
    merged,
    reread,
    row_key,
)

_USES = msgspec.msgpack.Decoder(list[Use])
_UNFOLLOWED = msgspec.msgpack.Decoder(list[Unfollowed])
_CONTRACTS = msgspec.msgpack.Decoder(list[Contract])


@dataclass(frozen=True, order=True, slots=True)
class UseElsewhere:
    """A line of another repository; the path is relative to that repository's top."""

    location: Location
    symbol: str
    kind: str
    confidence: str
    in_test: bool
    writes: bool


@dataclass(frozen=True, order=True, slots=True)
class HeldElsewhere:
    """Where a service of another repository holds a contract."""

    path: str
    kind: str


class Elsewhere:
    """The facts files that are listed, as one index. Without any it answers nothing, and costs nothing.

    Services are numbers in `merged.names`.
    """

    def __init__(
        self, snapshot: Snapshot, kept: Path = Path(), listed: Sequence[Listed] = (), own_url: str = ""
    ) -> None:
        self._snapshot = snapshot
        self._kept = kept
        self._listed = listed
        self._own_url = own_url
        self._rows: dict[str, list[tuple[int, Row]]] = {}
        self._lost: tuple[Undecided, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._listed)

    @cached_property
    def _contents(self) -> Contents:
        return contents(self._snapshot, self._kept, self._listed)

    @cached_property
    def _known(self) -> tuple[Merged, list[bytes], list[Undecided]]:
        if not self:
            return join([]), [], []
        return merged(self._snapshot.store, self._contents.here, self._own_url)

    @property
    def merged(self) -> Merged:
        """Who there is, and who calls whom."""
        return self._known[0]

    def repository_of(self, service: int) -> str:
        """What its repository is called."""
        return self.merged.repositories[self.merged.homes[service]]

    def uses(self, packages: Iterable[str], elements: Collection[str]) -> dict[int, list[UseElsewhere]]:
        """Lines that use one of the elements, by service."""
        found: dict[int, set[UseElsewhere]] = {}
        for file, row in self._of(packages):
            services = self.merged.files[file][1]
            for element in row.uses.keys() & elements:
                for use in _USES.decode(row.uses[element]):
                    found.setdefault(services[use.service], set()).add(_told(use, row))
        return {service: sorted(found[service]) for service in sorted(found)}

    def holders(self, packages: Iterable[str], elements: Collection[str]) -> dict[int, HeldElsewhere]:
        """Services that hold a contract which declares one of the elements."""
        found: dict[int, HeldElsewhere] = {}
        for file, row in self._of(packages):
            services = self.merged.files[file][1]
            for contract in _CONTRACTS.decode(row.contracts):
                if not set(contract.declares).isdisjoint(elements):
                    for one in contract.held:
                        held = HeldElsewhere(row.paths[one.path], row.words[one.kind])
                        found.setdefault(services[one.service], held)
        return found

    def unfollowed(self, packages: Iterable[str], names: Collection[str]) -> dict[int, str]:
        """Services that handle one of these elements or messages in a way that can't be followed, and how."""
        found: dict[int, str] = {}
        for file, row in self._of(packages):
            services = self.merged.files[file][1]
            for name in sorted(row.unfollowed.keys() & names):
                for one in _UNFOLLOWED.decode(row.unfollowed[name]):
                    found.setdefault(services[one.service], row.words[one.said])
        return found

    def opaque(self, imported_as: Collection[str]) -> dict[int, str]:
        """Services with a stub of one of these contracts that does not say what is in it."""
        found: dict[int, str] = {}
        for source, stubs in sorted(self.merged.opaque.items()):
            if any(f"/{path}".endswith(f"/{source}") for path in imported_as):
                for service, path in stubs:
                    found.setdefault(
                        service, f"holds {path}, of a contract that is not there: its uses can't be seen"
                    )
        return found

    def evidence(self, consumer: int, provider: int) -> tuple[tuple[str, ...], tuple[Location, ...]]:
        """The protocols of an edge inside of one repository, and the lines that speak for it."""
        protocols: set[str] = set()
        places: set[Location] = set()
        for file in self._files_with(consumer, provider):
            head = self._snapshot.store.recall(ONE, [self._known[1][file]], Head).get(self._known[1][file])
            services = self.merged.files[file][1]
            for edge in head.edges if head is not None else ():
                if (services[edge.consumer], services[edge.provider]) == (consumer, provider):
                    protocols.add(edge.protocol)
                    places.update(Location(place.path, place.line) for place in edge.evidence)
        return tuple(sorted(protocols)), tuple(sorted(places))

    def _files_with(self, *services: int) -> list[int]:
        home = self.merged.homes[services[0]]
        return [
            file
            for file, (repository, members) in enumerate(self.merged.files)
            if repository == home and set(services) <= set(members)
        ]

    def undecided(self, packages: Collection[str]) -> tuple[Undecided, ...]:
        """What a break of these packages can't know: files that are not here, contracts unread elsewhere."""
        if not self:
            return ()
        unread = [row for package in ("", *sorted(packages)) for row in self.merged.unread.get(package, ())]
        elsewhere = {
            Undecided(
                f"{self.merged.repositories[self.merged.files[file][0]]}:{what}",
                f"could not be read when its facts were exported: {why}",
                "mend it there, and export its facts anew",
            )
            for file, what, why in unread
        }
        return (*self._contents.missing, *self._known[2], *self._lost, *sorted(elsewhere))

    def _of(self, packages: Iterable[str]) -> list[tuple[int, Row]]:
        return [row for package in sorted(set(packages)) for row in self._package(package)]

    def _package(self, package: str) -> list[tuple[int, Row]]:
        """The rows of one package, of all files that know of it."""
        if package not in self._rows:
            keys = {
                file: row_key(self._known[1][file], package) for file in self.merged.packages.get(package, ())
            }
            rows = self._snapshot.store.recall(PACKAGE, keys.values(), Row)
            lost = {key for key in keys.values() if key not in rows}
            rows |= {key: row for key, row in self._again(package, lost).items() if row is not None}
            self._rows[package] = [(file, rows[key]) for file, key in keys.items() if key in rows]
        return self._rows[package]

    def _again(self, package: str, lost: Collection[bytes]) -> dict[bytes, Row | None]:
        """Rows that the index had and lost, from their files; one that can't be read any more is told."""
        found: dict[bytes, Row | None] = {}
        for content in self._contents.here if lost else ():
            key = row_key(content.key, package)
            if key in lost:
                rows, problem = reread(content)
                found[key] = rows.get(package)
                self._lost += () if problem is None else (problem,)
        return found


def _told(use: Use, row: Row) -> UseElsewhere:
    return UseElsewhere(
        Location(row.paths[use.path], use.line, use.column),
        row.words[use.symbol],
        row.words[use.kind],
        "likely" if use.flags & LIKELY else "proven",
        bool(use.flags & IN_TEST),
        bool(use.flags & WRITES),
    )
