"""What readers of extensions of OpenAPI share: where an extension stands, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.resilience.said import Level
from workspai_hooks.source import IN_FILE, Location

LONGEST_MS = 86_400_000


class Extension(msgspec.Struct, frozen=True):
    """One extension (`key`, its `value`) that speaks of what `level` and `scope` say."""

    key: str
    value: object
    level: Level
    scope: str
    place: Location

    @property
    def element(self) -> str:
        """What a fault of it is called by."""
        of = self.scope if self.level is Level.METHOD else f"file:{self.place.path}"
        return f"{of}#{self.key}"

    def fault(self, message: str, rule: str = "policy-ignored") -> Fault:
        """A fault of the extension, at its line."""
        named = (self.scope.rpartition(IN_FILE)[2],) if self.level is Level.METHOD else ()
        return Fault(rule, self.element, f"{self.key}: {message}", self.place, operations=named)

    def ignored(self, message: str) -> Read:
        """A value that the convention's programs don't take: what was written does not happen."""
        return Read(faults=(self.fault(message),))

    def unknown(self, why: str, remedy: str) -> Read:
        """A value that may mean something, but not to us."""
        return Read(undecided=(Undecided(f"{self.place}: {self.key}", why, remedy),))


Reader = Callable[[Extension], Read]


def is_number(value: object, lowest: float, highest: float) -> bool:
    """Whether a value is a number in these bounds, both included; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest


def shown(value: object) -> str:
    """A value as a message has it, short."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
