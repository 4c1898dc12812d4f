"""Ruby's `case … in` patterns, `when` and multiple assignment -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.ruby.calls import Calls
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Do,
    Expr,
    Index,
    Name,
    Opaque,
    Sequence,
    Stmt,
    Text,
)


class Patterns(Calls):
    """Lowers what takes values apart."""

    def target(self, node: Node) -> Expr:
        """What an assignment or a loop binds; nested ones are Sequences."""
        pos = self.nodes.pos(node)
        if node.type in ("left_assignment_list", "destructured_left_assignment", "destructured_parameter"):
            return Sequence(tuple([self.target(part) for part in named(node)]), pos, is_tuple=True)
        if node.type in ("rest_assignment", "splat_parameter"):
            parts = named(node)
            return Opaque(tuple([self.target(part) for part in parts]), pos)
        if node.type == "identifier":
            return Name(self.nodes.text(node), pos)
        return self.expr(node)

    def pattern(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """`in {quantity: q}`, `in Item(quantity: 1)`, `in [first, *]`, `in :RED`."""
        pos = self.nodes.pos(node)
        match node.type:
            case "hash_pattern" | "array_pattern" | "find_pattern":
                kind = node.child_by_field_name("class")
                typed = subject if kind is None else Call(self.expr(kind), (subject,), (), pos)
                for part in named(node):
                    if part != kind:
                        yield from self._part(typed, part)
            case "as_pattern":
                inner, *names = named(node)
                yield from self.pattern(subject, inner)
                for name in names:
                    typed = self._typed(subject, inner)
                    yield self.bound(Name(self.nodes.text(name), self.nodes.pos(name)), typed, pos)
            case "identifier":
                yield self.bound(Name(self.nodes.text(node), pos), subject, pos)
            case "alternative_pattern" | "parenthesized_pattern":
                for part in named(node):
                    yield from self.pattern(subject, part)
            case "constant" | "scope_resolution":
                yield Do(self.expr(node))
            case _:
                yield Do(Opaque((subject, self.expr(node)), pos))

    def _typed(self, subject: Expr, node: Node) -> Expr:
        """What a value is that fits a pattern that names its class."""
        kind = node.child_by_field_name("class") if node.type.endswith("_pattern") else node
        if kind is None or kind.type not in ("constant", "scope_resolution"):
            return subject
        return Call(self.expr(kind), (subject,), (), self.nodes.pos(node))

    def _part(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """A key of a hash, or an element of a list."""
        pos = self.nodes.pos(node)
        if node.type == "keyword_pattern":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            name = self.key(key)
            held = Index(subject, name, name.pos)
            yield Do(held)
            if value is not None:
                yield from self.pattern(held, value)
            elif isinstance(name, Text):
                yield self.bound(Name(name.value, pos), held, pos)
        elif node.type not in ("splat_parameter", "hash_splat_parameter", "hash_splat_nil"):
            yield from self.pattern(Index(subject, Opaque((), pos), pos), node)

    def compared(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """`when :RED, :GREEN` compares, `when Item` is a test of the class."""
        for part in named(node):
            value = self.expr(part)
            yield Do(value if isinstance(value, Name) else Opaque((subject, value), self.nodes.pos(part)))
