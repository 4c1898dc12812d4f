"""Copies of one contract inside the repository that no longer agree.

A copy is a file of the same package in another unit that declares mostly the same names with mostly
the same fields. What a copy never had at all is no drift: many services keep only the part they use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from workspai_hooks import rules
from workspai_hooks.breaking.renames import top_level
from workspai_hooks.breaking.shapes import parts_of
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.protobuf.compiled import Pair
from workspai_hooks.contracts.protobuf.describe import Described
from workspai_hooks.contracts.protobuf.schema import EnumType, Message, Service
from workspai_hooks.findings import Severity, Surface
from workspai_hooks.source import Location

_SHOWN = 6


class Difference(msgspec.Struct, frozen=True, order=True):
    """An element that copies tell differently: what each of them says, by the copy's first path."""

    element: str
    told: tuple[tuple[str, str], ...]
    contradicts: bool

    def __str__(self) -> str:
        by_text: dict[str, list[str]] = {}
        for path, text in self.told:
            by_text.setdefault(text or "missing", []).append(path)
        parts = [
            f"{text} in {', '.join(paths)}"
            for text, paths in sorted(by_text.items(), key=lambda pair: pair[0])
        ]
        return f"{self.element}: {'; '.join(parts)}"


class _Copy(msgspec.Struct, frozen=True):
    """One copy of a contract: its files, by which it is named, and both sides of it."""

    paths: tuple[str, ...]
    head: Described
    base: Described


def copies_drift(
    pairs: Sequence[Pair], packages: Collection[str], changed: Collection[str], broken: Collection[str]
) -> tuple[Break, ...]:
    """One break for each contract with copies that the change touches, where the copies differ."""
    found = []
    for package in sorted(packages):
        for copies in _contracts(pairs, package):
            if any(path in changed for copy in copies for path in copy.paths):
                drift = _drift(package, copies, changed, broken)
                if drift is not None:
                    found.append(drift)
    return tuple(found)


def _contracts(pairs: Sequence[Pair], package: str) -> Iterator[list[_Copy]]:
    """Groups of copies: files of the package in different units that look like one contract."""
    files = [
        (index, path)
        for index, pair in enumerate(pairs)
        for path, file in sorted(pair.head.described.files.items())
        if file.package == package
    ]
    group = {file: position for position, file in enumerate(files)}
    for one in files:
        for other in files:
            if one[0] < other[0] and group[one] != group[other] and _alike(pairs, one, other):
                old, new = group[other], group[one]
                group.update({file: new for file in files if group[file] == old})
    for number in sorted(set(group.values())):
        members = [file for file in files if group[file] == number]
        units = sorted({index for index, _ in members})
        if len(units) > 1:
            yield [
                _Copy(
                    tuple(path for index, path in members if index == unit),
                    pairs[unit].head.described,
                    pairs[unit].base.described,
                )
                for unit in units
            ]


def _alike(pairs: Sequence[Pair], one: tuple[int, str], other: tuple[int, str]) -> bool:
    left, right = pairs[one[0]].head.described, pairs[other[0]].head.described
    names, others = top_level(left, one[1]), top_level(right, other[1])
    shared = names & others
    if not shared or len(shared) * 2 < min(len(names), len(others)):
        return False
    total = same = 0
    for name in shared:
        mine, theirs = parts_of(left, name), parts_of(right, name)
        total += max(len(mine), len(theirs))
        same += sum(theirs.get(part) == text for part, text in mine.items())
    return same * 2 >= total


def _drift(
    package: str, copies: list[_Copy], changed: Collection[str], broken: Collection[str]
) -> Break | None:
    differences = _differences([(copy.paths[0], copy.head) for copy in copies], copies)
    if not differences:
        return None
    before = set(_differences([(copy.paths[0], copy.base) for copy in copies if copy.base.files], copies))
    new = [difference for difference in differences if difference not in before]
    rule = rules.BY_NAME["copies-drift"]
    places = sorted(
        (_place(copy, (new or differences)[0].element) for copy in copies),
        key=lambda place: (place.path not in changed, len(place.path), place),
    )
    canonical = min((path for copy in copies for path in copy.paths), key=lambda path: (len(path), path))
    return Break(
        rule.id,
        f"package:{package}" if package else f"file:{canonical}",
        _message(package or canonical, copies, new, differences),
        (),
        (Surface.JSON, Surface.WIRE) if any(difference.contradicts for difference in new) else (),
        places[0],
        None,
        None,
        _severity(new, copies, broken),
        tuple(places[1:]),
        not new,
        causes=tuple(sorted(f"{package or canonical} {difference}" for difference in new)),
    )


def _severity(new: Sequence[Difference], copies: Sequence[_Copy], broken: Collection[str]) -> Severity:
    """Old or additive drift is a note, as readers skip what they don't know.

    A copy that contradicts another, or lacks what this change took from it, is a warning where the
    break itself is a finding already, and an error where nothing else tells of it.
    """
    if any(item.contradicts and item.element not in broken for item in new):
        return Severity.ERROR
    if any(item.contradicts or _taken(item.element, copies) for item in new):
        return Severity.WARNING
    return Severity.NOTE


def _taken(element: str, copies: Sequence[_Copy]) -> bool:
    """Whether a copy had the element in base and lacks it in head."""
    return any(_has(copy.base, element) and not _has(copy.head, element) for copy in copies)


def _message(
    title: str, copies: Sequence[_Copy], new: Sequence[Difference], every: Sequence[Difference]
) -> str:
    shown = new or every
    more = f"; and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    told = "; ".join(str(difference) for difference in shown[:_SHOWN]) + more
    if not new:
        return f"{len(copies)} copies of {title} differ as they did before this change: {told}"
    old = len(every) - len(new)
    return f"{len(copies)} copies of {title} differ: {told}" + (f" ({old} older differences)" if old else "")


def _differences(sides: Sequence[tuple[str, Described]], copies: Sequence[_Copy]) -> list[Difference]:
    """What the copies tell differently about the declarations that at least two of them have."""
    paths = {path for copy in copies for path in copy.paths}
    names = {
        name
        for _, side in sides
        for table in (side.messages, side.enums, side.services)
        for name, item in table.items()
        if item.file in paths
    }
    found = []
    for name in sorted(names):
        holders = [(path, parts_of(side, name)) for path, side in sides if _declares(side, name)]
        lost = [
            copy.paths[0] for copy in copies if _declares(copy.base, name) and not _declares(copy.head, name)
        ]
        lost = [path for path in lost if path not in dict(holders)]
        if lost and holders and any(path in dict(sides) for path in lost):
            told = (*((path, "declared") for path, _ in holders), *((path, "") for path in lost))
            found.append(Difference(name, tuple(sorted(told)), False))
        if len(holders) > 1:
            found += _member_differences(name, holders)
    return found


def _member_differences(
    name: str, holders: Sequence[tuple[str, Mapping[str, tuple[str, int | None]]]]
) -> Iterator[Difference]:
    separator = "/" if any(number is None for _, parts in holders for _, number in parts.values()) else "."
    numbers: dict[int, set[str]] = {}
    for _, parts in holders:
        for part, (_, number) in parts.items():
            if number is not None:
                numbers.setdefault(number, set()).add(part)
    for part in sorted({part for _, parts in holders for part in parts}):
        told = tuple((path, parts[part][0] if part in parts else "") for path, parts in holders)
        if len({text for _, text in told}) > 1:
            variants = {parts[part] for _, parts in holders if part in parts}
            own = {number for _, number in variants if number is not None}
            clash = any(
                path_text == "" and any(number in own for _, number in parts.values())
                for (_, path_text), (_, parts) in zip(told, holders, strict=True)
            )
            yield Difference(f"{name}{separator}{part}", told, len(variants) > 1 or clash)


def _declares(side: Described, name: str) -> bool:
    return name in side.messages or name in side.enums or name in side.services


def _has(side: Described, element: str) -> bool:
    if _declares(side, element):
        return True
    owner, _, part = element.rpartition("/" if "/" in element else ".")
    return part in parts_of(side, owner)


def _place(copy: _Copy, element: str) -> Location:
    """The line of a copy where an element stands, or what is around it."""
    owner, _, part = element.rpartition("/" if "/" in element else ".")
    head = copy.head
    declared: Iterable[Message | EnumType | Service | None] = (
        head.messages.get(owner),
        head.enums.get(owner),
        head.services.get(owner),
    )
    for item in declared:
        if isinstance(item, Message) and part in item.fields:
            return item.fields[part].location
        if isinstance(item, EnumType) and part in item.values:
            return item.values[part][1]
        if isinstance(item, Service) and part in item.methods:
            return item.methods[part].location
        if item is not None:
            return item.location
    whole = head.messages.get(element) or head.enums.get(element) or head.services.get(element)
    return whole.location if whole else head.packages.get(copy.paths[0], Location(copy.paths[0]))
