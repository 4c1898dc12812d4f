"""Java's expressions -> the neutral syntax tree.

What Java has and the tree has not: a pattern, an anonymous class and a `switch` come before their statement
(in `hoisted`); `(T) x` is a call of the type, `X::y` a member, `X.class` the type, `Outer.this` the name
`this@Outer`; `stream.collect(Collectors.f(…))` is `stream.` + `collect.f` + `(…)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.java.types import lower_type, type_arguments
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
    New,
    Opaque,
    Parameter,
    Pos,
    Return,
    Stmt,
    Text,
)

COLLECTORS = frozenset(
    {
        *("toMap", "groupingBy", "mapping", "partitioningBy", "toList", "toSet", "toCollection", "joining"),
        *("toUnmodifiableList", "toUnmodifiableSet", "counting", "summingInt", "summingLong", "filtering"),
        *("summingDouble", "averagingInt", "averagingLong", "averagingDouble", "flatMapping", "reducing"),
        *(
            "collectingAndThen",
            "groupingByConcurrent",
            "toConcurrentMap",
            "toImmutableList",
            "maxBy",
            "minBy",
        ),
        *("toImmutableSet", "toImmutableMap", "teeing"),
    }
)
COMPARING = frozenset({"comparing", "comparingInt", "comparingLong", "comparingDouble"})
SORTING = frozenset({"sorted", "sort", "min", "max"})


class Expressions:
    """Lowers the expressions of one file. What has to come before their statement is left in `hoisted`."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
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

    def type(self, node: Node | None) -> Expr | None:
        """A written type; None for `var`."""
        return lower_type(self.nodes, node)

    def opaque(self, node: Node) -> Expr:
        """Its parts."""
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    def inner(self, node: Node) -> Expr:
        """Its only part."""
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a block; those who lower statements know how."""
        raise NotImplementedError

    def anonymous(self, node: Node, body: Node, kind: Expr | None) -> Expr:
        """A class without a name, declared in `hoisted`; gives its name."""
        raise NotImplementedError

    def switch(self, node: Node) -> Expr:
        """A `switch`, in `hoisted`; gives the name that holds its value."""
        raise NotImplementedError

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a method or a lambda."""
        if node is not None and node.type == "identifier":
            return (Parameter(self.nodes.text(node), None, self.nodes.pos(node)),)
        found = []
        for part in named(node):
            if part.type == "identifier":
                found.append(Parameter(self.nodes.text(part), None, self.nodes.pos(part)))
            elif part.type == "formal_parameter":
                name = part.child_by_field_name("name") or part
                kind = self.arrayed(self.type(part.child_by_field_name("type")), part)
                found.append(Parameter(self.nodes.text(name), kind, self.nodes.pos(name)))
            elif part.type == "spread_parameter":
                declarator = child_of(part, "variable_declarator")
                name = (declarator.child_by_field_name("name") if declarator else None) or part
                kinds = [self.type(each) for each in named(part) if each.type not in _NO_TYPES]
                kind = kinds[0] if kinds else None
                found.append(Parameter(self.nodes.text(name), kind, self.nodes.pos(name), variadic=True))
        return tuple(found)

    def arrayed(self, kind: Expr | None, declarator: Node) -> Expr | None:
        """`T x[]`: the brackets stand behind the name."""
        if kind is None or declarator.child_by_field_name("dimensions") is None:
            return kind
        return Generic(Name("list", self.nodes.pos(declarator)), (kind,), self.nodes.pos(declarator))

    def bind(self, name: Node | None, kind: Expr | None, value: Expr | None) -> None:
        """A pattern's variable."""
        if name is not None:
            pos = self.nodes.pos(name)
            values = () if value is None else (value,)
            self.hoisted.append(Bind((Name(self.nodes.text(name), pos),), kind, values, True, pos))

    # -- names and calls

    def _name(self, node: Node) -> Expr:
        return Name(self.nodes.text(node), self.nodes.pos(node))

    def _type_as_expr(self, node: Node) -> Expr:
        return self.type(node) or Opaque((), self.nodes.pos(node))

    def _field(self, node: Node) -> Expr:
        owner = node.child_by_field_name("object")
        name = node.child_by_field_name("field") or node
        if name.type == "this" and owner is not None:
            return Name(f"this@{self.nodes.text(owner).rpartition('.')[2]}", self.nodes.pos(owner))
        return Member(self.expr(owner), self.nodes.text(name), self.nodes.pos(name))

    def _class_literal(self, node: Node) -> Expr:
        return self.type(named(node)[0] if named(node) else None) or Opaque((), self.nodes.pos(node))

    def _call(self, node: Node) -> Expr:
        name = node.child_by_field_name("name") or node
        owner = node.child_by_field_name("object")
        pos = self.nodes.pos(name)
        word = self.nodes.text(name)
        fn: Expr = Name(word, pos)
        if child_of(node, "super") is not None:
            fn = Member(Name("super", pos), word, pos)
        elif owner is not None:
            fn = Member(self.expr(owner), word, pos)
        arguments = named(node.child_by_field_name("arguments"))
        if isinstance(fn, Member) and len(arguments) == 1:
            collected = self._collected(fn, arguments[0])
            if collected is not None:
                return collected
        generics = type_arguments(self.nodes, node.child_by_field_name("type_arguments"))
        if generics:
            fn = Generic(fn, generics, pos)
        if word in SORTING:
            return Call(fn, tuple([self._compared(each) for each in arguments]), (), pos)
        return Call(fn, self.exprs(arguments), (), pos)

    def _collected(self, fn: Member, argument: Node) -> Expr | None:
        """`stream.collect(Collectors.toMap(a, b))`: what is in it sees the stream's elements."""
        if fn.name != "collect" or argument.type != "method_invocation":
            return None
        return self._collector(fn.obj, argument, fn.pos)

    def _collector(self, stream: Expr, node: Node, pos: Pos) -> Expr | None:
        word = self.nodes.text(node.child_by_field_name("name"))
        if word not in COLLECTORS or self.depth > DEEPEST:
            return None
        self.depth += 1
        args: list[Expr] = []
        for part in named(node.child_by_field_name("arguments")):
            nested = self._collector(stream, part, pos) if part.type == "method_invocation" else None
            args.append(self.expr(part) if nested is None else nested)
        self.depth -= 1
        return Call(Member(stream, f"collect.{word}", pos), tuple(args), (), pos)

    def _compared(self, node: Node) -> Expr:
        """`Comparator.comparing(f).thenComparing(g)`: functions of an element, like the comparator itself."""
        found: list[Node] = []
        part: Node | None = node
        while part is not None and part.type == "method_invocation":
            word = self.nodes.text(part.child_by_field_name("name"))
            arguments = named(part.child_by_field_name("arguments"))
            if word in COMPARING or word.startswith("thenComparing"):
                found[:0] = arguments[:1]
            if word in COMPARING:
                return Either(self.exprs(found), (), self.nodes.pos(node))
            part = part.child_by_field_name("object")
        return self.expr(node)

    def _reference(self, node: Node) -> Expr:
        """`Item::getId`, `this::convert`, `Row::new`."""
        parts = named(node)
        if not parts:
            return Opaque((), self.nodes.pos(node))
        owner = self.expr(parts[0])
        if len(parts) < 2 or parts[-1].type != "identifier":
            pos = self.nodes.pos(node)
            made = New(owner, (), (), (), pos)
            return Lambda((), (Return((made,), pos),), pos)
        last = parts[-1]
        return Member(owner, self.nodes.text(last), self.nodes.pos(last))

    def _new(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        written = node.child_by_field_name("type")
        kind = self.type(written)
        arguments = self.exprs(named(node.child_by_field_name("arguments")))
        body = child_of(node, "class_body")
        if body is not None:
            kind = self.anonymous(node, body, kind)
            return New(kind, arguments, (), (), pos)
        diamond = written is not None and written.type == "generic_type" and not isinstance(kind, Generic)
        if diamond and len(arguments) == 1:
            return Either((New(kind, (), (), (), pos), *arguments), (), pos)
        return New(kind, arguments, (), (), pos)

    def _array(self, node: Node) -> Expr:
        value = node.child_by_field_name("value")
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        items = self.exprs(named(value)) if value is not None else ()
        sizes = [each for part in named(node) if part.type == "dimensions_expr" for each in named(part)]
        listed = Generic(Name("list", pos), () if kind is None else (kind,), pos)
        return New(listed, self.exprs(sizes) if not items else (), (), items, pos)

    def _items(self, node: Node) -> Expr:
        return syntax.Sequence(self.exprs(named(node)), self.nodes.pos(node))

    # -- operators, literals, functions

    def assignment(self, node: Node) -> Expr:
        """Binds (in `hoisted`) and is what it bound."""
        target = self.expr(node.child_by_field_name("left"))
        value = self.expr(node.child_by_field_name("right"))
        self.hoisted.append(Bind((target,), None, (value,), False, self.nodes.pos(node)))
        return target

    def _binary(self, node: Node) -> Expr:
        """A chain of operators leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        return Opaque(parts, self.nodes.pos(node))

    def _ternary(self, node: Node) -> Expr:
        condition = self.expr(node.child_by_field_name("condition"))
        choices = [self.expr(node.child_by_field_name(name)) for name in ("consequence", "alternative")]
        return Either(tuple(choices), (condition,), self.nodes.pos(node))

    def _cast(self, node: Node) -> Expr:
        kind = self.type(node.child_by_field_name("type"))
        value = self.expr(node.child_by_field_name("value"))
        return value if kind is None else Call(kind, (value,), (), self.nodes.pos(node))

    def _instanceof(self, node: Node) -> Expr:
        value = self.expr(node.child_by_field_name("left"))
        pos = self.nodes.pos(node)
        pattern = node.child_by_field_name("pattern")
        if pattern is not None:
            self.pattern(pattern, value)
            return Opaque((value,), pos)
        kind = self.type(node.child_by_field_name("right"))
        self.bind(node.child_by_field_name("name"), kind, value)
        return Opaque((value,) if kind is None else (value, kind), pos)

    def pattern(self, node: Node, value: Expr) -> None:
        """What a type pattern or a record pattern binds."""
        parts = [part for part in named(node) if part.type not in ("modifiers", "underscore_pattern")]
        if node.type in ("type_pattern", "record_pattern_component") and len(parts) >= 2:
            self.bind(parts[-1], self.type(parts[0]), None)
            return
        for part in parts:
            if part.type.endswith(("pattern", "pattern_body", "pattern_component")) and self.depth <= DEEPEST:
                self.depth += 1
                self.pattern(part, value)
                self.depth -= 1

    def _index(self, node: Node) -> Expr:
        owner = self.expr(node.child_by_field_name("array"))
        return Index(owner, self.expr(node.child_by_field_name("index")), self.nodes.pos(node))

    def _string(self, node: Node) -> Expr:
        text = self.nodes.text(node)
        inner = text.strip('"') if text.startswith('"""') else text[1:-1]
        return Text(inner, self.nodes.pos(node))

    def _lambda(self, node: Node) -> Expr:
        outer, self.hoisted = self.hoisted, []
        parameters = self.parameters(node.child_by_field_name("parameters"))
        body = node.child_by_field_name("body")
        pos = self.nodes.pos(node)
        if body is not None and body.type == "block":
            statements = self.block(body)
        else:
            result = Return((self.expr(body),), pos)
            statements = (*self.hoisted, result)
        self.hoisted = outer
        return Lambda(parameters, statements, pos)


_NO_TYPES = frozenset({"modifiers", "variable_declarator", "marker_annotation", "annotation"})
_FORMS = {
    "identifier": Expressions._name,
    "type_identifier": Expressions._name,
    "this": Expressions._name,
    "super": Expressions._name,
    "generic_type": Expressions._type_as_expr,
    "scoped_type_identifier": Expressions._type_as_expr,
    "array_type": Expressions._type_as_expr,
    "field_access": Expressions._field,
    "scoped_identifier": Expressions._type_as_expr,
    "class_literal": Expressions._class_literal,
    "method_invocation": Expressions._call,
    "method_reference": Expressions._reference,
    "object_creation_expression": Expressions._new,
    "array_creation_expression": Expressions._array,
    "array_initializer": Expressions._items,
    "assignment_expression": Expressions.assignment,
    "binary_expression": Expressions._binary,
    "ternary_expression": Expressions._ternary,
    "cast_expression": Expressions._cast,
    "instanceof_expression": Expressions._instanceof,
    "array_access": Expressions._index,
    "string_literal": Expressions._string,
    "lambda_expression": Expressions._lambda,
    "switch_expression": lambda self, node: self.switch(node),
    "parenthesized_expression": Expressions.inner,
    "update_expression": Expressions.inner,
}
