"""Splits a Go template into its actions, and an action into tokens with their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.syntax import Pos

OPENING, COMMENT = "{{", regex(r"\{\{(?:-\s)?\s*/\*")
TOKEN = regex(
    r"""(?P<end>-?\}\})
    |(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\.)*')
    |(?P<number>[+-]?\d[\w.+-]*)
    |(?P<variable>\$\w*)
    |(?P<field>\.\w+)
    |(?P<word>\w+)
    |(?P<mark>:=|[=|(),.])""",
    re.VERBOSE,
)


class Token(msgspec.Struct, frozen=True):
    """A piece of an action; `glued`: nothing stands between it and the token before."""

    kind: str
    text: str
    pos: Pos
    glued: bool


class Places:
    """From offsets in a text to lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> Pos:
        """The line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def actions(text: str) -> Iterator[list[Token]]:
    """The tokens of each `{{…}}`, comments left out. What is never closed ends the file."""
    places = Places(text)
    start = text.find(OPENING)
    while start >= 0:
        found: list[Token] = []
        closing = len(text)
        comment = COMMENT.match(text, start)
        if comment is not None:
            closed = text.find("*/", comment.end())
            closing = text.find("}}", closed) if closed >= 0 else -1
        else:
            closing = _tokens(text, start + len(OPENING), places, found)
        if closing < 0:
            return
        if found:
            yield found
        start = text.find(OPENING, closing)


def _tokens(text: str, start: int, places: Places, found: list[Token]) -> int:
    """Collect the tokens of an action; gives where it ends, -1 where it does not."""
    before = -1
    for match in TOKEN.finditer(text, start):
        kind = match.lastgroup or ""
        if kind == "end":
            return match.end()
        offset = match.start() + 1 if kind == "field" else match.start()
        found.append(Token(kind, match.group(), places.at(offset), match.start() == before))
        before = match.end()
    return -1
