"""Loops of Helm templates written out: `range` over lists and maps of values, and what `with` stands for.

An action inside a loop is rewritten to the value that it means (`{{ $one.image }}` to
`{{ $.Values.services.cart.image }}`), so that helm.py fills it like any other. Lines keep the numbers that
they have in the template. Nothing else of a template is carried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.patterns import regex

_ACTION = regex(r"\{\{-?\s*+((?:(?!\{\{).){0,4000}?)\s{0,200}-?\}\}", re.DOTALL)
_OPENS = regex(r"(range|with|if|define|block)\b\s*(.*)", re.DOTALL)
_OVER = regex(
    r"(?:(\$\w+)\s*(?:,\s*(\$\w+)\s*)?:=\s*)?\(?\s*(\$?[\w.]*\.[\w.]*|\$\w+)\s*(?:\|.*)?\)?", re.DOTALL
)
_DOTTED = regex(
    r"(?<![\w.$)\]\"])(\$\w*)?((?:\.[A-Za-z_]\w*)+)|(?<![\w.])(\$\w+)\b|(?<![\w.)\]\"])\.(?=[\s)}|]|$)"
)
_TOP = (".Values", ".Chart", ".Release", ".Files", ".Capabilities", ".Template", ".Subcharts")
_MOST_ROUNDS = 200
_MOST_IN_ALL = 5_000
_MOST_TEXT = 1_000_000


class _Scope(msgspec.Struct, frozen=True):
    """What the dot and the variables stand for: paths of values (`services.cart`), texts for keys of maps.

    `dot` is None where it is the top, and where nobody knows.
    """

    dot: str | None = None
    paths: Mapping[str, str] = msgspec.field(default_factory=dict)
    texts: Mapping[str, str] = msgspec.field(default_factory=dict)


class _TooMuchError(Exception):
    """The template would grow beyond all bounds."""


def written_out(text: str, values: Mapping[str, str]) -> tuple[str, list[int]]:
    """The template with its loops written out, and the line of the template for each line of that.

    As it was where that would be too much, or where blocks don't match.
    """
    plain = text, list(range(1, text.count("\n") + 2))
    if not re.search(r"\{\{-?\s*(?:range|with)\b", text):
        return plain
    writer = _Writer(text, values)
    try:
        writer.write(0, len(writer.actions), 0, len(text), _Scope())
    except (_TooMuchError, RecursionError):
        return plain
    return writer.result()


class _Writer:
    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._text = text
        self._values = values
        self.actions = list(_ACTION.finditer(text))
        self._ends = dict(self._blocks())
        self._chunks: list[tuple[str, int]] = []
        self._size = 0
        self._rounds = 0

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """The number of the action that opens a block, and of the one that ends it."""
        open_: list[int] = []
        for number, action in enumerate(self.actions):
            if _OPENS.match(action[1]):
                open_.append(number)
            elif action[1] == "end" and open_:
                yield open_.pop(), number

    def result(self) -> tuple[str, list[int]]:
        """The text and its lines."""
        lines: list[int] = []
        rest = False
        for text, line in self._chunks:
            for count, _ in enumerate(text.split("\n")):
                if count or not rest:
                    lines.append(line + count)
            rest = True
        return "".join(text for text, _ in self._chunks), lines

    def _add(self, text: str, at: int) -> None:
        self._size += len(text)
        if self._size > _MOST_TEXT:
            raise _TooMuchError
        self._chunks.append((text, self._text.count("\n", 0, at) + 1))

    def write(self, first: int, last: int, start: int, end: int, scope: _Scope) -> None:
        """The text from `start` to `end`, which holds the actions from `first` up to `last`."""
        number = first
        while number < last:
            action = self.actions[number]
            self._add(self._text[start : action.start()], start)
            start = action.end()
            opened = _OPENS.match(action[1])
            if opened and opened[1] in ("range", "with") and number in self._ends:
                close = self._ends[number]
                for inner in self._scopes(opened[1], opened[2], scope):
                    self._rounds += 1
                    if self._rounds > _MOST_IN_ALL:
                        raise _TooMuchError
                    self.write(number + 1, close, start, self.actions[close].start(), inner)
                number, start = close, self.actions[close].end()
            else:
                self._add(self._rewritten(action, scope), action.start())
            number += 1
        self._add(self._text[start:end], start)

    def _scopes(self, keyword: str, over: str, scope: _Scope) -> Iterator[_Scope]:
        """What each round of a loop sees; one round that knows nothing where the values don't tell."""
        found = _OVER.fullmatch(over.strip())
        path = self._path(found[3], scope) if found else None
        if not found or path is None:
            yield replace(scope, dot=None)
            return
        if keyword == "with":
            named = {found[1]: path} if found[1] else {}
            yield replace(scope, dot=path, paths={**scope.paths, **named})
            return
        keys = self._keys(path)[:_MOST_ROUNDS]
        if not keys:
            yield replace(scope, dot=None)
        for key in keys:
            inside = f"{path}.{key}" if path else key
            named = {name: inside for name in ((found[2] or found[1]),) if name}
            texts = {found[1]: key} if found[1] and found[2] else {}
            yield _Scope(inside, {**scope.paths, **named}, {**scope.texts, **texts})

    def _keys(self, path: str) -> list[str]:
        head = f"{path}." if path else ""
        return list(
            dict.fromkeys(key[len(head) :].partition(".")[0] for key in self._values if key.startswith(head))
        )

    def _path(self, written: str, scope: _Scope) -> str | None:
        """The path in the values of `.Values.x`, `$one.x`, `.x`."""
        written = written.removeprefix("$") if written.startswith("$.") else written
        if written == ".Values" or written.startswith(".Values."):
            return written.removeprefix(".Values").lstrip(".")
        name, _, rest = written.partition(".")
        start = scope.dot if not name else scope.paths.get(name)
        if start is None:
            return None
        return f"{start}.{rest}" if rest else start

    def _rewritten(self, action: re.Match[str], scope: _Scope) -> str:
        if not (scope.dot or scope.paths or scope.texts):
            return action[0]
        inside = _DOTTED.sub(lambda match: self._meant(match, scope), action[1])
        if inside == action[1]:
            return action[0]
        newlines = "\n" * (action[0].count("\n") - inside.count("\n"))
        alone = re.fullmatch(r'"([^"]*)"(?:\s*\|.*)?', inside, re.DOTALL)
        return (alone[1] if alone else f"{{{{ {inside} }}}}") + newlines

    def _meant(self, match: re.Match[str], scope: _Scope) -> str:
        written = match[0]
        if written in scope.texts:
            return f'"{scope.texts[written]}"'
        if written.startswith((*_TOP, "$.")):
            return written
        path = self._path(written, scope)
        return written if path is None else f"$.Values.{path}"
