"""C++'s expressions -> the neutral syntax tree.

What C++ has and the tree has not: `*p`, `&x`, `p->m` and `x.m` do not tell a pointer from what it leads to; a
cast is a call of its type; `this` is a name; an assignment inside an expression binds before its statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.cpp.types import Types
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
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
    Stmt,
    Text,
)

MOCKED = frozenset({"EXPECT_CALL", "ON_CALL"})
"""gmock's macros: `EXPECT_CALL(stub, Get(_, _, _))` names a member of the first argument."""


class Expressions(Types):
    """Lowers the expressions of one file. What they bind is left in `hoisted`."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.hoisted: list[Stmt] = []
        self.depth = 0

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
        return tuple([self.expr(node) for node in nodes])

    def opaque(self, node: Node) -> Expr:
        """Its parts."""
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    def inner(self, node: Node) -> Expr:
        """Its only part: parentheses, `*x`, `&x`, `co_await x`."""
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a lambda's body; those who lower statements know how."""
        raise NotImplementedError

    def _name(self, node: Node) -> Expr:
        return Name(self.nodes.text(node), self.nodes.pos(node))

    def _path(self, node: Node) -> Expr:
        return self.path(node) or Opaque((), self.nodes.pos(node))

    def _typed(self, node: Node) -> Expr:
        return self.type(node) or Opaque((), self.nodes.pos(node))

    def _member(self, node: Node) -> Expr:
        obj = self.expr(node.child_by_field_name("argument"))
        name = node.child_by_field_name("field")
        if name is None:
            return obj
        if name.type == "qualified_identifier":  # `x.Base::m()`
            name = name.child_by_field_name("name") or name
        return self.path(name, obj) or obj

    def _index(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        keys = self.exprs(named(node.child_by_field_name("indices")))
        obj = self.expr(node.child_by_field_name("argument"))
        return Index(obj, keys[0] if len(keys) == 1 else Opaque(keys, pos), pos)

    def _call(self, node: Node) -> Expr:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        pos = self.nodes.pos(node)
        if self.nodes.text(function) in MOCKED and len(named(arguments)) == 2:
            return self._mocked(*named(arguments))
        if function is not None and function.type == "primitive_type":
            return Opaque(self.exprs(named(arguments)), pos)
        return Call(self.expr(function), self.exprs(named(arguments)), (), pos)

    def _mocked(self, target: Node, call: Node) -> Expr:
        obj, made = self.expr(target), self.expr(call)
        if isinstance(made, Call) and isinstance(made.fn, Name):
            return Call(Member(obj, made.fn.id, made.fn.pos), made.args, (), made.pos)
        return Opaque((obj, made), self.nodes.pos(target))

    def _new(self, node: Node) -> Expr:
        """`new T(x)`, `T{x}`."""
        kind = self.type(node.child_by_field_name("type"))
        listed = node.child_by_field_name("arguments") or node.child_by_field_name("value")
        return self.made(kind, listed, node)

    def made(self, kind: Expr | None, listed: Node | None, node: Node) -> Expr:
        """An object of a type, from what stands in brackets."""
        pos = self.nodes.pos(node)
        if kind is None:
            return self.expr(listed) if listed is not None else Opaque((), pos)
        if listed is not None and listed.type == "initializer_list":
            return self._initialized(kind, listed)
        args = self.exprs(named(listed))
        return Call(kind, args, (), pos)

    def _initialized(self, kind: Expr | None, node: Node) -> Expr:
        """`{.a = 1}` names members, `{{k, v}}` holds pairs, `{a, b}` holds items."""
        pos = self.nodes.pos(node)
        members = []
        items = []
        for part in named(node):
            name = child_of(part, "field_designator") if part.type == "initializer_pair" else None
            if name is not None:
                word = next(iter(named(name)), name)
                value = self.expr(part.child_by_field_name("value"))
                members.append(Named(self.nodes.text(word), value, self.nodes.pos(word)))
            else:
                items.append(self.expr(part))
        if members:
            return New(kind, (), tuple(members), tuple(items), pos)
        if kind is None:
            return syntax.Sequence(tuple(items), pos)
        if isinstance(kind, Generic):
            return New(kind, (), (), tuple(items), pos)
        return Call(kind, tuple(items), (), pos)

    def _braces(self, node: Node) -> Expr:
        return self._initialized(None, node)

    def _cast(self, node: Node) -> Expr:
        kind = self.type(node.child_by_field_name("type"))
        value = self.expr(node.child_by_field_name("value"))
        return value if kind is None else Call(kind, (value,), (), self.nodes.pos(node))

    def _ternary(self, node: Node) -> Expr:
        choices = (
            self.expr(node.child_by_field_name("consequence")),
            self.expr(node.child_by_field_name("alternative")),
        )
        return Either(choices, (self.expr(node.child_by_field_name("condition")),), self.nodes.pos(node))

    def _binary(self, node: Node) -> Expr:
        """A chain of operators (`<<` above all) leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(part for part in [left.child_by_field_name("right")] if part is not None)
            left = left.child_by_field_name("left")
        return Opaque(self.exprs([*([left] if left else []), *reversed(operands)]), self.nodes.pos(node))

    def assignment(self, node: Node) -> Expr:
        """Binds (in `hoisted`) and is what it bound."""
        target = self.expr(node.child_by_field_name("left"))
        value = self.expr(node.child_by_field_name("right"))
        self.hoisted.append(Bind((target,), None, (value,), False, self.nodes.pos(node)))
        return target

    def _string(self, node: Node) -> Expr:
        text = "".join(self.nodes.text(part) for part in named(node) if part.type.endswith("string_content"))
        return Text(text, self.nodes.pos(node))

    def _lambda(self, node: Node) -> Expr:
        outer, self.hoisted = self.hoisted, []
        declarator = node.child_by_field_name("declarator")
        parameters = self.parameters(declarator.child_by_field_name("parameters")) if declarator else ()
        returns = None if declarator is None else self.returned(None, declarator)
        captured = tuple(self._captures(node.child_by_field_name("captures")))
        body = self.block(node.child_by_field_name("body"))
        self.hoisted = outer
        return Lambda(
            parameters, (*captured, *body), self.nodes.pos(node), () if returns is None else (returns,)
        )

    def _captures(self, node: Node | None) -> list[Stmt]:
        """`[x = std::move(y)]`."""
        found: list[Stmt] = []
        for part in named(node):
            if part.type == "lambda_capture_initializer" and len(named(part)) >= 2:
                name, value = named(part)[0], named(part)[-1]
                pos = self.nodes.pos(name)
                found.append(Bind((Name(self.nodes.text(name), pos),), None, (self.expr(value),), True, pos))
        return found

    def _operator_of_type(self, node: Node) -> Expr:
        """`sizeof(T)`, `alignof(T)`."""
        kind = self.type(node.child_by_field_name("type"))
        return Opaque((kind,), self.nodes.pos(node)) if kind is not None else self.opaque(node)


_FORMS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "identifier": Expressions._name,
    "field_identifier": Expressions._name,
    "this": Expressions._name,
    "type_identifier": Expressions._name,
    "namespace_identifier": Expressions._name,
    "qualified_identifier": Expressions._path,
    "template_function": Expressions._path,
    "template_type": Expressions._typed,
    "type_descriptor": Expressions._typed,
    "field_expression": Expressions._member,
    "subscript_expression": Expressions._index,
    "call_expression": Expressions._call,
    "new_expression": Expressions._new,
    "compound_literal_expression": Expressions._new,
    "initializer_list": Expressions._braces,
    "cast_expression": Expressions._cast,
    "conditional_expression": Expressions._ternary,
    "binary_expression": Expressions._binary,
    "assignment_expression": Expressions.assignment,
    "string_literal": Expressions._string,
    "raw_string_literal": Expressions._string,
    "lambda_expression": Expressions._lambda,
    "sizeof_expression": Expressions._operator_of_type,
    "parenthesized_expression": Expressions.inner,
    "pointer_expression": Expressions.inner,
    "co_await_expression": Expressions.inner,
    "parameter_pack_expansion": Expressions.inner,
    "condition_clause": Expressions.inner,
    "update_expression": Expressions.inner,
}
