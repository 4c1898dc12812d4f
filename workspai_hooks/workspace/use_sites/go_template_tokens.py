"""Splits a Go template into its actions, and an action into tokens with their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from workspai_hooks.workspace.use_sites.syntax import Pos

ACTION = re.compile(
    r"\{\{(?:-(?=\s))?\s*(?:/\*.*?\*/\s*(?:-)?\}\}|((?:\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|[^\"`'])*?)"
    r"(?:(?<=\s)-)?\}\})",
    re.DOTALL,
)
TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\.)*')
    |(?P<number>[+-]?\d[\w.+-]*)
    |(?P<variable>\$\w*)
    |(?P<field>\.\w+)
    |(?P<word>\w+)
    |(?P<mark>:=|[=|(),.])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
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
    """The tokens of each `{{…}}`, comments left out."""
    places = Places(text)
    for action in ACTION.finditer(text):
        if action.group(1) is None:
            continue
        found: list[Token] = []
        end = -1
        for match in TOKEN.finditer(text, action.start(1), action.end(1)):
            start = match.start()
            offset = start + 1 if match.lastgroup == "field" else start
            token = Token(match.lastgroup or "", match.group(), places.at(offset), start == end)
            found.append(token)
            end = match.end()
        if found:
            yield found
