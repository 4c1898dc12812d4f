"""Go's tree for requests: `+` keeps its operands' order, fields their names in JSON."""

from __future__ import annotations

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.trees import joined, summands
from workspai_hooks.workspace.use_sites.go import expressions, lowering
from workspai_hooks.workspace.use_sites.nodes import Nodes, named
from workspai_hooks.workspace.use_sites.syntax import Expr, Source, Text, Variable

_TAG = regex(r"\bjson:\"([^\"]{0,200})\"")


def lower(data: bytes) -> Source:
    """The tree of a file."""
    return lowering.lower(data, _Declarations)


class _Declarations(lowering.Declarations):
    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.expressions = _Expressions(nodes, self._function_body)


class _Expressions(expressions.Expressions):
    """Lowers texts so that they can be put together."""

    def expr(self, node: Node) -> Expr:
        if node.type == "binary_expression":
            put = self._put_together(node)
            if put is not None:
                return put
        return super().expr(node)

    def _put_together(self, node: Node) -> Expr | None:
        operands = summands(self.nodes, node)
        if operands is None:
            return None
        return joined([self.expr(each) for each in operands], self.nodes.pos(node))

    def members(self, struct: Node) -> tuple[tuple[Expr, ...], tuple[Variable, ...]]:
        """A field's value is its name in JSON: Go's fields have no values of their own."""
        bases, variables = super().members(struct)
        names: dict[tuple[int, int], str] = {}
        for listed in named(struct):
            for field in named(listed):
                tag = _TAG.search(self.nodes.text(field.child_by_field_name("tag")))
                if tag is not None:
                    for name in field.children_by_field_name("name"):
                        names[self.nodes.pos(name)] = tag[1].partition(",")[0]
        return bases, tuple(
            [
                replace(each, value=Text(names[each.pos], each.pos)) if names.get(each.pos) else each
                for each in variables
            ]
        )
