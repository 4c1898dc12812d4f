"""What readers of retries in code share: a parsed file, its calls and annotations, faults that name where.

A retry in code is told where it is declarative (a decorator, an annotation, an object of options with
literals) and certain of itself. On which calls it acts nobody can say in general, so that it is no layer of
any.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.resilience.deadlines.languages import language_of
from workspai_hooks.resilience.deadlines.looking import MOST_BYTES
from workspai_hooks.resilience.deadlines.site import FUNCTIONS, SourceFile
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_read_at_run_time
from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.syntax import UnparsableError

UNCAPPED, BACKOFF, IGNORED = "retry-uncapped", "retry-backoff", "retry-after-ignored"


def is_source(path: str, *suffixes: str) -> bool:
    """Whether a file is code that runs: no test, no example, nobody else's."""
    return path.endswith(suffixes) and is_read_at_run_time(path)


class Code:
    """A parsed file of code."""

    def __init__(self, path: str, data: bytes) -> None:
        language = language_of(path)
        self.path = path
        self.file: SourceFile | None = None
        if language is not None and len(data) <= MOST_BYTES:
            try:
                self.file = SourceFile(path, data, language.parser())
            except UnparsableError:
                self.file = None

    def nodes(self, *types: str) -> Iterator[Node]:
        """All nodes of these types, in the order of the file."""
        waiting = [self.file.nodes.root] if self.file else []
        while waiting:
            node = waiting.pop()
            waiting += reversed(node.children)
            if node.type in types:
                yield node

    def text(self, node: Node | None) -> str:
        return self.file.nodes.text(node) if self.file else ""

    def location(self, node: Node) -> Location:
        line, column = self.file.nodes.pos(node) if self.file else (1, 1)
        return Location(self.path, line, column)

    def keywords(self, node: Node | None, mark: str) -> dict[str, str] | None:
        """The arguments by name (`a = 1`, `a: 1`), those without one by their number; None where not all of
        them stand there (`**options`, `...options`)."""
        found: dict[str, str] = {}
        for number, one in enumerate(named(node)):
            text = self.text(one)
            if text.startswith(("*", "...")):
                return None
            name, given, value = text.partition(mark)
            if given and name.strip().strip("'\"").isidentifier() and not value.startswith("="):
                found[name.strip().strip("'\"")] = value.strip()
            else:
                found[str(number)] = text
        return found

    def owner(self, node: Node) -> str:
        """The name of the function that a node stands in or on, or that it is given to."""
        at: Node | None = node
        while at is not None:
            if at.type in (*FUNCTIONS, "decorated_definition"):
                inner = at.child_by_field_name("definition") or at
                name = inner.child_by_field_name("name")
                if name is not None:
                    return self.text(name)
            if at.type in ("assignment", "variable_declarator"):
                name = at.child_by_field_name("left") or at.child_by_field_name("name")
                return self.text(name)[:80] if name is not None else ""
            at = at.parent
        return ""

    def fault(self, rule: str, node: Node, library: str, message: str) -> Fault:
        owner = self.owner(node)
        of = f" of {owner}" if owner else ""
        element = f"file:{self.path}#{owner + ':' if owner else ''}{library}"
        return Fault(rule, element, f"{library}: the retry{of} {message}", self.location(node))
