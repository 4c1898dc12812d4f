"""Elixir's control flow -> the neutral syntax tree.

Branches are Blocks, each with a scope of its own. Where their value is used they are the body of a function
that is called right there.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.elixir.patterns import Patterns
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Do,
    Expr,
    Lambda,
    Name,
    Opaque,
    Parameter,
    Pos,
    Return,
    Sequence,
    Stmt,
)

CONTROL = frozenset({"if", "unless", "case", "cond", "with", "for", "try", "receive", "quote"})
BLOCKS = ("do_block", "else_block", "rescue_block", "catch_block", "after_block")
KEYWORDS = frozenset({"do", "else", "rescue", "catch", "after"})


class Control(Patterns):
    """Lowers statements and branches."""

    def statements(self, nodes: list[Node], tail: bool = False) -> tuple[Stmt, ...]:
        """Statements in order; `tail`: the last one's value is returned."""
        found: list[Stmt] = []
        for index, node in enumerate(nodes):
            found.extend(self.statement(node, tail and index == len(nodes) - 1))
        return tuple(found)

    def statement(self, node: Node, tail: bool) -> list[Stmt]:
        """One statement; before it, what its expressions bind."""
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        found = list(self._statement(node, tail))
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        return found

    def _statement(self, node: Node, tail: bool) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        if node.type == "block":
            yield from self.statements(named(node), tail)
        elif node.type == "binary_operator" and self.operator(node) in ("=", "<-"):
            yield from self._match(node, tail, pos)
        elif self.word_of(node) in CONTROL:
            yield from self.branches(node, tail)
        else:
            value = self.expr(node)
            yield Return((value,), pos) if tail else Do(value)

    def word_of(self, node: Node) -> str:
        """The bare name that is called; empty for anything else."""
        target = node.child_by_field_name("target") if node.type == "call" else None
        return self.nodes.text(target) if target is not None and target.type == "identifier" else ""

    def _match(self, node: Node, tail: bool, pos: Pos) -> Iterator[Stmt]:
        """`pattern = value`; `pattern <- values` of a template's `:for`."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        value = self.expr(right)
        if self.operator(node) == "<-":
            value = Call(Name("(item)", pos), (value,), (), pos)
        if left.type == "identifier":
            yield from self.pattern(value, left)
            subject: Expr = Name(self.nodes.text(left), pos)
        else:
            subject = self.kept(value, pos)
            yield Bind((subject,), None, (value,), True, pos)
            yield from self.pattern(subject, left)
        if tail:
            yield Return((subject,), pos)

    def kept(self, value: Expr, pos: Pos) -> Name:
        """A name for a value that is taken apart."""
        name = f"({pos[0]}:{pos[1]})"
        self.known.add(name)
        return Name(name, pos)

    def matched(self, left: Node, right: Node, pos: Pos) -> Expr:
        """`left = right` inside an expression: it binds before its statement."""
        value = self.expr(right)
        subject = self.kept(value, pos)
        self.hoisted.append(Bind((subject,), None, (value,), True, pos))
        self.hoisted.extend(self.pattern(subject, left))
        return subject

    def value_of(self, node: Node) -> Expr:
        """Branches whose value is used."""
        pos = self.nodes.pos(node)
        if self.word_of(node) == "for":
            return self._comprehension(node, pos)
        body = tuple(self.branches(node, True))
        return Call(Lambda((), body, pos), (), (), pos)

    # -- branches

    def branches(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """`if`, `case`, `with` and their like as statements."""
        word = self.word_of(node)
        arguments = [part for part in named(child_of(node, "arguments")) if part.type != "keywords"]
        if word == "case":
            yield from self._case(node, arguments, tail)
            return
        if word == "for" and not tail:
            yield self._loop(node, arguments)
            return
        if word == "with":
            yield Block((*self._with(arguments), *self._bodies(node, tail)))
            return
        for argument in arguments:
            if word == "for":
                continue
            yield Do(self.expr(argument))
        if word == "for":
            yield Return((self._comprehension(node, self.nodes.pos(node)),), self.nodes.pos(node))
            return
        yield from self._bodies(node, tail)

    def _bodies(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """The blocks of a construct, written with `do … end` or with `do:`."""
        for body, clauses in self.bodies(node):
            if clauses:
                yield from self._clauses(Opaque((), self.nodes.pos(node)), clauses, tail)
            else:
                yield Block(self.statements(body, tail))

    def bodies(self, node: Node) -> Iterator[tuple[list[Node], list[Node]]]:
        """(statements, clauses) of each block."""
        for part in named(child_of(node, "arguments")):
            for pair in named(part) if part.type == "keywords" else []:
                if self.keyword(pair.child_by_field_name("key")).value in KEYWORDS:
                    value = pair.child_by_field_name("value")
                    yield ([value] if value is not None else []), []
        block = child_of(node, "do_block")
        if block is None:
            return
        inner = [part for part in named(block) if part.type in BLOCKS]
        yield self._split([part for part in named(block) if part not in inner])
        for part in inner:
            yield self._split(named(part))

    def _split(self, parts: list[Node]) -> tuple[list[Node], list[Node]]:
        clauses = [part for part in parts if part.type == "stab_clause"]
        return [part for part in parts if part not in clauses], clauses

    def _case(self, node: Node, arguments: list[Node], tail: bool) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        value = self.expr(arguments[0]) if arguments else Opaque((), pos)
        subject = self.kept(value, pos)
        yield Bind((subject,), None, (value,), True, pos)
        for _, clauses in self.bodies(node):
            yield from self._clauses(subject, clauses, tail)

    def _clauses(self, subject: Expr, clauses: list[Node], tail: bool) -> Iterator[Stmt]:
        for clause in clauses:
            taken: list[Stmt] = []
            left = clause.child_by_field_name("left")
            for part in _patterns(left):
                taken.extend(self.pattern(subject, part))
            taken.extend(self.guards(left))
            yield Block((*taken, *self.statements(_body(clause), tail)))

    def guards(self, left: Node | None) -> Iterator[Stmt]:
        """What stands behind `when`."""
        if left is not None and left.type == "binary_operator" and self.operator(left) == "when":
            yield Do(self.expr(left.child_by_field_name("right")))

    def _with(self, arguments: list[Node]) -> Iterator[Stmt]:
        for argument in arguments:
            if argument.type == "binary_operator" and self.operator(argument) == "<-":
                left, right = argument.child_by_field_name("left"), argument.child_by_field_name("right")
                pos = self.nodes.pos(argument)
                value = self.expr(right)
                subject = self.kept(value, pos)
                yield Bind((subject,), None, (value,), True, pos)
                if left is not None:
                    yield from self.pattern(subject, left)
            else:
                yield from self.statement(argument, False)

    # -- loops

    def _loop(self, node: Node, arguments: list[Node]) -> Stmt:
        """`for` without use of its value: loops within each other."""
        inner: tuple[Stmt, ...] = tuple(self._opening(arguments))
        body = (*inner, *(stmt for part, _ in self.bodies(node) for stmt in self.statements(part)))
        return Block(body)

    def _opening(self, arguments: list[Node]) -> Iterator[Stmt]:
        """Generators bind an element of what they go through; filters are conditions."""
        for argument in arguments:
            if argument.type == "binary_operator" and self.operator(argument) == "<-":
                left, right = argument.child_by_field_name("left"), argument.child_by_field_name("right")
                pos = self.nodes.pos(argument)
                item = self.kept(Opaque((), pos), pos)
                yield Bind(
                    (item,), None, (Call(Name("(item)", pos), (self.expr(right),), (), pos),), True, pos
                )
                if left is not None:
                    yield from self.pattern(item, left)
            else:
                yield from self.statement(argument, False)

    def _comprehension(self, node: Node, pos: Pos) -> Expr:
        """The list that `for` makes."""
        arguments = [part for part in named(child_of(node, "arguments")) if part.type != "keywords"]
        opening = tuple(self._opening(arguments))
        body = [stmt for part, _ in self.bodies(node) for stmt in self.statements(part, tail=True)]
        made = Call(Lambda((), (*opening, *body), pos), (), (), pos)
        return Sequence((made,), pos)

    def clauses(self, nodes: list[Node], pos: Pos) -> Lambda:
        """`fn a, b -> … end`: parameters by place, a Block a clause."""
        count = max((len(_patterns(node.child_by_field_name("left"))) for node in nodes), default=0)
        names = [f"({pos[0]}:{pos[1]}:{index})" for index in range(count)]
        outer, self.known = self.known, self.known | set(names)
        before, self.hoisted = self.hoisted, []
        blocks = []
        for node in nodes:
            left = node.child_by_field_name("left")
            taken: list[Stmt] = []
            for name, part in zip(names, _patterns(left), strict=False):
                taken.extend(self.pattern(Name(name, pos), part))
            taken.extend(self.guards(left))
            blocks.append(Block((*taken, *self.statements(_body(node), tail=True))))
        self.known, self.hoisted = outer, before
        return Lambda(tuple([Parameter(name, None, pos) for name in names]), tuple(blocks), pos)


def _patterns(left: Node | None) -> list[Node]:
    """The patterns of a clause, without its guard."""
    if left is not None and left.type == "binary_operator":
        left = left.child_by_field_name("left")
    return named(left)


def _body(clause: Node) -> list[Node]:
    return named(clause.child_by_field_name("right"))
