"""Lines of YAML values without reading all of a text: its blocks are found by their indentation.

A block is taken for what it seems to be only where reading it alone gives the value that the whole gave
there; anchors, flow style, texts over several lines and whatever else makes indentation lie end in reading
the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial

from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.yaml_text import read_yaml, yaml_lines
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store

Pointer = tuple[str, ...]
Lines = dict[Pointer, tuple[int, int]]

_FIRST = regex(rb"^(?P<indent> *)[^\s#]", re.MULTILINE)
_DEEP = {"components": 3, "paths": 2, "webhooks": 2, "definitions": 2, "parameters": 2, "responses": 2}
"""How many keys lead to one of many blocks at a description's top; another key is a block itself."""


_KEPT_FROM = 100_000
"""Lines in the blocks of so large a text are kept: most of them are the same after a change."""


def lines_of(
    data: bytes,
    wanted: Collection[Pointer],
    at: Callable[[Pointer], object],
    store: Store | None = None,
) -> Lines:
    """Line and column of values by their pointers; `at` gives the value that the whole has at a pointer."""
    found: Lines = {}
    blocks = _Blocks(data)
    left = {pointer for pointer in wanted if pointer}
    by_block: dict[Pointer, set[Pointer]] = {}
    for pointer in left:
        block = pointer[: _DEEP.get(pointer[0], 1)]
        by_block.setdefault(block, set()).add(pointer)
    texts: dict[Pointer, tuple[int, bytes]] = {}
    for block in by_block:
        place = blocks.place(block)
        if place is None:
            continue
        start, end = place
        if len(block) < _DEEP.get(
            block[0], 1
        ):  # it only leads to blocks (`paths` itself), and is all of them
            indent = end - start - len(data[start:end].lstrip(b" "))
            found[block] = blocks.line(start) + 1, indent + 1
            left.discard(block)
        else:
            texts[block] = start, data[start:end]
    inside = partial(_inside, texts, by_block, at)
    if store is not None and len(data) >= _KEPT_FROM:
        keys = {
            block: Store.key(text, at(block), _below(block, by_block[block]))
            for block, (_, text) in texts.items()
        }
        answers = store.each("yaml lines", keys, tuple[Row, ...], inside)
    else:
        answers = inside(list(texts))
    for block, rows in answers.items():
        line = blocks.line(texts[block][0])
        lines = {(*block[:-1], *pointer): (line + row, column) for pointer, row, column in rows}
        found.update(lines)
        left.difference_update(lines)
    return {**yaml_lines(data, left), **found} if left else found


Row = tuple[tuple[str, ...], int, int]
"""Line and column in a block of what stands at a pointer, whose first name is the block's own."""


def _below(block: Pointer, pointers: Iterable[Pointer]) -> list[Pointer]:
    return sorted(pointer[len(block) - 1 :] for pointer in pointers)


def _inside(
    texts: Mapping[Pointer, tuple[int, bytes]],
    wanted: Mapping[Pointer, Collection[Pointer]],
    at: Callable[[Pointer], object],
    blocks: Iterable[Pointer],
) -> dict[Pointer, tuple[Row, ...]]:
    """The lines of blocks and of what they hold; none of one that can't be told from the rest."""
    found: dict[Pointer, tuple[Row, ...]] = {}
    for block in blocks:
        text = texts[block][1]
        found[block] = ()
        with suppress(Unreadable):
            if read_yaml(text, strict=False) == {block[-1]: at(block)}:
                lines = yaml_lines(text, _below(block, wanted[block]))
                found[block] = tuple((pointer, *place) for pointer, place in lines.items())
    return found


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

    def place(self, block: Pointer) -> tuple[int, int] | None:
        """Where a block begins and ends, its key first."""
        place = 0, len(self.data)
        for name in block:
            inner = self.child(name, *place)
            if inner is None:
                return None
            place = inner
        return place

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
