"""Text and positions of tree-sitter's nodes, for sources in any encoding."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tree_sitter import Language, Node, Parser

from workspai_hooks.workspace.use_sites.syntax import Pos, UnparsableError

FEWEST_STEPS, STEPS_PER_KB = 2_000, 400
"""In hundreds."""
SECONDS = 5.0
"""Of processor time, where single steps take long; a megabyte of source takes 0.3."""
DEEPEST = 120
"""Expressions that nest deeper are looked at no further: the tree is walked recursively."""


def utf8(data: bytes) -> bytes:
    """The same text in UTF-8 without a byte order mark; bytes that are no UTF-8 are taken as Latin-1."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()
    return data


def _parsed(data: bytes, language: Language) -> Node:
    """The root of a text's tree; `UnparsableError` where it takes many times as much as source does.

    Grammars recover from errors by trying, and what looks like the beginning of something again and again can
    take them square time. tree-sitter asks every hundred steps whether to go on: 9 times for a KB of source.
    """
    view = memoryview(data)
    most, asked, until = FEWEST_STEPS + len(data) * STEPS_PER_KB // 1024, 0, time.process_time() + SECONDS

    def read(at: int, _: object) -> memoryview | None:
        return view[at : at + 65_536] if at < len(data) else None

    def stop(*_: object) -> bool:
        nonlocal asked
        asked += 1
        return asked > most or (asked % 16 == 0 and time.process_time() > until)

    try:
        return Parser(language).parse(read, encoding="utf8", progress_callback=stop).root_node
    except ValueError as error:
        raise UnparsableError from error


class Nodes:
    """The parsed file: `root`, and what can be asked of its nodes."""

    def __init__(self, data: bytes, language: Language) -> None:
        self._data = utf8(data)
        self._ascii = self._data.isascii()
        self.root = _parsed(self._data, language)
        self._lines_before = self._columns_before = 0

    def shift(self, lines: int, columns: int) -> None:
        """This source stands inside another one, that far from its beginning (a line of text)."""
        self._lines_before, self._columns_before = lines, columns

    def text(self, node: Node | None) -> str:
        """The source text of a node; empty for none."""
        return "" if node is None else self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def pos(self, node: Node) -> Pos:
        """Where a node begins; tree-sitter counts columns in bytes, we count characters."""
        row, column = node.start_point
        if not self._ascii:
            start = node.start_byte
            column = len(self._data[start - column : start].decode("utf-8", "replace"))
        return row + 1 + self._lines_before, column + 1 + self._columns_before


COMMENTS = frozenset({"comment", "line_comment", "block_comment", "multiline_comment"})


def named(node: Node | None) -> list[Node]:
    """The named children, comments left out."""
    return [] if node is None else [child for child in node.named_children if child.type not in COMMENTS]


def child_of(node: Node, *types: str) -> Node | None:
    """The first child of one of these types."""
    return next((child for child in node.children if child.type in types), None)


def fields(node: Node, *names: str) -> Iterator[Node]:
    """The children of these fields, in the order of `names`, absent ones left out."""
    for name in names:
        yield from node.children_by_field_name(name)
