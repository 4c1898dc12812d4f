"""What stops hostile text: the limits of a description, and how going past one is told."""

from __future__ import annotations

MAX_DEPTH = 200
"""Levels of nesting. GitHub's description, the deepest that was looked at, has 32."""

MAX_VALUES = 4_000_000
"""Values in one file, with aliases written out: five times what 13 MB of GitHub's description hold."""


class Unreadable(ValueError):
    """A text that can't be read as what it claims to be. `line` counts from 1."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


class Twice(Unreadable):
    """A key stands twice in one mapping: the text can be read, and readers do not agree on what it says."""


class Empty(Unreadable):
    """A text without a document: nothing, or comments alone."""
