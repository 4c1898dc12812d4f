"""Lines of YAML values without reading all of a text: its blocks are found by their indentation.

A block is taken for what it seems to be only where reading it alone gives the value that the whole gave
there; anchors, flow style, texts over several lines and whatever else makes indentation lie end in reading
the whole.
"""

from __future__ import annotations

import re
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
    left = {pointer for pointer in wanted if pointer}
    by_block: dict[Pointer, set[Pointer]] = {}
    for pointer in left:
        block = pointer[: _DEEP.get(pointer[0], 1)]
        by_block.setdefault(block, set()).add(pointer)
    for block, pointers in by_block.items():
        lines = _in_block(data, block, pointers, at)
        found.update(lines)
        left.difference_update(lines)
    return {**yaml_lines(data, left), **found} if left else found


def _in_block(
    data: bytes, block: Pointer, pointers: Collection[Pointer], at: Callable[[Pointer], object]
) -> Lines:
    """The lines of a block and of what it holds; nothing where it can't be told from the rest.

    Of what only leads to blocks (`paths` itself) the key's line is taken as it is found: it would be all of
    them.
    """
    start, end = 0, len(data)
    for name in block:
        place = _child(data, name, start, end)
        if place is None:
            return {}
        start, end = place
    line = data.count(b"\n", 0, start)
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


def _child(data: bytes, name: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the block of a key begins and ends, directly inside of another one (its key first)."""
    body = data.find(b"\n", start, end) + 1 if start else 0
    first = _FIRST.search(data, body, end)
    if first is None:
        return None
    indent = first["indent"]
    quoted = re.escape(name.encode("utf-8", "surrogatepass"))
    key = re.compile(
        rb"^" + indent + rb"(?:" + quoted + rb"|'" + quoted + rb"'|\"" + quoted + rb"\")[ \t]*:", re.M
    )
    found = key.search(data, first.start(), end)
    if found is None:
        return None
    after = re.compile(rb"^ {0,%d}[^ \n\r#]" % len(indent), re.M).search(data, found.end(), end)
    return found.start(), after.start() if after else end
