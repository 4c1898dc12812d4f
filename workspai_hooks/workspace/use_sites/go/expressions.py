"""Lowers Go's expressions and types to the neutral tree."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
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
    Record,
    Signature,
    Stmt,
    Struct,
    Text,
    Variable,
)

TRANSPARENT = frozenset(
    {"parenthesized_expression", "parenthesized_type", "literal_element", "variadic_argument", "type_elem"}
)
Body = Callable[[Node, Node | None], tuple[Stmt, ...]]
"""Lowers a function's body; the second node is its written result."""


class Expressions:
    """Lowering of the expressions and types of one file. `body` lowers what stands in function literals."""

    def __init__(self, nodes: Nodes, body: Body) -> None:
        self.nodes = nodes
        self._body = body
        self._depth = 0

    def expr(self, node: Node) -> Expr:
        """Any expression; a type where one stands in an expression's place."""
        while node.type in TRANSPARENT and node.named_child_count:
            node = named(node)[0] if named(node) else node.named_children[0]
        lower = EXPRESSIONS.get(node.type)
        if lower is None:
            return Opaque((), self.nodes.pos(node))
        if self._depth > DEEPEST:
            return Opaque((), self.nodes.pos(node))
        self._depth += 1
        try:
            return lower(self, node)
        finally:
            self._depth -= 1

    def exprs(self, node: Node | None) -> tuple[Expr, ...]:
        """The expressions of a list, or the one that stands there alone."""
        if node is None:
            return ()
        if node.type in ("expression_list", "argument_list", "type_arguments"):
            return tuple(self.expr(child) for child in named(node))
        return (self.expr(node),)

    def optional(self, node: Node | None) -> Expr | None:
        """The expression, or None for none."""
        return None if node is None else self.expr(node)

    def name(self, node: Node) -> Expr:
        return Name(self.nodes.text(node), self.nodes.pos(node))

    def text(self, node: Node) -> Expr:
        return Text(unquoted(self.nodes.text(node)), self.nodes.pos(node))

    def selector(self, node: Node) -> Expr:
        """`a.b` and, in types, `pkg.T`. A broken `a.` keeps what stands before the dot."""
        obj = node.child_by_field_name("operand") or node.child_by_field_name("package")
        name = node.child_by_field_name("field") or node.child_by_field_name("name")
        if obj is None or name is None:
            return self.opaque(node)
        return Member(self.expr(obj), self.nodes.text(name), self.nodes.pos(name))

    def call(self, node: Node) -> Expr:
        function = node.child_by_field_name("function")
        if function is None:
            return self.opaque(node)
        pos = self.nodes.pos(node)
        fn = self.expr(function)
        types = node.child_by_field_name("type_arguments")
        if types is not None:
            fn = Generic(fn, self.exprs(types), pos)
        return Call(fn, self.exprs(node.child_by_field_name("arguments")), (), pos)

    def conversion(self, node: Node) -> Expr:
        """`T(x)` and `x.(T)`: both give a T."""
        kind, operand = node.child_by_field_name("type"), node.child_by_field_name("operand")
        if kind is None or operand is None:
            return self.opaque(node)
        return Call(self.expr(kind), (self.expr(operand),), (), self.nodes.pos(node))

    def index(self, node: Node) -> Expr:
        obj = node.child_by_field_name("operand")
        if obj is None:
            return self.opaque(node)
        key = node.child_by_field_name("index")
        if node.type == "slice_expression":
            bounds = tuple(self.expr(part) for part in named(node)[1:])
            return Index(self.expr(obj), None, self.nodes.pos(node), bounds)
        return Index(self.expr(obj), self.optional(key), self.nodes.pos(node))

    def index_of(self, obj: Expr, pos: Pos) -> Expr:
        """Some element of `obj`."""
        return Index(obj, Opaque((), pos), pos)

    def unary(self, node: Node) -> Expr:
        """`&x` and `*x` are x; `<-ch` is an element of ch; anything else is an operator."""
        operand = node.child_by_field_name("operand")
        if operand is None:
            return self.opaque(node)
        operator = node.children[0].type
        inner = self.expr(operand)
        if operator in ("&", "*"):
            return inner
        pos = self.nodes.pos(node)
        return self.index_of(inner, pos) if operator == "<-" else Opaque((inner,), pos)

    def binary(self, node: Node) -> Expr:
        """Operands in order; a long chain leans to the left, so it is walked, not recursed into."""
        operands = []
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            right = left.child_by_field_name("right")
            if right is not None:
                operands.append(right)
            left = left.child_by_field_name("left")
        if left is not None:
            operands.append(left)
        return Opaque(tuple(self.expr(part) for part in reversed(operands)), self.nodes.pos(node))

    def opaque(self, node: Node) -> Expr:
        return Opaque(tuple(self.expr(part) for part in named(node)), self.nodes.pos(node))

    def function(self, node: Node) -> Expr:
        result = node.child_by_field_name("result")
        return Lambda(
            self.parameters(node.child_by_field_name("parameters")),
            self._body(node, result),
            self.nodes.pos(node),
            self.results(result),
        )

    def composite(self, node: Node) -> Expr:
        kind, value = node.child_by_field_name("type"), node.child_by_field_name("body")
        if kind is None or value is None:
            return self.opaque(node)
        written = self.expr(kind)
        is_map = kind.type == "map_type"
        return self._literal(value, written, is_map, self.nodes.pos(node))

    def elided(self, node: Node) -> Expr:
        return self._literal(node, None, False, self.nodes.pos(node))

    def _literal(self, value: Node, kind: Expr | None, is_map: bool, pos: Pos) -> Expr:
        """`{…}` after a type, or without one inside another literal."""
        keyed: list[tuple[Node, Node]] = []
        items: list[Expr] = []
        for element in named(value):
            if element.type == "keyed_element":
                parts = [named(part)[0] if named(part) else part for part in named(element)]
                if len(parts) == 2:
                    keyed.append((parts[0], parts[1]))
            else:
                items.append(self.expr(element))
        if is_map or (keyed and not items and any(key.type != "identifier" for key, _ in keyed)):
            if kind is not None and _is_list(kind):
                return New(kind, (), (), tuple(self.expr(element) for _, element in keyed), pos)
            return Record(tuple((self.expr(k), self.expr(v)) for k, v in keyed), pos, kind)
        names = tuple(
            Named(self.nodes.text(key), self.expr(held), self.nodes.pos(key))
            for key, held in keyed
            if key.type == "identifier"
        )
        items.extend(self.expr(held) for key, held in keyed if key.type != "identifier")
        return New(kind, (), names, tuple(items), pos)

    def generic(self, node: Node) -> Expr:
        base, args = node.child_by_field_name("type"), node.child_by_field_name("type_arguments")
        if base is None:
            return self.opaque(node)
        return Generic(self.expr(base), self.exprs(args), self.nodes.pos(node))

    def container(self, node: Node) -> Expr:
        """`[]T`, `[n]T`, `map[K]V`, `chan T`."""
        pos = self.nodes.pos(node)
        parts = [node.child_by_field_name(part) for part in ("key", "value", "element")]
        args = tuple(self.expr(part) for part in parts if part is not None)
        base = {"map_type": "map", "channel_type": "chan"}.get(node.type, "list")
        return Generic(Name(base, pos), args, pos)

    def pointer(self, node: Node) -> Expr:
        inner = named(node)
        return self.expr(inner[0]) if inner else self.opaque(node)

    def signature(self, node: Node) -> Expr:
        return Signature(
            self.parameters(node.child_by_field_name("parameters")),
            self.results(node.child_by_field_name("result")),
            self.nodes.pos(node),
        )

    def struct(self, node: Node) -> Expr:
        bases, variables = self.members(node)
        return Struct(bases, variables, self.nodes.pos(node))

    def interface(self, node: Node) -> Expr:
        """An interface without a name says nothing of what it holds."""
        return Name("any", self.nodes.pos(node))

    def members(self, struct: Node) -> tuple[tuple[Expr, ...], tuple[Variable, ...]]:
        """Embedded types and fields of a struct."""
        bases: list[Expr] = []
        variables: list[Variable] = []
        for field in named(child_of(struct, "field_declaration_list")):
            kind = field.child_by_field_name("type")
            if field.type != "field_declaration" or kind is None:
                continue
            names = field.children_by_field_name("name")
            written = self.expr(kind)
            if not names:
                bases.append(written)
            for name in names:
                variables.append(Variable(self.nodes.text(name), written, None, self.nodes.pos(name)))
        return tuple(bases), tuple(variables)

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """A parameter list; unnamed ones have the name ""."""
        found: list[Parameter] = []
        for part in named(node):
            kind = part.child_by_field_name("type")
            if kind is None:
                continue
            written, pos = self.expr(kind), self.nodes.pos(part)
            rest = part.type == "variadic_parameter_declaration"
            names = part.children_by_field_name("name")
            found.extend(Parameter(self.nodes.text(n), written, self.nodes.pos(n), rest) for n in names)
            if not names:
                found.append(Parameter("", written, pos, rest))
        return tuple(found)

    def results(self, node: Node | None) -> tuple[Expr, ...]:
        """The types of a function's results."""
        if node is None:
            return ()
        if node.type != "parameter_list":
            return (self.expr(node),)
        return tuple(p.type for p in self.parameters(node) if p.type is not None)


def unquoted(text: str) -> str:
    """A string literal's value. Escapes stay as they are: no name that matters has one."""
    return text[1:-1] if len(text) >= 2 else text


def _is_list(kind: Expr) -> bool:
    return isinstance(kind, Generic) and isinstance(kind.base, Name) and kind.base.id == "list"


EXPRESSIONS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "identifier": Expressions.name,
    "type_identifier": Expressions.name,
    "package_identifier": Expressions.name,
    "field_identifier": Expressions.name,
    "nil": Expressions.name,
    "true": Expressions.name,
    "false": Expressions.name,
    "iota": Expressions.name,
    "int_literal": Expressions.opaque,
    "interpreted_string_literal": Expressions.text,
    "raw_string_literal": Expressions.text,
    "selector_expression": Expressions.selector,
    "qualified_type": Expressions.selector,
    "call_expression": Expressions.call,
    "type_conversion_expression": Expressions.conversion,
    "type_assertion_expression": Expressions.conversion,
    "type_instantiation_expression": Expressions.generic,
    "index_expression": Expressions.index,
    "slice_expression": Expressions.index,
    "unary_expression": Expressions.unary,
    "binary_expression": Expressions.binary,
    "func_literal": Expressions.function,
    "composite_literal": Expressions.composite,
    "literal_value": Expressions.elided,
    "generic_type": Expressions.generic,
    "slice_type": Expressions.container,
    "array_type": Expressions.container,
    "implicit_length_array_type": Expressions.container,
    "map_type": Expressions.container,
    "channel_type": Expressions.container,
    "pointer_type": Expressions.pointer,
    "function_type": Expressions.signature,
    "struct_type": Expressions.struct,
    "interface_type": Expressions.interface,
    "negated_type": Expressions.opaque,
    "type_constraint": Expressions.opaque,
    "parenthesized_expression": Expressions.opaque,
    "ERROR": Expressions.opaque,
}
