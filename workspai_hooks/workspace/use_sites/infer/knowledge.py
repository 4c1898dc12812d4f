"""What is learnt of code without written types while it is walked: arguments, results, attributes, variables."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.values import UNKNOWN, Value, join, within

Key = tuple[str, str, str]
"""What it is about: `argument`, `returns`, `attribute` or `variable`; a declaration; a name or position."""


class Knowledge:
    """Values by key; they only grow. `stale` says that something was read before it grew."""

    def __init__(self) -> None:
        self._values: dict[Key, Value] = {}
        self._read: set[Key] = set()
        self.stale = False

    def begin_round(self) -> None:
        """Forget what was read; keep what was learnt."""
        self._read.clear()
        self.stale = False

    def get(self, key: Key) -> Value | None:
        """What is known so far."""
        self._read.add(key)
        return self._values.get(key)

    def learn(self, key: Key, value: Value) -> None:
        """One more value that it has been seen with."""
        before = self._values.get(key)
        after = value if before is None else join((before, value))
        if not within(after):
            after = UNKNOWN
        if after == before:
            return
        self._values[key] = after
        if key in self._read:
            self.stale = True
