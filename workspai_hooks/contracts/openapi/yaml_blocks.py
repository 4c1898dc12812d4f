"""Lines of YAML values without reading all of a text: its blocks are found by their indentation.

A block is taken for what it seems to be only where reading it alone gives the value that the whole gave
there; anchors, flow style, texts over several lines and whatever else makes indentation lie end in reading
the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection

from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.yaml_text import read_yaml, yaml_lines
from workspai_hooks.patterns import regex

Pointer = tuple[str, ...]
Lines = dict[Pointer, tuple[int, int]]

_FIRST = regex(rb"^(?P<indent> *)[^\s#]", re.MULTILINE)
_DEEP = {"components": 3, "paths": 2, "webhooks": 2, "definitions": 2, "parameters": 2, "responses": 2}
"""How many keys lead to one of many blocks at a description's top; another key is a block itself."""


def lines_of(data: bytes, wanted: Collection[Pointer], at: Callable[[Pointer], object]) -> Lines:
    """Line and column of values by their pointers; `at` gives the value that the whole has at a pointer."""
    found: Lines = {}
    blocks = _Blocks(data)
    left = {pointer for pointer in wanted if pointer}
    by_block: dict[Pointer, set[Pointer]] = {}
    for pointer in left:
        block = pointer[: _DEEP.get(pointer[0], 1)]
        by_block.setdefault(block, set()).add(pointer)
    for block, pointers in by_block.items():
        lines = _in_block(blocks, block, pointers, at)
        found.update(lines)
        left.difference_update(lines)
    return {**yaml_lines(data, left), **found} if left else found


def _in_block(
    blocks: _Blocks, block: Pointer, pointers: Collection[Pointer], at: Callable[[Pointer], object]
) -> Lines:
    """The lines of a block and of what it holds; nothing where it can't be told from the rest.

    Of what only leads to blocks (`paths` itself) the key's line is taken as it is found: it would be all of
    them.
    """
    data = blocks.data
    start, end = 0, len(data)
    for name in block:
        place = blocks.child(name, start, end)
        if place is None:
            return {}
        start, end = place
    line = blocks.line(start)
    if len(block) < _DEEP.get(block[0], 1):
        return {block: (line + 1, end - start - len(data[start:end].lstrip(b" ")) + 1)}
    text = data[start:end]
    try:
        if read_yaml(text, strict=False) != {block[-1]: at(block)}:
            return {}
    except Unreadable:
        return {}
    before = len(block) - 1
    inside = yaml_lines(text, {pointer[before:] for pointer in pointers})
    return {(*block[:-1], *pointer): (line + row, column) for pointer, (row, column) in inside.items()}


class _Blocks:
    """Where keys stand in a text, and where what they hold ends. The keys of one block are looked for
    once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._children: dict[tuple[int, int], _Children | None] = {}
        self._ends: list[int] | None = None

    def line(self, at: int) -> int:
        """How many line ends stand before a place."""
        if self._ends is None:
            self._ends = [found.start() for found in re.finditer(rb"\n", self.data)]
        return bisect_left(self._ends, at)

    def child(self, name: str, start: int, end: int) -> tuple[int, int] | None:
        """Where the block of a key begins and ends, directly inside of another one (its key first)."""
        if (start, end) not in self._children:
            self._children[start, end] = self._within(start, end)
        children = self._children[start, end]
        return children.of(self.data, name) if children is not None else None

    def _within(self, start: int, end: int) -> _Children | None:
        body = self.data.find(b"\n", start, end) + 1 if start else 0
        first = _FIRST.search(self.data, body, end)
        if first is None:
            return None
        indent = first["indent"]
        lines = re.compile(rb"^ {0,%d}[^ \n\r#]" % len(indent), re.M).finditer(self.data, first.start(), end)
        starts = [one.start() for one in lines]
        keys: dict[bytes, int] = {}
        own = re.compile(indent + rb"(?:'([^'\n]*)'|\"([^\"\n]*)\"|([^\s'\"#:][^:\n]*?))[ \t]*:")
        for at in starts:
            found = own.match(self.data, at, end)
            if found is not None:
                keys.setdefault(next(one for one in found.groups() if one is not None), at)
        return _Children(indent, first.start(), end, starts, keys)


class _Children:
    """The keys of a block that are plain: name -> where its line begins; `starts` are all lines that are no
    deeper than they are."""

    def __init__(
        self, indent: bytes, start: int, end: int, starts: list[int], keys: dict[bytes, int]
    ) -> None:
        self._indent, self._start, self._end = indent, start, end
        self._starts, self._keys = starts, keys

    def of(self, data: bytes, name: str) -> tuple[int, int] | None:
        text = name.encode("utf-8", "surrogatepass")
        at = self._keys.get(text)
        if at is None:  # one with a colon in it, or none
            if b":" not in text:
                return None
            quoted = re.escape(text)
            key = re.compile(
                rb"^"
                + self._indent
                + rb"(?:"
                + quoted
                + rb"|'"
                + quoted
                + rb"'|\""
                + quoted
                + rb"\")[ \t]*:",
                re.M,
            )
            found = key.search(data, self._start, self._end)
            if found is None:
                return None
            at = found.start()
        after = bisect_right(self._starts, at)
        return at, self._starts[after] if after < len(self._starts) else self._end
