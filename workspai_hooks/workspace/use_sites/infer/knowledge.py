"""What is learnt of code without written types while it is walked, and who has read it so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workspai_hooks.workspace.use_sites.values import (
    UNKNOWN,
    LibraryOf,
    Plain,
    Unknown,
    Value,
    join,
    parts_of,
    within,
)

Key = tuple[str, str, str]
"""What it is about: `argument`, `returns`, `attribute`, `variable`, `renders`; a declaration; a name or
position.
"""
Reads = dict[Key, Value | None]
"""What was read, as it was known then."""

MOST_CHANGES = 12
"""After so many changes a value is so mixed that it is left as it is."""


class Knowledge:
    """Values by key; they only grow. What reads a key is told to whoever listens at that time."""

    def __init__(self) -> None:
        self._values: dict[Key, Value] = {}
        self._changes: dict[Key, int] = {}
        self._listening: list[Reads] = []
        self._changed: dict[Key, None] = {}

    @contextmanager
    def listening(self, reads: Reads) -> Iterator[None]:
        """Note in `reads` what is read meanwhile; whoever listened before is told by `note`."""
        self._listening.append(reads)
        try:
            yield
        finally:
            self._listening.pop()

    def note(self, reads: Reads) -> None:
        """Something is used that was made by these reads."""
        if not self._listening:
            return
        listener = self._listening[-1]
        for key, value in reads.items():
            if self.is_still(key, value):
                listener.setdefault(key, value)
            else:
                listener[key] = value

    def get(self, key: Key) -> Value | None:
        """What is known so far."""
        value = self._values.get(key)
        if self._listening:
            self._listening[-1].setdefault(key, value)
        return value

    def is_still(self, key: Key, value: Value | None) -> bool:
        """Whether a key still has the value that was read."""
        return self._values.get(key) == value

    def learn(self, key: Key, value: Value) -> None:
        """One more value that it has been seen with."""
        before = self._values.get(key)
        if before == value:
            return
        after = value if before is None else join((before, value))
        if not within(after):
            after = UNKNOWN
        if after == before or self._changes.get(key, 0) > MOST_CHANGES:
            return
        self._values[key] = after
        self._changes[key] = self._changes.get(key, 0) + 1
        if _leads_on(after):
            self._changed[key] = None

    def changed(self) -> list[Key]:
        """The keys that changed since this was last asked."""
        keys = list(self._changed)
        self._changed.clear()
        return keys


def _leads_on(value: Value) -> bool:
    """Whether knowing the value can bring a use to light: numbers and libraries' objects can't."""
    parts = parts_of(value)
    return any(map(_leads_on, parts)) if parts else not isinstance(value, Plain | Unknown | LibraryOf)
