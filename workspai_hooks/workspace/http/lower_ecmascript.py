"""JavaScript's tree for requests: templates and `+` keep their pieces, variables of bundlers their names."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.http.trees import call_of, joined, summands
from workspai_hooks.workspace.use_sites.ecmascript import lowering
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.syntax import Expr, Source, Text

_ENVIRONMENTS = ("import.meta.env.", "process.env.", "Deno.env.", "Bun.env.", "window._env_.", "window.env.")


def lower(data: bytes) -> Source:
    """The tree of a file."""
    return lowering.lower(data, _Declarations)


class _Declarations(lowering.Declarations):
    """Lowers texts so that they can be put together."""

    def expr(self, node: Node | None) -> Expr:
        if node is not None and self.depth <= DEEPEST:
            if node.type == "template_string":
                return self._put_in(node)
            if node.type == "binary_expression":
                put = self._put_together(node)
                if put is not None:
                    return put
            if node.type == "member_expression":
                variable = self._variable(node)
                if variable:
                    pos = self.nodes.pos(node)
                    return call_of("(env)", [Text(variable, pos)], pos)
        return super().expr(node)

    def _put_in(self, node: Node) -> Expr:
        """`${base}/orders/${id}`, between backticks."""
        parts: list[Expr] = []
        for part in node.named_children:
            pos = self.nodes.pos(part)
            if part.type == "template_substitution":
                inner = named(part)
                parts.append(self.expr(inner[0] if inner else part))
            else:
                parts.append(Text(self.nodes.text(part), pos))
        if not parts:
            return Text(self.nodes.text(node)[1:-1], self.nodes.pos(node))
        return joined(parts, self.nodes.pos(node))

    def _put_together(self, node: Node) -> Expr | None:
        operands = summands(self.nodes, node)
        if operands is None:
            return None
        return joined([self.expr(each) for each in operands], self.nodes.pos(node))

    def _variable(self, node: Node) -> str:
        """The variable of `process.env.NAME`, `import.meta.env.NAME`."""
        word = "".join(self.nodes.text(node).replace("?.", ".").split())
        start = next((each for each in _ENVIRONMENTS if word.startswith(each)), "")
        name = word.removeprefix(start)
        return name if start and name.isidentifier() else ""
