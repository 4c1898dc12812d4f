"""What a change breaks in the OpenAPI descriptions of a repository."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_

import msgspec
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.alternatives import again
from workspai_hooks.breaking.openapi.asking import asked, meanwhile
from workspai_hooks.breaking.openapi.events import (
    Events,
    documents,
    events,
    is_about_body,
    paths,
    removed_callbacks,
)
from workspai_hooks.breaking.openapi.fold import fold
from workspai_hooks.breaking.openapi.hits import Answer, Sides
from workspai_hooks.breaking.openapi.moves import Compared, as_renamed, behind, between, renames
from workspai_hooks.breaking.openapi.pairs import moved
from workspai_hooks.breaking.openapi.pinned import SURFACES
from workspai_hooks.breaking.openapi.servers import removed_servers
from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.described import may_be
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.bundle import Bundle
from workspai_hooks.contracts.openapi.description import Description, Operation
from workspai_hooks.contracts.openapi.difference import Differing, differing
from workspai_hooks.contracts.openapi.library import Library, has_twice
from workspai_hooks.contracts.openapi.named import how_many_have
from workspai_hooks.contracts.openapi.narrow import narrowed_in, value_of
from workspai_hooks.contracts.openapi.outline import outlines, reaching
from workspai_hooks.contracts.openapi.reduced import Reduced, reduced_to
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.findings import Severity
from workspai_hooks.patterns import regex
from workspai_hooks.source import IN_FILE, Location
from workspai_hooks.tools.oasdiff import Oasdiff, Row, resolve_oasdiff

_AT_ONCE = 2
"""Descriptions that are compared at a time."""
_SPEAKING = regex(r"(?i)openapi|swagger")


class OpenApiComparison(msgspec.Struct, frozen=True):
    """The answer. `undecided` are questions of this change that head leaves open, `base_errors` those that
    only the base does (an ancestor may serve). `rows` are oasdiff's own by description, before anything is
    folded.
    """

    breaks: tuple[Break, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    base_errors: tuple[Undecided, ...] = ()
    rows: tuple[tuple[str, Row], ...] = ()

    @property
    def bump(self) -> Mapping[str, str]:
        """Per description that rows speak of: major where something breaks, else minor."""
        broken = {one.contract for one in self.breaks if one.severity is Severity.ERROR}
        changed = {path: "minor" for path, _ in self.rows}
        return changed | dict.fromkeys(broken, "major")


def compare(
    base: Snapshot,
    head: Snapshot,
    changed: Iterable[str],
    oasdiff: Oasdiff | None = None,
    *,
    whole: bool = False,
) -> OpenApiComparison:
    """Compare the descriptions that the `changed` paths (of either side) are, or are a part of.

    What the change touches of them is validated, with `whole` (in CI) all of them.
    """
    paths = sorted({path for path in changed if may_be(path)})
    if not paths:
        return OpenApiComparison()
    with _without_collecting():
        return _Run(base, head, paths, oasdiff, whole).answer()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A description is a million objects without a cycle: looking for cycles in them takes as long as
    reading. What is there at the end is not looked at either: what is let go is freed without that."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


class _Run:
    def __init__(
        self, base: Snapshot, head: Snapshot, paths: Sequence[str], oasdiff: Oasdiff | None, whole: bool
    ) -> None:
        self._base = Library(base)
        self._head = Library(head, strict=True)
        self._paths = paths
        self._oasdiff = oasdiff
        self._whole = whole
        self._undecided: list[Undecided] = []
        self._base_errors: list[Undecided] = []
        self._rows: list[tuple[str, Row]] = []
        self._both: list[Compared] = []
        self._read: dict[tuple[Library, str], Description] = {}

    def answer(self) -> OpenApiComparison:
        before, after = self._touched()
        pairs = [(path, path) for path in sorted(before & after)]
        gone = self._all(self._base, before - after, self._base_errors)
        new = self._all(self._head, after - before, self._undecided)
        places = moved(gone, new)
        pairs += sorted(places.items())
        if before == after == set(self._paths) and len(pairs) == 1 and not self._whole:
            self._narrow(self._paths[0])
        found = [(old, fault) for (old, _), breaks in self._all_compared(pairs) for fault in breaks]
        for path, one in new.items():
            if path not in places.values():
                self._both.append(_alone(head=one))
                self._undecided += self._invalid_as_new(one)
        for path, one in sorted(gone.items()):
            if path not in places:
                self._both.append(_alone(base=one))
                found.append((path, self._removed(path, one)))
        found = self._without_moves(found)
        breaks = _told_apart(found, self._owners()) if found else []
        return OpenApiComparison(
            tuple(sorted(breaks, key=lambda one: (one.location, one.rule, one.element))),
            tuple(sorted({*self._undecided, *self._newly_twice(pairs)})),
            tuple(sorted(set(self._base_errors))),
            tuple(sorted(self._rows)),
        )

    def _narrow(self, path: str) -> None:
        """Read of one large description that changes alone only what differs."""
        try:
            texts = self._base.text(path), self._head.text(path)
        except UndecidedError:
            return  # told by who reads it
        found = narrowed_in(self._base.snapshot, self._head.snapshot, path)
        if found.is_whole:
            return
        try:
            before = value_of(texts[0], found.base, found.base_names)
            after = value_of(texts[1], found.head, found.head_names)
        except Unreadable:
            return  # who reads the whole tells where and why
        self._base.narrow(path, before, dict(found.base))
        self._head.narrow(path, after, dict(found.head))

    def _all_compared(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], list[Break]]]:
        """What breaks in each description; several at once, as most of the time another process works."""
        if len(pairs) < 2:
            return [(pair, self._compared(*pair)) for pair in pairs]
        from concurrent.futures import ThreadPoolExecutor

        self._oasdiff = self._oasdiff or resolve_oasdiff()
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return list(zip(pairs, pool.map(lambda pair: self._compared(*pair), pairs), strict=True))

    def _without_moves(self, found: list[tuple[str, Break]]) -> list[tuple[str, Break]]:
        """Operations that went to another description are not removed; what changed in them counts."""
        for base, head, pairs in list(between(self._both)):
            there = {pair.base.element for pair in pairs}
            found = [
                (path, left)
                for path, fault in found
                if (left := _without(fault, there) if path == base.path else fault) is not None
            ]
            try:
                tool = self._oasdiff = self._oasdiff or resolve_oasdiff()
                found += [(base.path, fault) for fault in fold([behind(tool, base, head, pairs)])]
            except UndecidedError as error:
                self._undecided.append(_of_description(error.undecided, head.path))
        return found

    def _owners(self) -> Mapping[str, int]:
        """In how many descriptions of a side an operation is: where more than one, its name is not enough."""
        counts: list[Counter[str]] = []
        for library in (self._base, self._head):
            described = [path for path, one in outlines(library.snapshot).items() if one.version]
            if len(described) < 2:
                continue
            known = {
                path: one.own_names
                for (side, path), one in self._read.items()
                if side is library and path not in library.narrowed
            }
            counts.append(how_many_have(library.snapshot, described, known))
        return reduce(or_, counts, Counter())

    def _newly_twice(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Undecided]:
        """Keys that stand twice in head: readers do not agree on what that says. An old one is left alone."""
        former = {now: old for old, now in pairs}
        for path, error in self._head.twice.items():
            old = former.get(path, path)
            if old in self._base.snapshot.entries and has_twice(self._base.text(old)):
                continue
            yield Undecided(f"{path}:{error.line}", f"{error}", "keep one of them")

    def _touched(self) -> tuple[set[str], set[str]]:
        """The descriptions of both sides that the changed files are, or are a part of."""
        sides = (self._base.snapshot, self._head.snapshot)
        for library, problems in ((self._base, self._base_errors), (self._head, self._undecided)):
            problems += library.unread(path for path in self._paths if _SPEAKING.search(path))
        direct = [outlines(side, self._paths) for side in sides]
        parts = [p for p in self._paths if not all(p in side and side[p].version for side in direct)]
        if parts or any(one.refers for side in direct for one in side.values()):
            direct = [outlines(side) for side in sides]
        before, after = (reaching(side, self._paths) for side in direct)
        # A description that one side reaches through a file that the other lacks is one on both sides.
        return (
            {p for p in before | after if p in direct[0] and direct[0][p].version},
            {p for p in before | after if p in direct[1] and direct[1][p].version},
        )

    def _all(
        self, library: Library, paths: Iterable[str], problems: list[Undecided]
    ) -> dict[str, Description]:
        found = {}
        for path in sorted(paths):
            description = self._description(library, path, problems)
            if description is not None:
                found[path] = description
        return found

    def _description(self, library: Library, path: str, problems: list[Undecided]) -> Description | None:
        try:
            self._read[library, path] = description = Description(library, path)
        except UndecidedError as error:
            problems.append(error.undecided)
            return None
        return description

    def _removed(self, path: str, description: Description) -> Break:
        """A description that is gone: of its whole, one break; of its file's parts nothing is left to point
        at."""
        rule = rules.BY_NAME["description-removed"]
        operations = tuple(sorted(one.element for one in description.operations))
        there = path in self._head.snapshot.entries
        how = "holds no OpenAPI description any more" if there else "was removed"
        return Break(
            rule.id,
            f"file:{path}",
            f"{path} {how}, with {len(operations)} operation{'s' if len(operations) != 1 else ''}",
            (),
            SURFACES[rule.name],
            Location(path),
            Location(path),
            severity=rule.severity,
            operations=operations,
            reaches=operations,
        )

    def _compared(self, old: str, now: str) -> list[Break]:
        base = self._description(self._base, old, self._base_errors)
        head = self._description(self._head, now, self._undecided)
        if base is None or head is None:
            return []
        new = {problem.why for problem in head.problems.values()} - {
            one.why for one in base.problems.values()
        }
        self._undecided += [problem for problem in head.problems.values() if problem.why in new]
        breaks = list(removed_servers(base, head))
        some = differing(base, head)
        self._both.append(Compared(base, head, some))
        if some.base or some.head or _tops_differ(base, head):
            try:
                breaks += self._judged(base, head, some)
            except UndecidedError as error:
                self._undecided.append(_of_description(error.undecided, head.path))
        return breaks

    def _judged(self, base: Description, head: Description, some: Differing) -> list[Break]:
        tool = self._oasdiff = self._oasdiff or resolve_oasdiff()
        reduced = reduced_to(base, head, some)
        doubtful = self._doubtful(reduced)
        rows, problem = meanwhile(
            lambda: asked(tool, reduced.base, reduced.head),
            lambda: self._undecided.extend(self._invalid(base, head, reduced)),
        )
        if problem is not None:
            self._undecided.append(_of_description(problem, head.path))
        self._rows += [(head.path, row) for row in rows]
        rows = tuple(row for row in rows if not is_about_body(row))
        pairs = renames(Compared(base, head, some))
        found = events(base, head, some)
        kept = tuple(row for row in rows if (row.path, row.operation) not in doubtful)
        answers = [*again(tool, Answer(kept, _sides(reduced, some))), *_of_events(tool, found, base, head)]
        if pairs:
            answers.append(behind(tool, base, head, pairs))
        breaks = [as_renamed(one, pairs, head) for one in fold(answers)]
        return [*breaks, *removed_callbacks(found, base, head)]

    def _invalid(self, base: Description, head: Description, reduced: Reduced) -> Sequence[Undecided]:
        from workspai_hooks.contracts.openapi.validity import newly_invalid, newly_invalid_as_a_whole

        if self._whole:
            return newly_invalid_as_a_whole(base, head)
        return newly_invalid(reduced.base_bundle, reduced.head_bundle, reduced.differing)

    def _invalid_as_new(self, description: Description) -> Sequence[Undecided]:
        from workspai_hooks.contracts.openapi.validity import invalid_as_new

        return invalid_as_new(description, whole=self._whole)

    def _doubtful(self, reduced: Reduced) -> set[tuple[str, str]]:
        """Operations that newly reach what can't be followed: nothing is said of them, the question is open.

        What could not be followed before either is taken for the same on both sides.
        """
        before = {
            problem.why for one in reduced.differing.base for problem in reduced.base_bundle.unfollowed(one)
        }
        found: set[tuple[str, str]] = set()
        for one in reduced.differing.head:
            new = [problem for problem in reduced.head_bundle.unfollowed(one) if problem.why not in before]
            if new:
                self._undecided += new
                found.add((one.path if one.section == "paths" else f"webhook:{one.path}", one.method))
        return found


def _without(fault: Break, there: set[str]) -> Break | None:
    """What is left of a removal when some of the operations are elsewhere."""
    if rules.BY_ID[fault.rule].name not in ("operation-removed", "description-removed"):
        return fault
    left = tuple(one for one in fault.operations if one not in there)
    return replace(fault, operations=left, reaches=left) if left else None


def _alone(base: Description | None = None, head: Description | None = None) -> Compared:
    """A description that is on one side only."""
    sides = [one.operations if one is not None else () for one in (base, head)]
    return Compared(base, head, Differing(sides[0], sides[1]))


def _sides(reduced: Reduced, some: Differing) -> Sides:
    def by_key(operations: Iterable[Operation]) -> dict[tuple[str, str, str], Operation]:
        return {(one.section, one.path, one.method): one for one in operations}

    return Sides(reduced.base_bundle, reduced.head_bundle, by_key(some.base), by_key(some.head))


def _tops_differ(base: Description, head: Description) -> bool:
    """Whether what stands outside of operations differs, and is something that rows are about."""
    names = ("security", "securityDefinitions", "components")

    def of(description: Description) -> list[object]:
        found = []
        for name in names:
            value = description.top.get(name)
            if name == "components" and isinstance(value, dict):
                value = [value.get("securitySchemes"), sorted(map(str, value.get("schemas") or ()))]
            found.append(value)
        return found

    return of(base) != of(head)


def _of_events(tool: Oasdiff, found: Events, base: Description, head: Description) -> Iterator[Answer]:
    """What changes for who is told by webhooks and callbacks."""
    if found.both:
        bundles = Bundle(base), Bundle(head, renamed=base.path)
        encode = msgspec.json.Encoder().encode
        first, second = map(encode, documents(found, bundles))
        rows, _ = asked(tool, first, second)
        yield Answer(rows, Sides(*bundles, paths(found, found.base), paths(found, found.head), told=True))


def _told_apart(found: Sequence[tuple[str, Break]], owners: Mapping[str, int]) -> list[Break]:
    """Elements of an operation that several descriptions have get their description's path in front."""

    def told(element: str, path: str) -> str:
        return f"{path}{IN_FILE}{element}" if owners.get(element.partition("#")[0], 0) > 1 else element

    return [
        replace(
            one,
            element=told(one.element, path),
            reaches=tuple(sorted(told(each, path) for each in one.reaches)),
            contract=path,
        )
        for path, one in found
    ]


def _of_description(problem: Undecided, path: str) -> Undecided:
    return problem if ":" in problem.what else replace(problem, what=f"{path} ({problem.what})")
