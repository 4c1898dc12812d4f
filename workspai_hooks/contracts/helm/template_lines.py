"""Lines of templates: where in its template a rendered object's fields stand.

A rendered text keeps the name of its template only. The object is looked for among the template's documents by
kind and by what is literal in its name; its fields by their keys and indentation. What a template includes from
another has no line there, and gives that of the nearest key around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.contracts.helm.nodes import Node, Step, as_text
from workspai_hooks.patterns import regex

_ACTION = regex(r"\{\{.{0,2000}?\}\}")
_ONLY_ACTIONS = regex(r"\s*(?:\{\{[^{}]{0,2000}\}\}\s*)+(?:#.*)?")
_KEY = regex(r"[\"']?([\w./$-]{1,200})[\"']?\s*:(?:\s|$)")
_VALUES = regex(r"\.Values\.([\w.]{1,300})")
_MOST_LINES = 20_000


class Line(msgspec.Struct, frozen=True):
    """A line that says something: its number, the indentation of what it says, whether it starts an item."""

    number: int
    indent: int
    item: bool
    key: str
    text: str


class Block(msgspec.Struct, frozen=True):
    """The lines of one document of a template, and what they say of the object."""

    first: int
    lines: tuple[Line, ...]
    kind: str
    name: str


class TemplateText:
    """A template, taken apart at its first question."""

    def __init__(self, text: str) -> None:
        self.rows = text.split("\n")[:_MOST_LINES]
        self._blocks: list[Block] | None = None

    @property
    def blocks(self) -> list[Block]:
        if self._blocks is None:
            self._blocks = list(_blocks(self.rows))
        return self._blocks

    def line(self, node: Node, path: Sequence[Step], values: Mapping[str, str]) -> int:
        """The line of a field of the rendered object `node`; `values` are texts of `.Values` keys."""
        block = self._block(node.text("kind"), node.text("metadata", "name"), values)
        return _walk(block, node, path) if block is not None else 1

    def expression(self, line: int) -> list[str]:
        """The keys of `.Values` that a line reads."""
        return _VALUES.findall(self.rows[line - 1]) if 0 < line <= len(self.rows) else []

    def _block(self, kind: str, name: str, values: Mapping[str, str]) -> Block | None:
        best, best_score = None, -1.0
        for block in self.blocks:
            if block.kind != kind and "{{" not in block.kind:
                continue
            score = _likeness(block.name, name, values) + (1 if block.kind == kind else 0)
            if score > best_score:
                best, best_score = block, score
        return best or (self.blocks[0] if self.blocks else None)


def _blocks(rows: Sequence[str]) -> Iterator[Block]:
    lines: list[Line] = []
    first = 1
    for number, row in enumerate(rows, 1):
        if row.startswith("---"):
            if lines:
                yield _block(first, lines)
            lines, first = [], number + 1
        elif (line := _line(number, row)) is not None:
            lines.append(line)
    if lines:
        yield _block(first, lines)


def _line(number: int, row: str) -> Line | None:
    stripped = row.strip()
    if not stripped or stripped.startswith("#") or _ONLY_ACTIONS.fullmatch(row):
        return None
    body = row.lstrip(" \t")
    indent = len(row) - len(body)
    item = body.startswith("- ") or body == "-"
    while body.startswith("- "):
        rest = body[2:].lstrip(" ")
        indent += len(body) - len(rest)
        body = rest
    match = _KEY.match(body)
    return Line(
        number, indent, item, match[1] if match else "", body[match.end() :].strip() if match else body
    )


def _block(first: int, lines: Sequence[Line]) -> Block:
    kind = name = ""
    inside = -1
    for line in lines:
        if line.key == "kind" and not kind:
            kind = line.text.strip("\"'")
        if line.key == "metadata":
            inside = line.indent
            if line.text.startswith("{"):
                name = line.text
        elif inside >= 0 and line.indent <= inside:
            inside = -1
        elif inside >= 0 and line.key == "name" and not name:
            name = line.text
    return Block(lines[0].number if lines else first, tuple(lines), kind, name)


def _likeness(written: str, name: str, values: Mapping[str, str]) -> float:
    """How well a template's name fits a rendered one: 2 for equal, else by the share of what is literal."""
    filled = _ACTION.sub(lambda match: _filled(match[0], values), written).strip("\"' ")
    if filled == name:
        return 2.0
    literal = [part.strip("\"' ") for part in filled.split("\0")]
    if "\0" not in filled or not all(part in name for part in literal):
        return 0.0
    ends = name.endswith(literal[-1]) and name.startswith(literal[0])
    return sum(map(len, literal)) / max(1, len(name)) + (0.5 if ends else 0.0)


def _filled(action: str, values: Mapping[str, str]) -> str:
    found = _VALUES.findall(action)
    return values.get(found[0], "\0") if len(found) == 1 else "\0"


def _walk(block: Block, node: Node, path: Sequence[Step]) -> int:
    """Down the path, as far as it is written in the template."""
    lines, start, end = block.lines, 0, len(block.lines)
    place, parent = next((line.number for line in lines if line.key == "kind"), block.first), -1
    at: Node | None = node
    for step in path:
        inner = at.child(step) if at is not None else None
        found = (
            _member(lines, start, end, parent, step)
            if isinstance(step, str)
            else _item(lines, start, end, parent, step, inner)
        )
        if found is None:
            break
        position, parent = found
        place = lines[position].number
        start, end = (
            position + (isinstance(step, str)),
            _end(lines, position, parent, end, isinstance(step, int)),
        )
        at = inner
    return place


def _member(lines: Sequence[Line], start: int, end: int, parent: int, key: str) -> tuple[int, int] | None:
    """The line of a key of the mapping that stands there: at the smallest indentation that it is found at."""
    best: tuple[int, int] | None = None
    for position in range(start, end):
        line = lines[position]
        if line.key == key and line.indent > parent and (best is None or line.indent < best[1]):
            best = (position, line.indent)
    return best


def _item(
    lines: Sequence[Line], start: int, end: int, parent: int, number: int, node: Node | None
) -> tuple[int, int] | None:
    """The line that an item starts on: one that says what the item says, else the one in its place."""
    items = [position for position in range(start, end) if lines[position].item]
    if not items:
        return None
    indent = min(lines[position].indent for position in items)
    items = [position for position in items if lines[position].indent == indent]
    said = _said(node)
    for size, position in enumerate(items):
        stop = items[size + 1] if size + 1 < len(items) else end
        mine = {(line.key, line.text.strip("\"'")) for line in lines[position:stop]}
        if said and said & mine and (said - mine) == set():
            return position, indent - 1
    scored = [
        (
            len(said & {(one.key, one.text.strip("\"'")) for one in lines[position : position + 6]}),
            -abs(size - number),
            position,
        )
        for size, position in enumerate(items)
    ]
    return max(scored)[2], indent - 1


def _said(node: Node | None) -> set[tuple[str, str]]:
    """What tells an item from others: its scalars by the keys that lists are merged by."""
    if node is None:
        return set()
    if node.members is None:
        return {("", as_text(node.value))}
    wanted = ("name", "port", "host", "path", "containerPort", "key", "mountPath")
    return {
        (key, as_text(inner.value))
        for key, (_, inner) in node.members.items()
        if key in wanted and inner.value is not None
    }


def _end(lines: Sequence[Line], position: int, indent: int, end: int, item: bool) -> int:
    """Where the block ends that starts at a position: at the next line that is not further in, or next item."""
    for after in range(position + 1, end):
        line = lines[after]
        if line.indent <= indent or (item and line.item and line.indent == indent + 1):
            return after
    return end
