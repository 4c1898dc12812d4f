"""Goes through trees without following types."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from workspai_hooks.workspace.use_sites.syntax import Function, Node, Source


def nodes_in(root: object) -> Iterator[Node]:
    """All nodes of a tree or of a tuple of trees."""
    stack = [root]
    while stack:
        node = stack.pop()
        if type(node) is tuple:
            stack.extend(node)
        elif isinstance(node, Node):
            yield node
            for name in _parts(type(node)):
                part = getattr(node, name)
                if part and type(part) is not str:
                    stack.append(part)


@cache
def _parts(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a node that can hold nodes."""
    return tuple(name for name in kind.__struct_fields__ if name not in ("pos", "id", "name"))


class Functions:
    """The functions of one file, by where they begin."""

    def __init__(self, source: Source) -> None:
        found = sorted(
            (node for node in nodes_in(source) if isinstance(node, Function)), key=lambda node: node.pos
        )
        self._functions = found
        self._lines = [node.pos[0] for node in found]

    def at(self, line: int) -> Function | None:
        """The last function that begins at a line or before it."""
        number = bisect_right(self._lines, line)
        return self._functions[number - 1] if number else None
