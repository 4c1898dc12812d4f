"""A call in a file: its node in the tree, and the text around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from re import Pattern

from tree_sitter import Language, Node

from workspai_hooks.source import Location
from workspai_hooks.workspace.use_sites.nodes import Nodes, named

CALLS = frozenset({"call", "call_expression", "method_invocation", "invocation_expression", "new_expression"})
"""What the grammars call a call."""
FUNCTIONS = frozenset(
    {
        *("function_declaration", "method_declaration", "function_definition", "method_definition"),
        *("arrow_function", "function_expression", "func_literal", "constructor_declaration"),
        *("local_function_statement", "generator_function_declaration", "lambda_literal"),
    }
)
"""What the grammars call a function."""
_CLASSES = frozenset({"class_declaration", "class_definition", "object_declaration", "record_declaration"})
_ENDS = frozenset({"block", "statement_block", "program", "source_file", "module", "compilation_unit"})


class SourceFile:
    """A parsed file."""

    def __init__(self, path: str, data: bytes, grammar: Language) -> None:
        self.path = path
        self.nodes = Nodes(data, grammar)
        self.text = data.decode("utf-8", "replace")

    def call_at(self, place: Location) -> Node | None:
        """The innermost call that stands around a place, with all that is called on it in a chain before the
        place: `a.b(1).c(2)` at `a` or at `c` is the call of `c`."""
        row = place.line - 1
        lines = self.text.split("\n")
        if not 0 <= row < len(lines):
            return None
        column = len(lines[row][: place.column - 1].encode())
        node: Node | None = self.nodes.root.descendant_for_point_range((row, column), (row, column + 1))
        while node is not None and node.type not in CALLS:
            node = node.parent
        return node

    def calls(self, name: str) -> Sequence[Node]:
        """All calls of a function or method of this last name."""
        return self._calls.get(name, ())

    @cached_property
    def _calls(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.below(self.nodes.root, CALLS):
            found.setdefault(self.called(node), []).append(node)
        return found

    @staticmethod
    def below(top: Node, types: Collection[str]) -> Iterator[Node]:
        """The nodes of these types under a node."""
        waiting = [top]
        while waiting:
            node = waiting.pop()
            waiting += node.children
            if node.type in types:
                yield node

    def called(self, call: Node) -> str:
        """The last name of what is called."""
        function = call.child_by_field_name("function") or call.child_by_field_name("name")
        text = self.nodes.text(function).split("(")[0] if function is not None else ""
        return text.rpartition(".")[2].strip()

    def arguments(self, call: Node) -> list[Node]:
        """The arguments of a call."""
        return named(call.child_by_field_name("arguments"))

    def function(self, node: Node) -> Node | None:
        """The outermost function around a node inside of its class or file: closures see what it has."""
        found, at = None, node.parent
        while at is not None and at.type not in _CLASSES:
            if at.type in FUNCTIONS:
                found = at
            at = at.parent
        return found

    def statement(self, node: Node) -> Node:
        """The statement that a node stands in."""
        while node.parent is not None and node.parent.type not in _ENDS:
            node = node.parent
        return node


class Site:
    """A call, and what of its service can be asked: `anywhere` says whether a pattern stands in any source of
    the service, `sources` gives those of its files in which a word stands."""

    def __init__(
        self,
        file: SourceFile,
        call: Node,
        anywhere: Callable[[Pattern[str]], bool],
        sources: Callable[[str], Sequence[SourceFile]],
    ) -> None:
        self.file, self.call, self.anywhere, self.sources = file, call, anywhere, sources
        self.steps = 0
        """From call to call that the answer took so far."""

    @cached_property
    def arguments(self) -> list[Node]:
        return self.file.arguments(self.call)

    @cached_property
    def texts(self) -> list[str]:
        """The arguments as they are written."""
        return [self.file.nodes.text(one) for one in self.arguments]

    @cached_property
    def statement(self) -> str:
        """The text of the statement around."""
        return self.file.nodes.text(self.file.statement(self.call))

    @cached_property
    def function(self) -> str:
        """The text of the function around; of the file where there is none."""
        found = self.file.function(self.call)
        return self.file.text if found is None else self.file.nodes.text(found)

    @property
    def called(self) -> str:
        return self.file.called(self.call)

    @property
    def target(self) -> str:
        """What is called, as written: `self.stub.GetCart`, `requests.get`."""
        text = self.file.nodes.text(self.call)
        arguments = self.call.child_by_field_name("arguments")
        return text[: -len(self.file.nodes.text(arguments))] if arguments is not None else text
