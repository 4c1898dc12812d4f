"""C#'s statements -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.csharp.patterns import Patterns
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Do,
    Expr,
    Loop,
    Name,
    Return,
    Sequence,
    Stmt,
)


class Statements(Patterns):
    """Lowers statements."""

    forms: ClassVar[Mapping[str, Callable[[Any, Node], Iterator[Stmt]]]] = {}
    """How each kind of statement is lowered; the rest is taken apart."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements or declarations of a block, a section or a whole file."""
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
            if part.type in self.forms or part.type.endswith(("_statement", "_clause", "_section")):
                yield from self.statement(part)
            elif not part.type.endswith(("modifier", "_constraints_clause")):
                yield Do(self.expr(part))

    def _scope(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node))

    def _one(self, node: Node | None) -> tuple[Stmt, ...]:
        """The body of a branch or a loop: a block or a single statement."""
        if node is None:
            return ()
        return self.block(node) if node.type == "block" else tuple(self.statement(node))

    def _declaration_statement(self, node: Node) -> Iterator[Stmt]:
        """`T a = x, b;`, with `using` and `const` too."""
        declaration = node if node.type == "variable_declaration" else child_of(node, "variable_declaration")
        if declaration is None:
            yield from self._other(node)
            return
        kind = self.type(declaration.child_by_field_name("type"))
        for part in named(declaration):
            if part.type != "variable_declarator":
                continue
            name = part.child_by_field_name("name") or named(part)[0]
            values = [each for each in named(part) if each != name]
            target = self.expr(name)
            targets = target.items if isinstance(target, Sequence) else (target,)
            value = (self.expr(values[-1]),) if values else ()
            yield Bind(targets, kind, value, True, self.nodes.pos(part))

    def _expression(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type == "assignment_expression":
                self.assignment(part)
            else:
                yield Do(self.expr(part))

    def _return(self, node: Node) -> Iterator[Stmt]:
        yield Return(self.exprs(named(node)), self.nodes.pos(node))

    def _yield(self, node: Node) -> Iterator[Stmt]:
        """An iterator returns a list."""
        values = self.exprs(named(node))
        pos = self.nodes.pos(node)
        if values:
            yield Return((Sequence(values, pos),), pos)

    def _if(self, node: Node) -> Iterator[Stmt]:
        """A chain of `else if` is walked, not recursed into."""
        part: Node | None = node
        while part is not None and part.type == "if_statement":
            yield Do(self.expr(part.child_by_field_name("condition")))
            yield Block(self._one(part.child_by_field_name("consequence")))
            part = part.child_by_field_name("alternative")
        yield Block(self._one(part))

    def _while(self, node: Node) -> Iterator[Stmt]:
        yield Do(self.expr(node.child_by_field_name("condition")))
        yield Block(self._one(node.child_by_field_name("body")))

    def _for(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for part in node.children_by_field_name("initializer"):
            body.extend(
                self.statement(part) if part.type == "variable_declaration" else [Do(self.expr(part))]
            )
        for name in ("condition", "update"):
            body.extend(Do(self.expr(part)) for part in node.children_by_field_name(name))
        body.extend(self._one(node.child_by_field_name("body")))
        yield Block(tuple(body))

    def _foreach(self, node: Node) -> Iterator[Stmt]:
        """A written type of the loop's variable says what the elements are."""
        left = node.child_by_field_name("left")
        target = self.expr(left)
        targets = target.items if isinstance(target, Sequence) else (target,)
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        typed = () if kind is None else (Bind(targets, kind, (), True, pos),)
        body = (*typed, *self._one(node.child_by_field_name("body")))
        yield Loop(targets, self.expr(node.child_by_field_name("right")), body, False, pos)

    def _switch_statement(self, node: Node) -> Iterator[Stmt]:
        value = self.expr(node.child_by_field_name("value"))
        yield Do(value)
        for section in named(node.child_by_field_name("body")):
            yield Block(tuple(self._section(value, section)))

    def _section(self, value: Expr, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type.endswith("_pattern"):
                outer, self.hoisted = self.hoisted, []
                read = self.pattern(value, part)
                yield from self.hoisted
                self.hoisted = outer
                yield Do(read)
            elif part.type == "when_clause":
                yield Do(self.opaque(part))
            elif part.type in self.forms or part.type.endswith("_statement"):
                yield from self.statement(part)
            else:
                yield Do(self.expr(part))

    def _using_statement(self, node: Node) -> Iterator[Stmt]:
        """`using (var x = …) { }`, also `fixed` and `lock`."""
        inside: list[Stmt] = []
        for part in named(node):
            if part.type == "variable_declaration":
                inside.extend(self.statement(part))
            elif part.type == "block" or part.type.endswith("_statement"):
                inside.extend(self._one(part))
            else:
                inside.append(Do(self.expr(part)))
        yield Block(tuple(inside))

    def _catch(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for part in named(node):
            if part.type == "catch_declaration":
                name = part.child_by_field_name("name")
                kind = self.type(part.child_by_field_name("type"))
                if name is not None:
                    pos = self.nodes.pos(name)
                    body.append(Bind((Name(self.nodes.text(name), pos),), kind, (), True, pos))
            elif part.type == "block":
                body.extend(self.block(part))
            else:
                body.append(Do(self.opaque(part)))
        yield Block(tuple(body))


Statements.forms = {
    "arrow_expression_clause": Statements._other,
    "block": Statements._scope,
    "catch_clause": Statements._catch,
    "do_statement": Statements._while,
    "expression_statement": Statements._expression,
    "extern_alias_directive": Statements._other,
    "fixed_statement": Statements._using_statement,
    "for_statement": Statements._for,
    "foreach_statement": Statements._foreach,
    "global_statement": Statements._other,
    "if_statement": Statements._if,
    "local_declaration_statement": Statements._declaration_statement,
    "lock_statement": Statements._using_statement,
    "preproc_elif": Statements._other,
    "preproc_else": Statements._other,
    "preproc_if": Statements._other,
    "return_statement": Statements._return,
    "switch_statement": Statements._switch_statement,
    "using_statement": Statements._using_statement,
    "variable_declaration": Statements._declaration_statement,
    "while_statement": Statements._while,
    "yield_statement": Statements._yield,
}
