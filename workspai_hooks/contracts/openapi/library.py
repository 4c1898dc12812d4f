"""The files of one snapshot as values: read once, references followed, lines looked up when they are asked
for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from workspai_hooks.changes.snapshot import REGULAR, Snapshot
from workspai_hooks.contracts.openapi.bounds import Twice, Unreadable
from workspai_hooks.contracts.openapi.json_text import JsonLines, read_json
from workspai_hooks.contracts.openapi.places import Place, Pointer, Refused, target
from workspai_hooks.disclosure import address
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_ELSEWHERE = regex(rb"""\$ref["']?[ \t]{0,20}:[ \t\r\n]{0,200}["']?[^"'#\s]""")
BOM = b"\xef\xbb\xbf"
_MAX_HOPS = 100
"""A chain of references that lead to references is followed so far."""
_KEPT_FROM = 100_000
"""YAML of so many bytes is kept as a value: reading it anew takes ten times as long."""
MISSING = object()
"""What stands where nothing stands."""


def _yaml(data: bytes, *, strict: bool) -> object:
    from workspai_hooks.contracts.openapi.yaml_text import read_yaml  # 20 ms that JSON can do without

    return read_yaml(data, strict=strict)


def is_json(data: bytes) -> bool:
    """Whether a text is JSON if it is anything: YAML's flow style begins like it."""
    return data[:4096].lstrip()[:1] in (b"{", b"[")


def read_text(data: bytes, *, strict: bool = True) -> object:
    """The value of a JSON or YAML text; raises `Unreadable`."""
    data = data.removeprefix(BOM)
    if is_json(data):
        try:
            return read_json(data, strict=strict)
        except Twice:
            raise
        except Unreadable as error:
            try:
                return _yaml(data, strict=strict)  # flow style: keys without quotes, comments
            except Unreadable:
                raise error from None
    return _yaml(data, strict=strict)


def has_twice(data: bytes) -> bool:
    """Whether a key stands twice in a text."""
    try:
        read_text(data)
    except Twice:
        return True
    except Unreadable:
        return False
    return False


def _told(ref: str) -> str:
    return address(ref) if "//" in ref else ref


class Dangling(Exception):
    """A reference that is not followed, by the place that it stands at: its line is looked up by who tells
    it."""

    def __init__(self, place: Place, why: str, remedy: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.why, self.remedy = place, why, remedy


class _Kept(msgspec.Struct, frozen=True):
    """A YAML text's value, in which no key stands twice."""

    value: Any


class Library:
    """Files of a snapshot that were read. `strict`: keys that stand twice are noticed, for a tenth more."""

    def __init__(self, snapshot: Snapshot, *, strict: bool = False) -> None:
        self.snapshot = snapshot
        self.strict = strict
        self.twice: dict[str, Twice] = {}
        """Files in which a key stands twice: the last one counts, as it does for most readers."""
        self.narrowed: set[str] = set()
        """Files of which only a part is there (narrow.py)."""
        self._texts: dict[str, bytes] = {}
        self._values: dict[str, object] = {}
        self._links = set(snapshot.links)
        self._lines: dict[Place, Location] = {}
        self._json: dict[str, JsonLines] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Read the bytes of many files at once."""
        wanted = [path for path in paths if path not in self._texts]
        self._texts.update(self.snapshot.read_many(wanted))

    def unread(self, paths: Iterable[str]) -> Iterator[Undecided]:
        """Files whose content is not in this clone, or too large to be read: nobody knows what they are."""
        entries = self.snapshot.entries
        wanted = [path for path in paths if path in entries and entries[path].mode in REGULAR]
        self.load(wanted)
        for path in wanted:
            if path not in self._texts:
                try:
                    self.text(path)
                except UndecidedError as error:
                    yield error.undecided

    def text(self, path: str) -> bytes:
        """A file's bytes; `UndecidedError` where there is no such file, or it is not in this clone."""
        if path not in self._texts:
            if path not in self.snapshot.entries:
                raise UndecidedError(path, "is not in this repository", "add the file, or mend the reference")
            self._texts[path] = self.snapshot.read(path)
        return self._texts[path]

    def file(self, path: str) -> object:
        """A file's value; `UndecidedError` with path and line where it can't be read."""
        if path not in self._values:
            try:
                self._values[path] = self._read(path)
            except Unreadable as error:
                raise UndecidedError(
                    f"{path}:{error.line}", f"can't be read: {error}", "mend the file, or git rm it"
                ) from error
        return self._values[path]

    def narrow(self, path: str, value: object, spans: Mapping[Pointer, tuple[int, int]]) -> None:
        """Take a value for a JSON file's that holds only what is asked for, and where that stands in it."""
        self._values[path] = value
        self.narrowed.add(path)
        self._json[path] = JsonLines(self.text(path), spans)

    def _read(self, path: str) -> object:
        try:
            if len(self.text(path)) < _KEPT_FROM or is_json(self.text(path).removeprefix(BOM)):
                return read_text(self.text(path), strict=self.strict)
            key = bytes.fromhex(self.snapshot.entries[path].blob)
            kept = self.snapshot.store.once(
                "openapi yaml", key, _Kept, lambda: _Kept(read_text(self.text(path)))
            )
            return kept.value
        except Twice as error:
            self.twice[path] = error
            return read_text(self.text(path), strict=False)

    def refers_elsewhere(self, path: str) -> bool:
        """Whether a text seems to refer to other files."""
        return _ELSEWHERE.search(self.text(path)) is not None

    def at(self, place: Place) -> object:
        """The value at a place, `MISSING` where there is none."""
        value = self.file(place.path)
        for name in place.pointer:
            if isinstance(value, dict):
                value = value.get(name, MISSING)
            elif isinstance(value, list) and name.isdigit() and len(name) < 9 and int(name) < len(value):
                value = value[int(name)]
            else:
                return MISSING
        return value

    def follow(self, place: Place) -> tuple[Place, object]:
        """The place and value that the references at `place` end at, and at any step on the way to it.

        `Dangling` where one leads nowhere, in a circle, or out of the repository.
        """
        place, value = self._arrive(place, place)
        for _ in range(_MAX_HOPS):
            ref = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(ref, str):
                return place, value
            place, value = self._arrive(self.target(place, ref), place.child("$ref"))
        raise Dangling(place, "is a circle of references that never ends in a value", "break the circle")

    def target(self, place: Place, ref: str) -> Place:
        """Where `ref`, which stands at `place`, leads; `Dangling` where that is not in the snapshot."""
        try:
            found = target(place.path, ref)
        except Refused as error:
            raise Dangling(place, f"the reference {_told(ref)!r} {error}", error.remedy) from error
        if found.path == place.path:
            return found
        link = self._link(found.path)
        if link is not None:
            why = f"the reference {ref!r} goes through the symbolic link {link}"
            raise Dangling(place, why, "refer to the file itself")
        if found.path not in self.snapshot.entries:
            why = f"the reference {ref!r} names {found.path}, which is not in this repository"
            raise Dangling(place, why, "add the file, or mend the reference")
        return found

    def _link(self, path: str) -> str | None:
        if not self._links:
            return None
        parts = path.split("/")
        steps = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
        return next((step for step in steps if step in self._links), None)

    def arrive(self, place: Place, by: Place) -> Place:
        """Where a pointer ends that a reference at `by` names: its parts may lead through references
        themselves."""
        return self._arrive(place, by)[0]

    def _arrive(self, place: Place, by: Place) -> tuple[Place, object]:
        """The value at a place, through references that stand at one of its parents."""
        value = self.at(place)
        if value is not MISSING:
            return place, value
        for length in range(len(place.pointer)):
            parent = Place(place.path, place.pointer[:length])
            there = self.at(parent)
            if isinstance(there, dict) and isinstance(there.get("$ref"), str):
                real, _ = self.follow(parent)
                further = real.child(*place.pointer[length:])
                if further != place:
                    return self._arrive(further, by)
        raise Dangling(by, f"{place} names nothing", "mend the reference, or add what it names")

    def undecided(self, dangling: Dangling) -> Undecided:
        """A reference that is not followed, as an open question with its line."""
        place = dangling.place
        place = place if place.pointer[-1:] == ("$ref",) else place.child("$ref")
        return Undecided(str(self.location(place)), dangling.why, dangling.remedy)

    def locate(self, places: Iterable[Place]) -> None:
        """Look the lines of many places up, one pass a file."""
        by_file: dict[str, set[Pointer]] = {}
        for place in places:
            if place not in self._lines:
                by_file.setdefault(place.path, set()).add(place.pointer)
        for path, pointers in by_file.items():
            find = self._finder(path, pointers)
            for pointer in pointers:
                known = map(find, (pointer[:length] for length in range(len(pointer), -1, -1)))
                line, column = next((one for one in known if one is not None), (1, 1))
                self._lines[Place(path, pointer)] = Location(path, line, column)

    def _finder(self, path: str, pointers: set[Pointer]) -> Callable[[Pointer], tuple[int, int] | None]:
        data = self.text(path).removeprefix(BOM)
        if is_json(data):
            if path not in self._json:
                self._json[path] = JsonLines(data)
            if path in self.narrowed:
                return self._json[path].find
            if self._json[path].find(next(iter(pointers))[:1]):
                return self._json[path].find
        from workspai_hooks.contracts.openapi.yaml_blocks import lines_of

        wanted = {one[:length] for one in pointers for length in range(len(one) + 1)}
        store = self.snapshot.store
        return lines_of(data, wanted, lambda pointer: self.at(Place(path, pointer)), store).get

    def location(self, place: Place) -> Location:
        """Where a place is in its file; the nearest line above it where it is not there itself."""
        self.locate([place])
        return self._lines[place]
