"""Java's statements -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.java.expressions import Expressions
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Do,
    Expr,
    Loop,
    Member,
    Name,
    Return,
    Stmt,
)

SPECIAL = ("_statement", "_declaration", "_clause", "_invocation")


class Statements(Expressions):
    """Lowers statements."""

    forms: ClassVar[Mapping[str, Callable[[Any, Node], Iterator[Stmt]]]] = {}
    """How each kind of statement is lowered; the rest is taken apart."""
    _yielded: str = ""
    """The name that holds what the innermost `switch` gives."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements or declarations of a block or a whole file."""
        found: list[Stmt] = []
        for child in named(node):
            found.extend(self.statement(child))
        return tuple(found)

    def statement(self, node: Node) -> list[Stmt]:
        """One statement or declaration; before it, what its expressions need."""
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
        if node.type in ("modifiers", "package_declaration", "marker_annotation", "annotation"):
            return
        for part in named(node):
            if part.type in self.forms or part.type.endswith("_statement"):
                yield from self.statement(part)
            else:
                yield Do(self.expr(part))

    def _scope(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node))

    def _one(self, node: Node | None) -> tuple[Stmt, ...]:
        """The body of a branch or a loop: a block or a single statement."""
        if node is None:
            return ()
        return self.block(node) if node.type == "block" else tuple(self.statement(node))

    def _variables(self, node: Node) -> Iterator[Stmt]:
        """`T a = x, b[];`."""
        kind = self.type(node.child_by_field_name("type"))
        for part in node.children_by_field_name("declarator"):
            name = part.child_by_field_name("name")
            if name is None:
                continue
            value = part.child_by_field_name("value")
            values = () if value is None else (self.expr(value),)
            target = Name(self.nodes.text(name), self.nodes.pos(name))
            yield Bind((target,), self.arrayed(kind, part), values, True, self.nodes.pos(part))

    def _expression(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type == "assignment_expression":
                self.assignment(part)
            else:
                yield Do(self.expr(part))

    def _return(self, node: Node) -> Iterator[Stmt]:
        yield Return(self.exprs(named(node)), self.nodes.pos(node))

    def _if(self, node: Node) -> Iterator[Stmt]:
        """A chain of `else if` is walked, not recursed into; each has a scope for what its pattern binds."""
        links: list[list[Stmt]] = []
        part: Node | None = node
        while part is not None and part.type == "if_statement":
            outer, self.hoisted = self.hoisted, []
            condition = Do(self.expr(part.child_by_field_name("condition")))
            own, self.hoisted = self.hoisted, outer
            links.append([*own, condition, Block(self._one(part.child_by_field_name("consequence")))])
            part = part.child_by_field_name("alternative")
        rest: tuple[Stmt, ...] = () if part is None else (Block(self._one(part)),)
        for link in reversed(links[1:]):
            rest = (*link, *rest) if len(links) > DEEPEST else (Block((*link, *rest)),)
        yield from (*links[0], *rest) if links else rest

    def _while(self, node: Node) -> Iterator[Stmt]:
        yield Do(self.expr(node.child_by_field_name("condition")))
        yield Block(self._one(node.child_by_field_name("body")))

    def _for(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for part in node.children_by_field_name("init"):
            local = part.type == "local_variable_declaration"
            body.extend(self.statement(part) if local else [Do(self.expr(part))])
        for name in ("condition", "update"):
            body.extend(Do(self.expr(part)) for part in node.children_by_field_name(name))
        body.extend(self._one(node.child_by_field_name("body")))
        yield Block(tuple(body))

    def _foreach(self, node: Node) -> Iterator[Stmt]:
        """A written type of the loop's variable says what the elements are."""
        name = node.child_by_field_name("name") or node
        target = Name(self.nodes.text(name), self.nodes.pos(name))
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        iterable = self.expr(node.child_by_field_name("value"))
        typed = () if kind is None else (Bind((target,), kind, (), True, pos),)
        yield Loop((target,), iterable, (*typed, *self._one(node.child_by_field_name("body"))), False, pos)

    def _try(self, node: Node) -> Iterator[Stmt]:
        inside: list[Stmt] = []
        for part in named(node.child_by_field_name("resources")):
            name = part.child_by_field_name("name")
            value = part.child_by_field_name("value")
            if name is None:
                inside.extend(Do(self.expr(each)) for each in named(part))
                continue
            target = Name(self.nodes.text(name), self.nodes.pos(name))
            values = () if value is None else (self.expr(value),)
            kind = self.type(part.child_by_field_name("type"))
            inside.append(Bind((target,), kind, values, True, self.nodes.pos(part)))
        inside.extend(self.block(node.child_by_field_name("body")))
        yield Block(tuple(inside))
        for part in named(node):
            if part.type in ("catch_clause", "finally_clause"):
                yield from self.statement(part)

    def _catch(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for part in named(node):
            name = part.child_by_field_name("name") if part.type == "catch_formal_parameter" else None
            if name is not None:
                kinds = [self.type(each) for each in named(part) if each.type == "catch_type"]
                target = Name(self.nodes.text(name), self.nodes.pos(name))
                body.append(Bind((target,), kinds[0] if kinds else None, (), True, self.nodes.pos(part)))
        body.extend(self.block(node.child_by_field_name("body")))
        yield Block(tuple(body))

    def _finally(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            yield Block(self.block(part))

    def _labelled(self, node: Node) -> Iterator[Stmt]:
        for part in named(node)[1:]:
            yield from self.statement(part)

    def _jump(self, node: Node) -> Iterator[Stmt]:
        """`break`, `continue`: their labels are no names."""
        yield from ()

    # -- switch

    def _switch_statement(self, node: Node) -> Iterator[Stmt]:
        yield Do(self.switch(node))

    def switch(self, node: Node) -> Expr:
        """Each branch is a scope; what it gives is kept in a variable of our own."""
        pos = self.nodes.pos(node)
        subject = Name(f"(switch {pos[0]}:{pos[1]})", pos)
        given = Name(f"(given {pos[0]}:{pos[1]})", pos)
        value = self.expr(node.child_by_field_name("condition"))
        self.hoisted.append(Bind((subject,), None, (value,), True, pos))
        self.hoisted.append(Bind((given,), None, (), True, pos))
        before, self._yielded = self._yielded, given.id
        for part in named(node.child_by_field_name("body")):
            outer, self.hoisted = self.hoisted, []
            branch = self._branch(subject, part)
            self.hoisted = outer
            self.hoisted.append(Block(tuple(branch)))
        self._yielded = before
        return given

    def _branch(self, subject: Name, node: Node) -> list[Stmt]:
        found: list[Stmt] = []
        for part in named(node):
            if part.type == "switch_label":
                for label in named(part):
                    found.extend(self._label(subject, label))
            elif part.type == "expression_statement" and node.type == "switch_rule":
                statement = self.statement(part)
                last = statement[-1] if statement else None
                if isinstance(last, Do):
                    statement[-1] = self._give(last.value)
                found.extend(statement)
            else:
                found.extend(self.statement(part))
        return found

    def _label(self, subject: Name, node: Node) -> list[Stmt]:
        outer, self.hoisted = self.hoisted, []
        found: list[Stmt] = []
        if node.type == "identifier":
            found.append(Do(Member(subject, self.nodes.text(node), self.nodes.pos(node))))
        elif node.type == "pattern":
            self.pattern(node, subject)
        else:
            found.append(Do(self.inner(node) if node.type == "guard" else self.expr(node)))
        found[:0] = self.hoisted
        self.hoisted = outer
        return found

    def _yield(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            yield self._give(self.expr(part))

    def _give(self, value: Expr) -> Stmt:
        pos = getattr(value, "pos", (1, 1))
        return Bind((Name(self._yielded, pos),), None, (value,), False, pos)


Statements.forms = {
    "assert_statement": Statements._other,
    "block": Statements._scope,
    "break_statement": Statements._jump,
    "catch_clause": Statements._catch,
    "continue_statement": Statements._jump,
    "do_statement": Statements._while,
    "enhanced_for_statement": Statements._foreach,
    "expression_statement": Statements._expression,
    "finally_clause": Statements._finally,
    "for_statement": Statements._for,
    "if_statement": Statements._if,
    "labeled_statement": Statements._labelled,
    "local_variable_declaration": Statements._variables,
    "return_statement": Statements._return,
    "switch_expression": Statements._switch_statement,
    "synchronized_statement": Statements._other,
    "throw_statement": Statements._other,
    "try_statement": Statements._try,
    "try_with_resources_statement": Statements._try,
    "while_statement": Statements._while,
    "yield_statement": Statements._yield,
}
