"""C#'s patterns (`is`, `case`, switch arms) -> reads of members and bindings of what they match."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.csharp.expressions import Expressions
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.syntax import Bind, Call, Expr, Index, Member, Name, Opaque

NESTING = frozenset(
    {"and_pattern", "or_pattern", "negated_pattern", "parenthesized_pattern", "relational_pattern"}
)


class Patterns(Expressions):
    """Lowers patterns."""

    def pattern(self, value: Expr, node: Node) -> Expr:
        """What a pattern reads of `value`; what it binds is left in `hoisted`."""
        if self.depth > DEEPEST:
            return Opaque((), self.nodes.pos(node))
        self.depth += 1
        try:
            return self._pattern(value, node)
        finally:
            self.depth -= 1

    def _pattern(self, value: Expr, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        if node.type == "recursive_pattern":
            return self._recursive(value, node)
        if node.type in ("declaration_pattern", "var_pattern"):
            kind = self.type(node.child_by_field_name("type"))
            self._bind(node.child_by_field_name("name"), kind, value)
            return Opaque((), pos) if kind is None else Opaque((kind,), pos)
        if node.type == "list_pattern":
            item = Index(value, Opaque((), pos), pos)
            return Opaque(tuple([self.pattern(item, part) for part in named(node)]), pos)
        if node.type in NESTING:
            parts = [
                self.pattern(value, part) if part.type.endswith("_pattern") else self.expr(part)
                for part in named(node)
            ]
            return Opaque(tuple(parts), pos)
        if node.type in ("constant_pattern", "type_pattern"):
            return self.opaque(node)
        return self.expr(node)

    def _recursive(self, value: Expr, node: Node) -> Expr:
        """`Cart { Items.Count: > 0, Owner: { } o } c`."""
        pos = self.nodes.pos(node)
        kind = self.type(node.child_by_field_name("type"))
        whole = value if kind is None else Call(kind, (value,), (), pos)
        parts: list[Expr] = [] if kind is None else [kind]
        for clause in named(node):
            if clause.type in ("property_pattern_clause", "positional_pattern_clause"):
                for part in named(clause):
                    parts.extend(self._subpattern(whole, part))
        self._bind(node.child_by_field_name("name"), kind, whole)
        return Opaque(tuple(parts), pos)

    def _subpattern(self, whole: Expr, node: Node) -> list[Expr]:
        inner = named(node)
        if len(inner) < 2:
            return [self.pattern(Opaque((), self.nodes.pos(node)), part) for part in inner]
        member = self._path(whole, inner[0])
        return [member, self.pattern(member, inner[1])]

    def _path(self, whole: Expr, node: Node) -> Expr:
        if node.type == "member_access_expression":
            qualifier = node.child_by_field_name("expression")
            name = node.child_by_field_name("name") or node
            whole = self._path(whole, qualifier) if qualifier is not None else whole
            return Member(whole, self.nodes.text(name), self.nodes.pos(name))
        return Member(whole, self.nodes.text(node), self.nodes.pos(node))

    def _bind(self, name: Node | None, kind: Expr | None, value: Expr) -> None:
        if name is None or name.type == "discard":
            return
        if name.type == "identifier":
            pos = self.nodes.pos(name)
            self.hoisted.append(Bind((Name(self.nodes.text(name), pos),), kind, (value,), True, pos))
        elif child_of(name, "identifier"):
            targets = self.exprs(named(name))
            self.hoisted.append(Bind(targets, None, (value,), True, self.nodes.pos(name)))
