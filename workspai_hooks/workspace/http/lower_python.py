"""Python's tree for requests: formatted strings and `+` keep their pieces."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.http.trees import call_of, joined, summands
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.python import lowering
from workspai_hooks.workspace.use_sites.syntax import Expr, Sequence, Source, Text


def lower(data: bytes) -> Source:
    """The tree of a file."""
    return lowering.lower(data, _Declarations)


class _Declarations(lowering.Declarations):
    """Lowers texts so that they can be put together."""

    def expr(self, node: Node | None) -> Expr:
        if node is not None and self.depth <= DEEPEST:
            if node.type == "string" and any(part.type == "interpolation" for part in node.children):
                return self._formatted(node)
            if node.type == "concatenated_string":
                return joined([self.expr(part) for part in named(node)], self.nodes.pos(node))
            if node.type == "binary_operator":
                put = self._put_together(node)
                if put is not None:
                    return put
        return super().expr(node)

    def _formatted(self, node: Node) -> Expr:
        """`f"{base}/orders/{id}"`."""
        parts: list[Expr] = []
        for part in named(node):
            if part.type == "interpolation":
                inner = named(part)
                parts.append(self.expr(inner[0] if inner else part))
            elif part.type == "string_content":
                said = self.nodes.text(part).replace("{{", "{").replace("}}", "}")
                parts.append(Text(said, self.nodes.pos(part)))
        return joined(parts, self.nodes.pos(node))

    def _put_together(self, node: Node) -> Expr | None:
        """`base + "/orders/" + id`, `"%s/orders" % base`."""
        right = node.child_by_field_name("right")
        if right is not None and self.nodes.text(node.child_by_field_name("operator")) == "%":
            return self._percent(node, right)
        operands = summands(self.nodes, node, "binary_operator")
        if operands is None:
            return None
        left, *rest = operands
        return joined([self.expr(left), *self.exprs(rest)], self.nodes.pos(node))

    def _percent(self, node: Node, right: Node) -> Expr | None:
        left = node.child_by_field_name("left")
        if left is None or left.type not in ("string", "concatenated_string", "parenthesized_expression"):
            return None
        value = self.expr(right)
        args = value.items if isinstance(value, Sequence) else (value,)
        return call_of("(formatted)", [self.expr(left), *args], self.nodes.pos(node))
