"""Rust's expressions -> the neutral syntax tree; patterns and macros have files of their own.

What Rust has and the tree has not: `?`, `.await`, `&x`, `*x` and `as` are dropped; a block, a branch or an
arm that is a value is a function literal that is called right there, so that its names stay inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.rust.patterns import Patterns
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Do,
    Either,
    Expr,
    Generic,
    Index,
    Lambda,
    Member,
    Name,
    Named,
    New,
    Opaque,
    Parameter,
    Pos,
    Return,
    Stmt,
    Text,
)

BRANCHES = frozenset({"if_expression", "match_expression", "block", "loop_expression"})


class Expressions(Patterns):
    """Lowers the expressions of one file."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.inside_value = 0
        """Blocks that are values around this place: a `return` in them is not theirs."""

    def expr(self, node: Node | None) -> Expr:
        """Any expression; what has no form of its own is Opaque around its parts."""
        if node is None:
            return Opaque((), (1, 1))
        if self.depth > DEEPEST:
            return Opaque((), self.nodes.pos(node))
        self.depth += 1
        try:
            lower = _FORMS.get(node.type)
            return lower(self, node) if lower else self.opaque(node)
        finally:
            self.depth -= 1

    def exprs(self, nodes: Sequence[Node]) -> tuple[Expr, ...]:
        """Several expressions."""
        return tuple([self.expr(node) for node in nodes if not node.type.startswith("attribute")])

    def opaque(self, node: Node) -> Expr:
        """Its parts."""
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    def inner(self, node: Node) -> Expr:
        """Its only part."""
        parts = [part for part in named(node) if part.type not in ("mutable_specifier", "label")]
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def block(self, node: Node | None, value: bool = False) -> tuple[Stmt, ...]:
        """The statements of a block; its last expression is what it returns where that is of interest."""
        raise NotImplementedError

    def macro(self, node: Node) -> Expr:
        """What a macro's tokens say, as far as they are Rust."""
        raise NotImplementedError

    def condition(self, node: Node | None) -> Iterator[Stmt]:
        """A condition: `let` chains bind what they match."""
        if node is None:
            return
        if node.type in ("let_chain", "let_condition", "parenthesized_expression"):
            parts = [node] if node.type == "let_condition" else named(node)
            for part in parts:
                if part.type == "let_condition":
                    yield from self.matched(
                        part.child_by_field_name("pattern"), part.child_by_field_name("value")
                    )
                else:
                    yield from self.condition(part)
        elif (
            node.type == "binary_expression" and self.nodes.text(node.child_by_field_name("operator")) == "&&"
        ):
            yield from self.condition(node.child_by_field_name("left"))
            yield from self.condition(node.child_by_field_name("right"))
        else:
            yield Do(self.expr(node))

    def matched(self, pattern: Node | None, value: Node | None, kind: Expr | None = None) -> Iterator[Stmt]:
        """A pattern against a value, which is evaluated once."""
        if pattern is None:
            return
        whole = self.expr(value)
        simple = pattern.type == "identifier" or isinstance(whole, Name)
        if not simple:
            pos = self.nodes.pos(pattern)
            held = Name(f"(matched {pos[0]}:{pos[1]})", pos)
            yield Bind((held,), kind, (whole,), True, pos)
            whole = held
        yield from self.bind(pattern, whole, kind)

    def parameters(self, node: Node | None) -> tuple[tuple[Parameter, ...], tuple[Stmt, ...]]:
        """Parameters, and what their patterns bind as the body's first statements."""
        found: list[Parameter] = []
        opening: list[Stmt] = []
        for part in named(node):
            if part.type in ("self_parameter", "attribute_item", "variadic_parameter"):
                continue
            pattern = part.child_by_field_name("pattern") if part.type == "parameter" else part
            if pattern is None:
                continue
            kind = self.type(part.child_by_field_name("type")) if part.type == "parameter" else None
            pos = self.nodes.pos(pattern)
            name = self.word(pattern) if pattern.type == "identifier" else f"(parameter {len(found)})"
            found.append(Parameter(name, kind, pos))
            if pattern.type != "identifier":
                opening.extend(self.bind(pattern, Name(name, pos)))
        return tuple(found), tuple(opening)

    # -- names

    def _name(self, node: Node) -> Expr:
        word, pos = self.word(node), self.nodes.pos(node)
        return self.bounds.get(word) or Name(word, pos)

    def _path(self, node: Node) -> Expr:
        return self.path(node)

    def _typed(self, node: Node) -> Expr:
        return self.type(node) or Opaque((), self.nodes.pos(node))

    def _field(self, node: Node) -> Expr:
        name = node.child_by_field_name("field") or node
        return Member(self.expr(node.child_by_field_name("value")), self.word(name), self.nodes.pos(name))

    def _generic(self, node: Node) -> Expr:
        """`collect::<Vec<_>>`, `channel::<Item>`."""
        base = self.expr(node.child_by_field_name("function"))
        arguments = self.arguments(node.child_by_field_name("type_arguments"))
        word = base.name if isinstance(base, Member) else ""
        if word in ("collect", "sum", "into", "fold", "try_into", "parse"):
            return base
        return Generic(base, arguments, self.nodes.pos(node))

    # -- calls and literals

    def _call(self, node: Node) -> Expr:
        """`T::default()` makes a T whoever wrote it."""
        fn = self.expr(node.child_by_field_name("function"))
        args = self.exprs(named(node.child_by_field_name("arguments")))
        pos = self.nodes.pos(node)
        if isinstance(fn, Member) and fn.name == "default" and not args:
            return (
                Opaque((), pos)
                if isinstance(fn.obj, Name) and fn.obj.id == "Default"
                else Call(fn.obj, (), (), pos)
            )
        return Call(fn, args, (), pos)

    def _struct(self, node: Node) -> Expr:
        fields: list[Named] = []
        others: list[Expr] = []
        for part in named(node.child_by_field_name("body")):
            if part.type == "shorthand_field_initializer":
                name = child_of(part, "identifier") or part
                word, at = self.word(name), self.nodes.pos(name)
                fields.append(Named(word, Name(word, at), at))
            elif part.type == "field_initializer":
                name = part.child_by_field_name("field") or part
                value = self.expr(part.child_by_field_name("value"))
                fields.append(Named(self.word(name), value, self.nodes.pos(name)))
            elif part.type == "base_field_initializer":
                others.append(self.inner(part))
        pos = self.nodes.pos(node)
        made = New(self.type(node.child_by_field_name("name")), (), tuple(fields), (), pos)
        return Either((made,), tuple(others), pos) if others else made

    def _array(self, node: Node) -> Expr:
        return syntax.Sequence(self.exprs(named(node)), self.nodes.pos(node))

    def _tuple(self, node: Node) -> Expr:
        return syntax.Sequence(self.exprs(named(node)), self.nodes.pos(node), is_tuple=True)

    def _string(self, node: Node) -> Expr:
        content = child_of(node, "string_content")
        return Text(self.nodes.text(content), self.nodes.pos(node))

    def _index(self, node: Node) -> Expr:
        parts = named(node)
        pos = self.nodes.pos(node)
        if len(parts) != 2:
            return self.opaque(node)
        obj = self.expr(parts[0])
        if parts[1].type == "range_expression":
            return Index(obj, None, pos, self.exprs(named(parts[1])))
        return Index(obj, self.expr(parts[1]), pos)

    def _binary(self, node: Node) -> Expr:
        """A chain of operators leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(part for part in [left.child_by_field_name("right")] if part is not None)
            left = left.child_by_field_name("left")
        return Opaque(self.exprs([*([left] if left else []), *reversed(operands)]), self.nodes.pos(node))

    def _cast(self, node: Node) -> Expr:
        """`x as i32`: the type of a cast is a number or the value's own."""
        value = self.expr(node.child_by_field_name("value"))
        return Opaque((value,), self.nodes.pos(node))

    # -- functions, and blocks that are values

    def _closure(self, node: Node) -> Expr:
        outer, self.inside_value = self.inside_value, 0
        parameters, opening = self.parameters(node.child_by_field_name("parameters"))
        returns = self.type(node.child_by_field_name("return_type"))
        body = self.body(node.child_by_field_name("body"))
        self.inside_value = outer
        pos = self.nodes.pos(node)
        return Lambda(parameters, (*opening, *body), pos, () if returns is None else (returns,))

    def body(self, node: Node | None) -> tuple[Stmt, ...]:
        """A function's or closure's body: a block or an expression."""
        if node is None:
            return ()
        if node.type == "block":
            return self.block(node, value=True)
        return (Return((self.expr(node),), self.nodes.pos(node)),)

    def _called(self, body: tuple[Stmt, ...], pos: Pos) -> Expr:
        return Call(Lambda((), body, pos), (), (), pos)

    def _value(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a block that is a value, or the return of an expression."""
        self.inside_value += 1
        found = self.body(node)
        self.inside_value -= 1
        return found

    def _block(self, node: Node) -> Expr:
        inner = node if node.type == "block" else child_of(node, "block")
        return self._called(self._value(inner), self.nodes.pos(node))

    def _async(self, node: Node) -> Expr:
        """An async block is a function of its own."""
        outer, self.inside_value = self.inside_value, 0
        found = self._called(self.body(child_of(node, "block")), self.nodes.pos(node))
        self.inside_value = outer
        return found

    def _if(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        choices: list[Expr] = []
        part: Node | None = node
        while part is not None and part.type == "if_expression":
            opening = tuple(self.condition(part.child_by_field_name("condition")))
            body = (*opening, *self._value(part.child_by_field_name("consequence")))
            choices.append(self._called(body, self.nodes.pos(part)))
            other = part.child_by_field_name("alternative")
            part = next(iter(named(other)), None)
        if part is not None:
            choices.append(self._called(self._value(part), self.nodes.pos(part)))
        return Either(tuple(choices), (), pos)

    def _match(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        subject, opening = self.subject(node)
        arms = [
            self._called((*self.arm(arm, subject), *self._value(arm.child_by_field_name("value"))), pos)
            for arm in named(node.child_by_field_name("body"))
            if arm.type == "match_arm"
        ]
        return self._called((*opening, Return((Either(tuple(arms), (), pos),), pos)), pos)

    def subject(self, node: Node) -> tuple[Expr, tuple[Stmt, ...]]:
        """What a `match` looks at, under a name where it is more than one."""
        value = self.expr(node.child_by_field_name("value"))
        pos = self.nodes.pos(node)
        if isinstance(value, Name):
            return value, ()
        held = Name(f"(matched {pos[0]}:{pos[1]})", pos)
        return held, (Bind((held,), None, (value,), True, pos),)

    def arm(self, node: Node, subject: Expr) -> Iterator[Stmt]:
        """What an arm's pattern binds, and its guard."""
        pattern = node.child_by_field_name("pattern")
        condition = None if pattern is None else pattern.child_by_field_name("condition")
        for part in named(pattern):
            if part != condition:
                yield from self.bind(part, subject)
        yield from self.condition(condition)

    def _statement(self, node: Node) -> Expr:
        """`return x`, `break x` in the middle of an expression; loops."""
        return self._called(self.block_of(node), self.nodes.pos(node))

    def block_of(self, node: Node) -> tuple[Stmt, ...]:
        """One statement that stands where an expression is asked for."""
        raise NotImplementedError


_FORMS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "identifier": Expressions._name,
    "self": Expressions._name,
    "crate": Expressions._name,
    "super": Expressions._name,
    "metavariable": Expressions._name,
    "scoped_identifier": Expressions._path,
    "scoped_type_identifier": Expressions._path,
    "type_identifier": Expressions._typed,
    "generic_type": Expressions._typed,
    "generic_type_with_turbofish": Expressions._typed,
    "bracketed_type": Expressions._typed,
    "field_expression": Expressions._field,
    "generic_function": Expressions._generic,
    "call_expression": Expressions._call,
    "struct_expression": Expressions._struct,
    "array_expression": Expressions._array,
    "tuple_expression": Expressions._tuple,
    "string_literal": Expressions._string,
    "raw_string_literal": Expressions._string,
    "index_expression": Expressions._index,
    "binary_expression": Expressions._binary,
    "type_cast_expression": Expressions._cast,
    "closure_expression": Expressions._closure,
    "block": Expressions._block,
    "unsafe_block": Expressions._block,
    "try_block": Expressions._block,
    "async_block": Expressions._async,
    "gen_block": Expressions._async,
    "if_expression": Expressions._if,
    "match_expression": Expressions._match,
    "loop_expression": Expressions._statement,
    "while_expression": Expressions._statement,
    "for_expression": Expressions._statement,
    "assignment_expression": Expressions._statement,
    "compound_assignment_expr": Expressions._statement,
    "return_expression": Expressions._statement,
    "macro_invocation": lambda self, node: self.macro(node),
    "try_expression": Expressions.inner,
    "await_expression": Expressions.inner,
    "reference_expression": Expressions.inner,
    "unary_expression": Expressions.inner,
    "parenthesized_expression": Expressions.inner,
    "let_condition": Expressions._statement,
}
