"""JSX -> the neutral syntax tree: a component is called with a record of its attributes."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.ecmascript.calls import Calls
from workspai_hooks.workspace.use_sites.ecmascript.patterns import nothing
from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Expr,
    Lambda,
    Member,
    Name,
    Opaque,
    Record,
    Text,
)


class Elements(Calls):
    """Lowers the elements of one file."""

    def _element(self, node: Node) -> Expr:
        """A component is called with its attributes; elements of the page only hold what is in them."""
        opening = node.child_by_field_name("open_tag") or node
        tag = opening.child_by_field_name("name")
        children = [
            self.expr(part)
            for part in named(node)
            if part.type in ("jsx_expression", "jsx_element", "jsx_self_closing_element", "jsx_fragment")
        ]
        pos = self.nodes.pos(node)
        component = tag is not None and (tag.type != "identifier" or not self.nodes.text(tag)[:1].islower())
        entries = [self._attribute(part, component) for part in opening.children_by_field_name("attribute")]
        if tag is None or not component:
            return Opaque((*(value for _, value in entries), *children), pos)
        if self.nodes.text(tag).endswith(".Provider"):
            context = self.expr(tag.child_by_field_name("object") or tag)
            for key, value in entries:
                if isinstance(key, Text) and key.value == "value":
                    holder = Member(context, "(value)", key.pos)
                    self.hoisted.append(Bind((holder,), None, (value,), False, key.pos))
            return Opaque(tuple(children), pos)
        if children:
            held = children[0] if len(children) == 1 else Opaque(tuple(children), pos)
            entries.append((Text("children", pos), held))
        return Opaque(
            (Call(self.expr(tag), (Record(tuple(entries), self.nodes.pos(opening)),), (), pos),), pos
        )

    def _attribute(self, node: Node, of_component: bool) -> tuple[Expr, Expr]:
        pos = self.nodes.pos(node)
        parts = named(node)
        if node.type != "jsx_attribute":
            return nothing(pos), self.inner(parts[0]) if parts else nothing(pos)
        text = self.nodes.text(parts[0]) if parts else ""
        value = self.expr(parts[1]) if len(parts) > 1 else nothing(pos)
        if isinstance(value, Lambda) and not of_component:
            value = Call(Name("(event)", pos), (value,), (), pos)
        return Text(text, pos), value


Elements.forms = {
    **Calls.forms,
    "jsx_element": Elements._element,
    "jsx_self_closing_element": Elements._element,
}
