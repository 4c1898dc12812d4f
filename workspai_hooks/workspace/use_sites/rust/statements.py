"""Rust's statements -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.rust.macros import Macros
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Do,
    Expr,
    Loop,
    Name,
    Opaque,
    Return,
    Sequence,
    Stmt,
)

SKIPPED = frozenset(
    {"attribute_item", "inner_attribute_item", "empty_statement", "line_comment", "block_comment"}
)


class Statements(Macros):
    """Lowers statements."""

    forms: ClassVar[Mapping[str, Callable[[Any, Node], Iterator[Stmt]]]] = {}
    """How each kind of statement is lowered; the rest is an expression."""

    def block(self, node: Node | None, value: bool = False) -> tuple[Stmt, ...]:
        """The statements of a block; with `value`, its last expression is returned."""
        found: list[Stmt] = []
        parts = [part for part in named(node) if part.type not in SKIPPED]
        for number, part in enumerate(parts):
            last = value and number == len(parts) - 1 and self._is_value(part)
            if last:
                found.append(Return((self.expr(_unwrapped(part)),), self.nodes.pos(part)))
            else:
                found.extend(self.statement(part))
        return tuple(found)

    def _is_value(self, node: Node) -> bool:
        """Whether the last part of a block is what the block gives: it has no semicolon."""
        if node.type == "expression_statement":
            return node.children[-1].type != ";" and _unwrapped(node).type != "return_expression"
        return node.type not in self.forms or node.type in ("if_expression", "match_expression", "block")

    def block_of(self, node: Node) -> tuple[Stmt, ...]:
        """One statement that stands where an expression is asked for."""
        return tuple(self.statement(node))

    def statement(self, node: Node) -> list[Stmt]:
        """One statement or declaration."""
        if self.depth > DEEPEST or node.type in SKIPPED:
            return []
        self.depth += 1
        lower = self.forms.get(node.type)
        found: list[Stmt] = [Do(self.expr(node))] if lower is None else list(lower(self, node))
        self.depth -= 1
        return found

    def _expression(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            yield from self.statement(part)

    def _let(self, node: Node) -> Iterator[Stmt]:
        kind = self.type(node.child_by_field_name("type"))
        pattern = node.child_by_field_name("pattern")
        value = node.child_by_field_name("value")
        if value is None:
            if pattern is not None and pattern.type == "identifier":
                pos = self.nodes.pos(pattern)
                yield Bind((Name(self.word(pattern), pos),), kind, (), True, pos)
            return
        yield from self.matched(pattern, value, kind)
        other = node.child_by_field_name("alternative")
        if other is not None:
            yield Block(self.block(other))

    def _let_condition(self, node: Node) -> Iterator[Stmt]:
        yield from self.condition(node)

    def _assignment(self, node: Node) -> Iterator[Stmt]:
        target = self.expr(node.child_by_field_name("left"))
        value = self.expr(node.child_by_field_name("right"))
        targets = target.items if isinstance(target, Sequence) and target.is_tuple else (target,)
        yield Bind(targets, None, (value,), False, self.nodes.pos(node))

    def _compound(self, node: Node) -> Iterator[Stmt]:
        yield Do(self.opaque(node))

    def _return(self, node: Node) -> Iterator[Stmt]:
        """A `return` inside a block that is a value leaves the function, not the block."""
        values = self.exprs(named(node))
        pos = self.nodes.pos(node)
        yield Do(Opaque(values, pos)) if self.inside_value else Return(values, pos)

    def _scope(self, node: Node) -> Iterator[Stmt]:
        inner = node if node.type == "block" else child_of(node, "block")
        yield Block(self.block(inner))

    def _if_statement(self, node: Node) -> Iterator[Stmt]:
        part: Node | None = node
        while part is not None and part.type == "if_expression":
            opening = tuple(self.condition(part.child_by_field_name("condition")))
            yield Block((*opening, *self.block(part.child_by_field_name("consequence"))))
            part = next(iter(named(part.child_by_field_name("alternative"))), None)
        if part is not None:
            yield Block(self.block(part))

    def _match_statement(self, node: Node) -> Iterator[Stmt]:
        subject, opening = self.subject(node)
        yield from opening
        if not opening:
            yield Do(subject)
        for arm in named(node.child_by_field_name("body")):
            if arm.type == "match_arm":
                value = arm.child_by_field_name("value")
                yield Block((*self.arm(arm, subject), *([] if value is None else self.statement(value))))

    def _while(self, node: Node) -> Iterator[Stmt]:
        opening = tuple(self.condition(node.child_by_field_name("condition")))
        yield Block((*opening, *self.block(node.child_by_field_name("body"))))

    def _for(self, node: Node) -> Iterator[Stmt]:
        pattern = node.child_by_field_name("pattern") or node
        pos = self.nodes.pos(pattern)
        held: Expr = Name(f"(item {pos[0]}:{pos[1]})", pos)
        body = (*self.bind(pattern, held), *self.block(node.child_by_field_name("body")))
        yield Loop((held,), self.expr(node.child_by_field_name("value")), body, False, pos)


def _unwrapped(node: Node) -> Node:
    """The expression of a statement."""
    return named(node)[0] if node.type == "expression_statement" and named(node) else node


Statements.forms = {
    "assignment_expression": Statements._assignment,
    "block": Statements._scope,
    "compound_assignment_expr": Statements._compound,
    "expression_statement": Statements._expression,
    "for_expression": Statements._for,
    "if_expression": Statements._if_statement,
    "let_condition": Statements._let_condition,
    "let_declaration": Statements._let,
    "loop_expression": Statements._while,
    "match_expression": Statements._match_statement,
    "return_expression": Statements._return,
    "unsafe_block": Statements._scope,
    "while_expression": Statements._while,
}
