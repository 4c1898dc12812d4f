"""Many values by name, worked out at once and kept in parts: who asks for a few of them reads a few parts."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

from workspai_hooks.store import Store

T = TypeVar("T")

PART = 64 * 1024
"""Bytes of a part, before it is packed: a third of a millisecond to read."""
COUNTS = "parts of tables"


class Table(Generic[T]):
    """Values by name. `make` gives all of them; it is asked where a part is not known.

    `kind`, `key` and `shape` as for `Store`: a table is a function of its key.
    """

    def __init__(
        self, store: Store, kind: str, key: bytes, shape: type[T], make: Callable[[], Mapping[str, T]]
    ) -> None:
        self._store = store
        self._kind = kind
        self._key = key
        self._make = make
        self._shape = dict[str, shape]  # type: ignore[valid-type]
        self._parts: dict[int, Mapping[str, T]] = {}
        self._whole: Mapping[str, T] | None = None
        self._count = 0

    def of(self, names: Iterable[str]) -> dict[str, T]:
        """The values of these names; those that have none are left out."""
        wanted = list(dict.fromkeys(names))
        whole = self._whole if self._known(wanted) else self.all()
        if whole is not None:
            return {name: whole[name] for name in wanted if name in whole}
        found = {}
        for name in wanted:
            part = self._parts[_part(name, self._count)]
            if name in part:
                found[name] = part[name]
        return found

    def all(self) -> Mapping[str, T]:
        """All values, worked out and kept anew where they are not all known."""
        if self._whole is None:
            self._whole = self._store.timed(self._kind, 1, self._make)
            self._keep(self._whole)
        return self._whole

    def _known(self, names: Iterable[str]) -> bool:
        """Have the parts of these names read; False where one of them is not known."""
        if self._whole is not None:
            return True
        if not self._count:
            header = Store.key(self._kind, self._key)
            self._count = self._store.known(COUNTS, [header], int).get(header, 0)
        if not self._count:
            return False
        missing = {number for name in names if (number := _part(name, self._count)) not in self._parts}
        if not missing:
            return True
        keys = {number: self._part_key(number) for number in missing}
        read = self._store.known(self._kind, keys.values(), self._shape)
        self._parts |= {number: read[key] for number, key in keys.items() if key in read}
        return missing <= self._parts.keys()

    def _keep(self, whole: Mapping[str, T]) -> None:
        if self._store.is_partial:
            return
        encode = msgspec.msgpack.Encoder().encode
        try:
            size = sum(len(encode(value)) for value in whole.values())
        except UnicodeEncodeError:  # a path that is no text
            return
        count = size // PART + 1
        parts: dict[int, dict[str, T]] = {number: {} for number in range(count)}
        for name, value in whole.items():
            parts[_part(name, count)][name] = value
        self._store.remember(self._kind, {self._part_key(n, count): part for n, part in parts.items()})
        self._store.remember(COUNTS, {Store.key(self._kind, self._key): count})

    def _part_key(self, number: int, count: int = 0) -> bytes:
        return Store.key(self._key, count or self._count, number)


def _part(name: str, count: int) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogateescape")) % count
