"""What other repositories make of our contracts, as a break asks it; nothing is read before it asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location
from workspai_hooks.workspace.elsewhere.contents import Contents, contents
from workspai_hooks.workspace.elsewhere.layout import (
    IN_TEST,
    LIKELY,
    WRITES,
    Edge,
    FactsError,
    Use,
    opened_contracts,
    opened_unfollowed,
    opened_uses,
)
from workspai_hooks.workspace.elsewhere.listed import Listed
from workspai_hooks.workspace.elsewhere.merged import (
    BETWEEN,
    PACKAGE,
    Merged,
    Row,
    heads_of,
    join,
    merged,
    reread,
    row_key,
)
from workspai_hooks.workspace.elsewhere.packed import place


class UseElsewhere(msgspec.Struct, frozen=True, order=True):
    """A line of another repository; the path is relative to that repository's top."""

    location: Location
    symbol: str
    kind: str
    confidence: str
    in_test: bool
    writes: bool


class HeldElsewhere(msgspec.Struct, frozen=True, order=True):
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
        self._edges: dict[int, dict[tuple[int, int], list[Edge]]] = {}
        self._lost: set[Undecided] = set()

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
        return self.merged.repositories[self._homes[service]]

    @cached_property
    def _homes(self) -> dict[int, int]:
        """The repository of each service."""
        homes = self.merged.homes
        return {service: home for home in range(len(homes)) for service in homes.at(home)}

    def together(self, one: int, other: int) -> bool:
        """Whether two services are of one repository."""
        return self._homes[one] == self._homes[other]

    def number_of(self, name: str) -> int | None:
        """A service's number; None for a name that none has."""
        return place(self.merged.names, name) if self else None

    def owners(self, service: int) -> tuple[str, ...]:
        """Its owners, as its repository names them."""
        return tuple(one for one in self.merged.owners[service].split(BETWEEN) if one)

    def serves(self, service: int) -> list[str]:
        """The contract services that a service implements."""
        return [self.merged.served.names[at] for at in self.merged.serves.at(service)]

    def uses(self, packages: Iterable[str], elements: frozenset[str]) -> dict[int, list[UseElsewhere]]:
        """Lines that use one of the elements, by service."""
        found: dict[int, set[UseElsewhere]] = {}
        for file, row in self._of(packages):
            services = self.merged.files.at(file)
            for element in row.uses.keys() & elements:
                with self._telling(file):
                    data, sizes = row.uses[element], (len(row.paths), len(row.words))
                    for use in opened_uses(data, len(services), *sizes):
                        found.setdefault(services[use.service], set()).add(_told(use, row))
        return {service: sorted(found[service]) for service in sorted(found)}

    def holders(self, packages: Iterable[str], elements: frozenset[str]) -> dict[int, HeldElsewhere]:
        """Services that hold a contract which declares one of the elements."""
        found: dict[int, HeldElsewhere] = {}
        for file, row in self._of(packages):
            services = self.merged.files.at(file)
            with self._telling(file):
                sizes = (len(services), len(row.paths), len(row.words))
                for contract in opened_contracts(row.contracts, *sizes):
                    if not elements & set(contract.declares):
                        continue
                    for one in contract.held:
                        held = HeldElsewhere(row.paths[one.path], row.words[one.kind])
                        found.setdefault(services[one.service], held)
        return found

    def unfollowed(self, packages: Iterable[str], names: Collection[str]) -> dict[int, str]:
        """Services that handle one of these elements or messages in a way that can't be followed, and how."""
        found: dict[int, str] = {}
        for file, row in self._of(packages):
            services = self.merged.files.at(file)
            for name in sorted(row.unfollowed.keys() & names):
                with self._telling(file):
                    for one in opened_unfollowed(row.unfollowed[name], len(services), len(row.words)):
                        found.setdefault(services[one.service], row.words[one.said])
        return found

    @contextmanager
    def _telling(self, file: int) -> Iterator[None]:
        """A file that turns out to be wrong is an open question, not an end."""
        try:
            yield
        except FactsError as error:
            repository = self.merged.repositories[self.merged.shown[file]]
            self._lost.add(Undecided(f"facts of {repository}", str(error), error.remedy))

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
        self.look_at([consumer])
        edges = self._edges[self._homes[consumer]].get((consumer, provider), ())
        places = {Location(place.path, place.line) for edge in edges for place in edge.evidence}
        return tuple(sorted({edge.protocol for edge in edges})), tuple(sorted(places))

    def look_at(self, services: Iterable[int]) -> None:
        """Read the edges of the repositories of these services, all at once."""
        homes = {self._homes[service] for service in services} - self._edges.keys()
        files = {self._known[1][file]: file for home in homes for file in self._files_by_home[home]}
        self._edges.update({home: {} for home in homes})
        asked = [one for one in self._contents.here if one.key in files]
        heads, lost = heads_of(self._snapshot.store, asked)
        self._lost.update(lost)
        for key, head in sorted(heads.items()):
            services_there = self.merged.files.at(files[key])
            edges = self._edges[self.merged.shown[files[key]]]
            for edge in head.edges:
                ends = (services_there[edge.consumer], services_there[edge.provider])
                edges.setdefault(ends, []).append(edge)

    @cached_property
    def _files_by_home(self) -> dict[int, list[int]]:
        files: dict[int, list[int]] = {}
        for file, home in enumerate(self.merged.shown):
            files.setdefault(home, []).append(file)
        return files

    def undecided(self, packages: Collection[str]) -> tuple[Undecided, ...]:
        """What a break of these packages can't know: files that are not here, contracts unread elsewhere."""
        if not self:
            return ()
        unread = [row for package in ("", *sorted(packages)) for row in self.merged.unread.get(package, ())]
        elsewhere = {
            Undecided(
                f"{self.merged.repositories[self.merged.shown[file]]}:{what}",
                f"could not be read when its facts were exported: {why}",
                "mend it there, and export its facts anew",
            )
            for file, what, why in unread
        }
        return (*self._contents.missing, *self._known[2], *sorted(self._lost), *sorted(elsewhere))

    def _of(self, packages: Iterable[str]) -> list[tuple[int, Row]]:
        return [row for package in sorted(set(packages)) for row in self._package(package)]

    def _package(self, package: str) -> list[tuple[int, Row]]:
        """The rows of one package, of all files that know of it."""
        if package not in self._rows:
            keys = {
                file: row_key(self._known[1][file], package) for file in self.merged.packages.get(package)
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
                self._lost |= set() if problem is None else {problem}
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
