"""What it is to hold an element of a contract, and who does, asked by tables: of the elements of one parent,
and of what stands at a path. So it is found without looking at everything that anybody holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from workspai_hooks.contracts.protobuf.elements import FILE, by_parent

Some = tuple[str, ...] | None
"""Names of a group; None for all that it knows."""


class HeldKind(StrEnum):
    """How an element is held; the first that applies is told."""

    STUB = "stub"
    COPY = "copy"
    BUILD_REFERENCE = "build-reference"
    IMPORT = "import"


class Held(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Where a service holds an element. `contract_version` stays None until skew is measured."""

    path: str
    kind: str = HeldKind.STUB
    generator: str = ""
    contract_version: str | None = None


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """A build file, or source that loads a contract, and the paths in the repository that it may name.

    `files`: the .proto files that it names one by one, as written; empty where it takes whole folders.
    """

    service: str
    held: Held
    paths: frozenset[str]
    files: frozenset[str]

    def names(self, contract: str) -> bool:
        """It names the contract, or a folder that holds it; named one by one, that file in that folder."""
        if contract in self.paths:
            return True
        within = any(contract.startswith(path + "/") for path in self.paths)
        return within and (not self.files or any(f"/{contract}".endswith(f"/{file}") for file in self.files))


class Group(msgspec.Struct, frozen=True, array_like=True):
    """The elements of one parent (a message's fields, a package's types) and who has them: mostly its
    contract has them all, and each stub."""

    names: frozenset[str]
    contracts: list[tuple[str, Some]]
    stubs: list[tuple[str, Held, Some]]
    """Of a service, with a descriptor that can be read."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a path. `package`: of the contract that stands there, None where none does;
    `copied_by`: the service whose copy it is; `opaque`: stubs of it without a descriptor, of a service;
    `references`: builds that name it, or that folder."""

    package: str | None = None
    copied_by: str | None = None
    opaque: list[tuple[str, Held]] = msgspec.field(default_factory=list)
    references: list[Reference] = msgspec.field(default_factory=list)


class Known(Protocol):
    """What can be asked of everything that is held in a snapshot."""

    def groups(self, parents: Iterable[str]) -> Mapping[str, Group]:
        """The groups of these parents."""

    def places(self, paths: Iterable[str]) -> Mapping[str, Place]:
        """What is known of these paths."""

    def nameless(self) -> Sequence[tuple[str, Held]]:
        """The stubs of services that have no descriptor and do not say what they were generated from."""

    def text(self, path: str) -> bytes:
        """The content of a stub."""


def held_of(elements: Collection[str], known: Known) -> dict[str, tuple[Held, ...]]:
    """The services that hold one of the elements, each with where, the best kind first."""
    found: dict[str, set[Held]] = {}
    wanted = by_parent(elements)
    declaring = {one.removeprefix(FILE) for one in elements if one.startswith(FILE)}
    for parent, group in known.groups(wanted).items():
        names = wanted[parent] & group.names
        declaring.update(path for path, some in group.contracts if _meet(names, some))
        for service, held, some in group.stubs:
            if _meet(names, some):
                found.setdefault(service, set()).add(held)
    above = {path: _above(path) for path in declaring}
    places = known.places({one for each in above.values() for one in each})
    contracts = {path: places[path] for path in sorted(declaring) if path in places}
    contracts = {path: place for path, place in contracts.items() if place.package is not None}
    for path, place in contracts.items():
        if place.copied_by is not None:
            found.setdefault(place.copied_by, set()).add(Held(path, HeldKind.COPY))
        for one in above[path]:
            for reference in places[one].references if one in places else ():
                if reference.names(path):
                    found.setdefault(reference.service, set()).add(reference.held)
    for service, held in _opaque(elements, contracts.values(), known):
        found.setdefault(service, set()).add(held)
    order = list(HeldKind)
    return {
        service: tuple(sorted(found[service], key=lambda held: (order.index(HeldKind(held.kind)), held)))
        for service in sorted(found)
    }


def _meet(names: frozenset[str], some: Some) -> bool:
    return bool(names) and (some is None or not names.isdisjoint(some))


def _above(path: str) -> list[str]:
    """A path and the folders around it."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _opaque(
    elements: Collection[str], contracts: Iterable[Place], known: Known
) -> Iterator[tuple[str, Held]]:
    """Stubs without a descriptor that hold one of the elements: those of its contract that name it.

    Of the contract: its header names the file, or it names the package. Generators write names in their
    language's case, so that case and underscores don't count.
    """
    words = [_words(element) for element in sorted(elements) if ":" not in element]
    places = list(contracts)
    if not words or not places:
        return
    for service, held in dict.fromkeys(one for place in places for one in place.opaque):
        if _says(known.text(held.path), words):
            yield service, held
    packages = {place.package.encode() for place in places if place.package}
    for service, held in known.nameless() if packages else ():
        text = known.text(held.path)
        if any(package in text for package in packages) and _says(text, words):
            yield service, held


def gained(elements: Collection[str], before: bytes, after: bytes) -> bool:
    """Whether a stub without a descriptor says one of the elements that it did not say before."""
    words = [_words(element) for element in elements if ":" not in element]
    return _says(after, [each for each in words if not _says(before, [each])])


def _says(text: bytes, words: Sequence[Sequence[bytes]]) -> bool:
    folded = text.replace(b"_", b"").lower()
    return any(all(word in folded for word in each) for each in words)


def _words(element: str) -> list[bytes]:
    """What must stand in a stub that holds an element: its own name and that of what it is declared in."""
    last = re.split(r"[./]", element)[-2:]
    return [word.replace("_", "").lower().encode() for word in last]
