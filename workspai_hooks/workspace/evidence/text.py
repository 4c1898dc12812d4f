"""Where a match stands in a file, and whether that is in a comment."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex


def line_of(data: bytes, at: int) -> int:
    """The line of an offset, counted from 1."""
    return data.count(b"\n", 0, at) + 1


class Lines:
    """The lines of many offsets of one file, counted on from the one that was asked for before."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at, self._line = 0, 1

    def of(self, at: int) -> int:
        """The line of an offset, counted from 1."""
        if at < self._at:
            self._at, self._line = 0, 1
        self._line += self._data.count(b"\n", self._at, at)
        self._at = at
        return self._line


def in_comment(data: bytes, at: int) -> bool:
    """The line is a comment, or one began before `at` outside of quotes."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    stripped = line.lstrip()
    if stripped.startswith((b"//", b"#", b"* ", b"/*", b"--", b"<!--", b";", b"{{/*")):
        return not stripped.startswith(b"#!")
    marker = re.search(rb"[ \t](?://|#)[ \t]", line)
    return marker is not None and line[: marker.start()].count(b'"') % 2 == 0


_ASIDE = regex(
    rb"\"(?:[^\"\\\n]|\\.){0,4000}\"|(//[^\n]*)|(/\*.{0,20000}?\*/)|(,)(?=[ \t\r\n]{0,200}[}\]])",
    re.DOTALL,
)


def plain_json(data: bytes) -> bytes:
    """JSON as .NET and many tools write it, without comments and trailing commas; other texts as they are."""
    opening = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if opening not in (b"{", b"[") or (b"//" not in data and b"/*" not in data):
        return data
    return _ASIDE.sub(lambda match: b"\n" * match[0].count(b"\n") if any(match.groups()) else match[0], data)
