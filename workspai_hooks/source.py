"""Where something stands in the repository."""

from __future__ import annotations

import msgspec

IN_FILE = "::"
"""Between a path and an element's name, where the name alone stands in several files."""


class Location(msgspec.Struct, frozen=True, order=True):
    """A place in a file: `path` relative to the repository's top, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
