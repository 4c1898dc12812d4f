"""Lists of numbers as the index keeps them: two blocks of bytes, so that tens of thousands are read at once.

As lists of lists they take a hundred times as long to read back, most of it for the garbage collector.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct


class Lists(Struct, frozen=True, array_like=True):
    """Lists of numbers by number. `ends` tells where each list ends in `values`."""

    ends: bytes
    values: bytes

    @staticmethod
    def of(lists: Iterable[Sequence[int]]) -> Lists:
        """These lists."""
        ends, values = array("I"), array("I")
        for one in lists:
            values.extend(one)
            ends.append(len(values))
        return Lists(ends.tobytes(), values.tobytes())

    def __len__(self) -> int:
        return len(self.ends) // array("I").itemsize

    def at(self, number: int) -> list[int]:
        """The list of a number."""
        ends = memoryview(self.ends).cast("I")
        start = ends[number - 1] if number else 0
        return memoryview(self.values).cast("I")[start : ends[number]].tolist()


class Keyed(Struct, frozen=True, array_like=True):
    """Lists of numbers by name; the names are sorted."""

    names: list[str]
    lists: Lists

    @staticmethod
    def of(many: Mapping[str, Iterable[int]]) -> Keyed:
        """These lists, each sorted and without doubles."""
        names = sorted(many)
        return Keyed(names, Lists.of([sorted(set(many[name])) for name in names]))

    def get(self, name: str) -> list[int]:
        """The list of a name; an empty one of a name that is not there."""
        at = place(self.names, name)
        return [] if at is None else self.lists.at(at)


def place(names: Sequence[str], name: str) -> int | None:
    """Where a name stands among sorted ones."""
    at = bisect_left(names, name)
    return at if at < len(names) and names[at] == name else None
