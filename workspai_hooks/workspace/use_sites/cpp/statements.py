"""C++'s statements -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.cpp.expressions import Expressions
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Do,
    Expr,
    Loop,
    Name,
    Return,
    Stmt,
)


class Statements(Expressions):
    """Lowers statements."""

    forms: ClassVar[Mapping[str, Callable[[Any, Node], Iterator[Stmt]]]] = {}
    """How each kind of statement is lowered; the rest is taken apart."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements or declarations of a block or a whole file."""
        found: list[Stmt] = []
        for child in named(node):
            found.extend(self.statement(child))
        return tuple(found)

    def statement(self, node: Node) -> list[Stmt]:
        """One statement or declaration; before it, what its expressions bind."""
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        found = list(self.forms.get(node.type, Statements._other)(self, node))
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        return found

    def _other(self, node: Node) -> Iterator[Stmt]:
        """Statements inside as statements, the rest for effect."""
        for part in named(node):
            if part.type in self.forms or part.type.endswith(("_statement", "_clause")):
                yield from self.statement(part)
            elif not part.type.endswith(("specifier", "qualifier")):
                yield Do(self.expr(part))

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        yield from ()

    def _expression(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type == "assignment_expression":
                self.assignment(part)
            else:
                yield Do(self.expr(part))

    def _scope(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node))

    def _one(self, node: Node | None) -> tuple[Stmt, ...]:
        """The body of a branch or a loop: a block or a single statement."""
        if node is None:
            return ()
        return self.block(node) if node.type == "compound_statement" else tuple(self.statement(node))

    def _declaration(self, node: Node) -> Iterator[Stmt]:
        """`T a = x, *b, c(y), d{z};`"""
        kind = self.type(node.child_by_field_name("type"))
        for part in node.children_by_field_name("declarator"):
            yield from self._variable(part, kind, node.child_by_field_name("value"))

    def _variable(self, node: Node, kind: Expr | None, value: Node | None = None) -> Iterator[Stmt]:
        name, arrays, function = self.declared(node)
        pos = self.nodes.pos(name or node)
        value = node.child_by_field_name("value") or value
        written = self.listed(kind, arrays, pos)
        if name is None:
            return
        targets = (
            self.exprs(named(name))
            if name.type == "structured_binding_declarator"
            else (Name(self.nodes.text(name), pos),)
        )
        values: tuple[Expr, ...] = ()
        if value is not None and value.type in ("argument_list", "initializer_list") and written is not None:
            values = (self.made(written, value, node),)
        elif value is not None and value.type == "argument_list":
            values = self.exprs(named(value))[:1]
        elif value is not None:
            values = (self.expr(value),)
        elif function is not None:  # `T x(y);` looks like a function that takes a y
            listed = named(function.child_by_field_name("parameters"))
            for part in listed:
                yield Do(self.expr(part.child_by_field_name("type") or part))
        yield Bind(targets, written, values, True, pos)

    def _return(self, node: Node) -> Iterator[Stmt]:
        yield Return(self.exprs(named(node)), self.nodes.pos(node))

    def _condition(self, node: Node | None) -> Iterator[Stmt]:
        """`(init; value)`, where the value may declare a name."""
        for part in named(node) if node is not None and node.type == "condition_clause" else [node]:
            if part is None:
                continue
            if part.type == "init_statement":
                yield from self.block(part)
            elif part.type == "declaration":
                yield from self.statement(part)
            else:
                yield Do(self.expr(part))

    def _if(self, node: Node) -> Iterator[Stmt]:
        """What the condition declares holds in all branches; a chain of `else if` is walked."""
        body: list[Stmt] = []
        part: Node | None = node
        while part is not None and part.type == "if_statement":
            body.extend(self._flat(self._condition(part.child_by_field_name("condition"))))
            body.append(Block(self._one(part.child_by_field_name("consequence"))))
            other = part.child_by_field_name("alternative")
            part = next(iter(named(other)), None) if other is not None else None
        if part is not None:
            body.append(Block(self._one(part)))
        yield Block(tuple(body))

    def _flat(self, statements: Iterator[Stmt]) -> list[Stmt]:
        """With what they bind on the way before them."""
        outer, self.hoisted = self.hoisted, []
        found = list(statements)
        found[:0] = self.hoisted
        self.hoisted = outer
        return found

    def _while(self, node: Node) -> Iterator[Stmt]:
        opening = self._flat(self._condition(node.child_by_field_name("condition")))
        yield Block((*opening, *self._one(node.child_by_field_name("body"))))

    def _do(self, node: Node) -> Iterator[Stmt]:
        yield Block(self._one(node.child_by_field_name("body")))
        yield Do(self.expr(node.child_by_field_name("condition")))

    def _for(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for part in node.children_by_field_name("initializer"):
            body.extend(self.statement(part) if part.type == "declaration" else [Do(self.expr(part))])
        for name in ("condition", "update"):
            parts = node.children_by_field_name(name)
            body.extend(self._flat(Do(self.expr(part)) for part in parts))
        body.extend(self._one(node.child_by_field_name("body")))
        yield Block(tuple(body))

    def _range(self, node: Node) -> Iterator[Stmt]:
        """A written type of the loop's variable says what the elements are."""
        name, _, _ = self.declared(node.child_by_field_name("declarator"))
        if name is None:
            return
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(name)
        bound = name.type == "structured_binding_declarator"
        targets = self.exprs(named(name)) if bound else (Name(self.nodes.text(name), pos),)
        typed = () if kind is None else (Bind(targets, kind, (), True, pos),)
        body = (*typed, *self._one(node.child_by_field_name("body")))
        loop = Loop(targets, self.expr(node.child_by_field_name("right")), body, False, pos)
        initializer = node.child_by_field_name("initializer")
        yield Block((*self.block(initializer), loop)) if initializer is not None else loop

    def _switch(self, node: Node) -> Iterator[Stmt]:
        opening = self._flat(self._condition(node.child_by_field_name("condition")))
        yield Block((*opening, *self._one(node.child_by_field_name("body"))))

    def _case(self, node: Node) -> Iterator[Stmt]:
        """Names that one case declares hold in the next."""
        value = node.child_by_field_name("value")
        if value is not None:
            yield Do(self.expr(value))
        for part in named(node):
            if part != value:
                yield from self.statement(part)

    def _catch(self, node: Node) -> Iterator[Stmt]:
        opening: list[Stmt] = [
            Bind((Name(one.name, one.pos),), one.type, (), True, one.pos)
            for one in self.parameters(node.child_by_field_name("parameters"))
            if one.name
        ]
        yield Block((*opening, *self._one(node.child_by_field_name("body"))))


Statements.forms = {
    "case_statement": Statements._case,
    "catch_clause": Statements._catch,
    "co_return_statement": Statements._return,
    "comment": Statements._nothing,
    "compound_statement": Statements._scope,
    "declaration": Statements._declaration,
    "do_statement": Statements._do,
    "expression_statement": Statements._expression,
    "for_range_loop": Statements._range,
    "for_statement": Statements._for,
    "if_statement": Statements._if,
    "return_statement": Statements._return,
    "switch_statement": Statements._switch,
    "while_statement": Statements._while,
}
