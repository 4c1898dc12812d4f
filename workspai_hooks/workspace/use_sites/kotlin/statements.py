"""Kotlin's statements and branches -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.kotlin.expressions import Expressions
from workspai_hooks.workspace.use_sites.kotlin.types import TYPES, identifier, lower_type, written_type
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.syntax import Bind, Block, Do, Expr, Loop, Name, Opaque, Return, Stmt

LEAVING = frozenset({"return_expression", "throw_expression", "continue", "break"})


class Statements(Expressions):
    """Lowers statements."""

    forms: ClassVar[Mapping[str, Callable[[Any, Node], Iterator[Stmt]]]] = {}
    """How each kind of statement is lowered; the rest are expressions."""

    def body(self, nodes: Sequence[Node]) -> tuple[Stmt, ...]:
        """Statements or declarations in order."""
        found: list[Stmt] = []
        for node in nodes:
            found.extend(self.statement(node))
        return tuple(found)

    def statement(self, node: Node) -> list[Stmt]:
        """One statement or declaration; before it, what its expressions need."""
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        form = self.forms.get(node.type)
        found: list[Stmt] = [Do(self.expr(node))] if form is None else list(form(self, node))
        found[:0] = self.hoisted
        if node.type == "if_expression":
            found.extend(self._after(node))
        self.depth -= 1
        self.hoisted = outer
        return found

    def _assign(self, node: Node) -> Iterator[Stmt]:
        yield self.assign(node)

    def _return(self, node: Node) -> Iterator[Stmt]:
        """A bare `return` in a lambda returns from the function around it."""
        label = node.child_by_field_name("label")
        values = self.exprs([part for part in named(node) if part != label])
        pos = self.nodes.pos(node)
        if self.lambdas and label is None:
            yield Do(Opaque(values, pos))
        else:
            yield Return(values, pos)

    def _property(self, node: Node) -> Iterator[Stmt]:
        """`val x: T = y`, `val (a, b) = y`, `val x by lazy { y }`."""
        several = child_of(node, "multi_variable_declaration")
        declared = (
            named(several)
            if several is not None
            else [part for part in named(node) if part.type == "variable_declaration"]
        )
        values = () if (value := self.initial(node)) is None else (value,)
        targets = tuple([self._declared(each) for each in declared])
        kind = written_type(self.nodes, declared[0]) if several is None and declared else None
        if targets:
            yield Bind(targets, kind, values, True, self.nodes.pos(node))

    def initial(self, node: Node) -> Expr | None:
        """What a property is set to first, or what it is delegated to."""
        delegate = child_of(node, "property_delegate")
        if delegate is not None:
            return self.inner(delegate)
        follows = False
        for part in node.children:
            if follows and part.is_named and "comment" not in part.type:
                return self.expr(part)
            follows = follows or part.type == "="
        return None

    def _loop(self, node: Node) -> Iterator[Stmt]:
        parts = [part for part in named(node) if part.type != "label"]
        if len(parts) < 2:
            return
        declared, iterable, *rest = parts
        targets = named(declared) if declared.type == "multi_variable_declaration" else [declared]
        names = tuple([self._declared(each) for each in targets])
        kind = written_type(self.nodes, declared) if len(names) == 1 else None
        pos = self.nodes.pos(node)
        typed = () if kind is None else (Bind(names, kind, (), True, pos),)
        inside = tuple([each for part in rest for each in self._one(part)])
        yield Loop(names, self.expr(iterable), (*typed, *inside), False, pos)

    def _while(self, node: Node) -> Iterator[Stmt]:
        condition = node.child_by_field_name("condition")
        yield Do(self.expr(condition))
        for part in named(node):
            if part != condition and part.type != "label":
                yield Block(self._one(part))

    def _one(self, node: Node | None) -> tuple[Stmt, ...]:
        """The body of a branch or a loop: a block or a single statement."""
        if node is None:
            return ()
        return (
            self.body(named(node)) if node.type in ("block", "control_structure_body") else self.body([node])
        )

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        yield from ()

    # -- branches

    def branching(self, node: Node) -> Expr:
        """Each branch is a scope; what it gives is kept in a variable of our own."""
        pos = self.nodes.pos(node)
        given = Name(f"(given {pos[0]}:{pos[1]})", pos)
        self.hoisted.append(Bind((given,), None, (), True, pos))
        if node.type == "if_expression":
            self._if(node, given)
        elif node.type == "when_expression":
            self._when(node, given)
        else:
            self._try(node, given)
        return given

    def _if(self, node: Node, given: Name) -> None:
        """A chain of `else if` is walked, not recursed into."""
        part: Node | None = node
        while part is not None and part.type == "if_expression":
            condition = part.child_by_field_name("condition")
            self.hoisted.append(Do(self.expr(condition)))
            then, otherwise = _branches(part)
            self._branch(then, given, list(self._casts(condition)))
            part = otherwise
        self._branch(part, given, [])

    def _branch(self, node: Node | None, given: Name, opening: list[Stmt]) -> None:
        if node is None:
            return
        outer, self.hoisted = self.hoisted, []
        statements = [*opening, *self._one(node)]
        self.hoisted = outer
        if statements and isinstance(statements[-1], Do):
            statements[-1] = Bind((given,), None, (statements[-1].value,), False, given.pos)
        self.hoisted.append(Block(tuple(statements)))

    def _casts(self, node: Node | None, negated: bool = False) -> Iterator[Stmt]:
        """`x is T && …`: x is a T behind it; with `!is` where the branch is left."""
        while node is not None and node.type == "binary_expression" and not negated:
            if self.nodes.text(node.child_by_field_name("operator")) != "&&":
                return
            yield from self._casts(node.child_by_field_name("right"))
            node = node.child_by_field_name("left")
        if node is None or node.type != "is_expression":
            return
        subject = node.child_by_field_name("left")
        if subject is None or subject.type != "identifier":
            return
        if any(part.type == "!is" for part in node.children) == negated:
            yield from self._cast(subject, node.child_by_field_name("right"))

    def _cast(self, subject: Node, kind: Node | None) -> Iterator[Stmt]:
        name = Name(identifier(self.nodes, subject), self.nodes.pos(subject))
        written = lower_type(self.nodes, kind)
        if written is not None:
            yield Bind((name,), written, (), True, name.pos)

    def _after(self, node: Node) -> Iterator[Stmt]:
        """`if (x !is T) return`: from here on x is a T."""
        then, otherwise = _branches(node)
        inside = (
            named(then) if then is not None and then.type == "block" else [then] if then is not None else []
        )
        if otherwise is None and inside and inside[-1].type in LEAVING:
            yield from self._casts(node.child_by_field_name("condition"), negated=True)

    def _when(self, node: Node, given: Name) -> None:
        subject = child_of(node, "when_subject")
        inner = named(subject)
        tested: Node | None = inner[-1] if inner else None
        if tested is not None:
            value = self.expr(tested)
            declared = inner[0] if len(inner) > 1 else None
            if declared is not None and declared.type == "variable_declaration":
                self.hoisted.append(Bind((self._declared(declared),), None, (value,), True, given.pos))
                tested = child_of(declared, "identifier")
            else:
                self.hoisted.append(Do(value))
        for entry in named(node):
            if entry.type == "when_entry":
                self._entry(entry, tested, given)

    def _entry(self, node: Node, tested: Node | None, given: Name) -> None:
        conditions = node.children_by_field_name("condition")
        opening: list[Stmt] = []
        for condition in conditions:
            if condition.type == "type_test":
                kind = next((part for part in named(condition) if part.type in TYPES), None)
                written = lower_type(self.nodes, kind)
                opening.append(Do(written or Opaque((), given.pos)))
                if tested is not None and tested.type == "identifier" and len(conditions) == 1:
                    opening.extend(self._cast(tested, kind))
            else:
                self.hoisted.append(Do(self.expr(condition)))
                opening.extend(self._casts(condition))
        rest = [part for part in named(node) if part not in conditions]
        self._branch(rest[-1] if rest else None, given, opening)

    def _try(self, node: Node, given: Name) -> None:
        for part in named(node):
            if part.type == "catch_block":
                name = child_of(part, "identifier")
                kind = written_type(self.nodes, part)
                opening: list[Stmt] = []
                if name is not None:
                    opening.append(Bind((self._name(name),), kind, (), True, self.nodes.pos(name)))
                self._branch(child_of(part, "block"), given, opening)
            else:
                self._branch(part if part.type == "block" else child_of(part, "block"), given, [])


def _branches(node: Node) -> tuple[Node | None, Node | None]:
    """What an `if` does, and what it does otherwise."""
    condition = node.child_by_field_name("condition")
    found: list[Node | None] = [None, None]
    at = 0
    for part in node.children:
        if part.type == "else":
            at = 1
        elif part.is_named and part != condition and "comment" not in part.type:
            found[at] = part
    return found[0], found[1]


Statements.forms = {
    "assignment": Statements._assign,
    "break": Statements._nothing,
    "continue": Statements._nothing,
    "do_while_statement": Statements._while,
    "for_statement": Statements._loop,
    "label": Statements._nothing,
    "property_declaration": Statements._property,
    "return_expression": Statements._return,
    "while_statement": Statements._while,
}
