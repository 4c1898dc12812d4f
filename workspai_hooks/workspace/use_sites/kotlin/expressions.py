"""Kotlin's expressions -> the neutral syntax tree.

What Kotlin has and the tree has not: `if`, `when` and `try` give values: their branches come before the
statement (in `hoisted`) and leave what they give in a variable of our own. `x?.y` is `x.y`, `x!!` is x,
`a to b` a pair, `x as T` a call of the type; a lambda without parameters has `it`; `Cart::id` is a lambda
that gives it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.kotlin.types import (
    TYPES,
    identifier,
    lower_type,
    type_arguments,
    written_type,
)
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
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
    Opaque,
    Parameter,
    Pos,
    Return,
    Stmt,
    Text,
)


class Expressions:
    """Lowers the expressions of one file. What has to come before their statement is left in `hoisted`."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.hoisted: list[Stmt] = []
        self.depth = 0
        self.lambdas = 0
        """How many function literals are around."""

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
        """Its only part."""
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def body(self, nodes: Sequence[Node]) -> tuple[Stmt, ...]:
        """Statements; those who lower statements know how."""
        raise NotImplementedError

    def branching(self, node: Node) -> Expr:
        """`if`, `when`, `try`, in `hoisted`; gives the name that holds their value."""
        raise NotImplementedError

    def anonymous(self, node: Node) -> Expr:
        """`object : T { … }`, in `hoisted`."""
        raise NotImplementedError

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a function; default values are for effect only and left to the caller."""
        found = []
        variadic = False
        for part in named(node):
            if part.type == "parameter_modifiers":
                variadic = "vararg" in self.nodes.text(part).split()
            elif part.type in ("parameter", "class_parameter"):
                name = child_of(part, "identifier") or part
                modifiers = self.nodes.text(child_of(part, "modifiers")).split()
                rest = variadic or "vararg" in modifiers
                kind = written_type(self.nodes, part)
                found.append(Parameter(identifier(self.nodes, name), kind, self.nodes.pos(name), rest))
                variadic = False
        return tuple(found)

    # -- names and calls

    def _name(self, node: Node) -> Expr:
        return Name(identifier(self.nodes, node), self.nodes.pos(node))

    def _this(self, node: Node) -> Expr:
        label = child_of(node, "identifier")
        pos = self.nodes.pos(node)
        return Name("this" if label is None else f"this@{self.nodes.text(label)}", pos)

    def _super(self, node: Node) -> Expr:
        return Name("super", self.nodes.pos(node))

    def _type_as_expr(self, node: Node) -> Expr:
        return lower_type(self.nodes, node) or Opaque((), self.nodes.pos(node))

    def _navigation(self, node: Node) -> Expr:
        parts = named(node)
        if len(parts) < 2:
            return self._reference(None, node)
        name = parts[-1]
        owner = parts[0]
        if any(part.type == "::" for part in node.children):
            return self._reference(owner, name)
        word = identifier(self.nodes, name)
        if word in ("java", "javaObjectType", "kotlin") and owner.type == "navigation_expression":
            tail = named(owner)[-1]
            if self.nodes.text(tail) == "class":
                return self.expr(owner)
        if name.type != "identifier":  # `x.(f)()`, or what is broken
            return self.opaque(node)
        return Member(self.expr(owner), word, self.nodes.pos(name))

    def _reference(self, owner: Node | None, name: Node) -> Expr:
        """`::f`, `x::f`, `Cart::id`, `Cart::class`."""
        pos = self.nodes.pos(name)
        last = (named(name) or [name])[-1] if owner is None else name
        word = identifier(self.nodes, last)
        if owner is None:
            return Name(word, self.nodes.pos(last))
        value = self.expr(owner)
        if word == "class":
            return value
        member = Member(value, word, pos)
        of_type = self.nodes.text(owner).rpartition(".")[2][:1].isupper()
        return Lambda((), (Return((member,), pos),), pos) if of_type else member

    def _callable(self, node: Node) -> Expr:
        """`::f` where the grammar has a node of its own for it."""
        parts = named(node)
        return self._reference(parts[0] if len(parts) > 1 else None, parts[-1] if parts else node)

    def _call(self, node: Node) -> Expr:
        """Arguments in parentheses, and a lambda behind them."""
        callee: Node | None = None
        args: list[Expr] = []
        keywords: list[Named] = []
        generics: tuple[Expr, ...] = ()
        for part in named(node):
            if part.type == "value_arguments":
                self._arguments(part, args, keywords)
            elif part.type == "type_arguments":
                generics = type_arguments(self.nodes, part)
            elif part.type in ("annotated_lambda", "lambda_literal") and callee is not None:
                args.append(self.expr(part))
            elif callee is None:
                callee = part
        fn = self.expr(callee)
        trailing = bool(args) and child_of(node, "value_arguments") is None
        if trailing and isinstance(fn, Call) and callee is not None and callee.type == "call_expression":
            return Call(fn.fn, (*fn.args, *args), fn.named, fn.pos)  # f(x) { … }
        pos = fn.pos if isinstance(fn, Name | Member) else self.nodes.pos(node)
        return Call(Generic(fn, generics, pos) if generics else fn, tuple(args), tuple(keywords), pos)

    def _arguments(self, node: Node, args: list[Expr], keywords: list[Named]) -> None:
        for part in named(node):
            inner = named(part)
            if not inner:
                continue
            value = self.expr(inner[-1])
            if len(inner) > 1 and any(each.type == "=" for each in part.children):
                name = inner[0]
                keywords.append(Named(identifier(self.nodes, name), value, self.nodes.pos(name)))
            else:
                args.append(value)

    def _index(self, node: Node) -> Expr:
        owner, *keys = named(node)
        found = self.exprs(keys)
        pos = self.nodes.pos(node)
        return Index(self.expr(owner), found[0] if len(found) == 1 else Opaque(found, pos), pos)

    # -- operators and literals

    def assign(self, node: Node) -> Stmt:
        """`x = y`; `x += y` may add to a list."""
        target = self.expr(node.child_by_field_name("left"))
        value = self.expr(node.child_by_field_name("right"))
        pos = self.nodes.pos(node)
        if self.nodes.text(node.child_by_field_name("operator")) == "+=":
            return Do(Call(Member(target, "plusAssign", pos), (value,), (), pos))
        return Bind((target,), None, (value,), False, pos)

    def _assignment(self, node: Node) -> Expr:
        self.hoisted.append(self.assign(node))
        return Opaque((), self.nodes.pos(node))

    def _binary(self, node: Node) -> Expr:
        """A chain of operators leans to the left and is walked, not recursed into; `?:` is either side."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(self.nodes.text(left.child_by_field_name("operator")))
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        return Either(parts, (), pos) if operators == {"?:"} else Opaque(parts, pos)

    def _infix(self, node: Node) -> Expr:
        """`a to b`, `a shouldBe b`."""
        parts = named(node)
        pos = self.nodes.pos(node)
        if len(parts) != 3 or parts[1].type != "identifier":
            return self.opaque(node)
        left, right = self.expr(parts[0]), self.expr(parts[2])
        word = identifier(self.nodes, parts[1])
        if word == "to":
            return syntax.Sequence((left, right), pos, is_tuple=True)
        return Call(Member(left, word, self.nodes.pos(parts[1])), (right,), (), pos)

    def _as(self, node: Node) -> Expr:
        value = self.expr(node.child_by_field_name("left"))
        kind = lower_type(self.nodes, node.child_by_field_name("right"))
        return value if kind is None else Call(kind, (value,), (), self.nodes.pos(node))

    def _is(self, node: Node) -> Expr:
        value = self.expr(node.child_by_field_name("left"))
        kind = lower_type(self.nodes, node.child_by_field_name("right"))
        return Opaque((value,) if kind is None else (value, kind), self.nodes.pos(node))

    def _string(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        inside = [part for part in named(node) if part.type == "interpolation"]
        if inside:
            return Opaque(tuple([self.inner(part) for part in inside]), pos)
        return Text(self.nodes.text(node).strip('"'), pos)

    def _lambda(self, node: Node) -> Expr:
        listed = child_of(node, "lambda_parameters")
        rest = [part for part in named(node) if part != listed]
        parameters: list[Parameter] = []
        opening: list[Stmt] = []
        for number, part in enumerate(named(listed)):
            pos = self.nodes.pos(part)
            if part.type == "multi_variable_declaration":
                name = f"(parameter {number})"
                parameters.append(Parameter(name, None, pos))
                targets = tuple([self._declared(each) for each in named(part)])
                opening.append(Bind(targets, None, (Name(name, pos),), True, pos))
            else:
                word = child_of(part, "identifier") or part
                kind = written_type(self.nodes, part)
                parameters.append(Parameter(identifier(self.nodes, word), kind, self.nodes.pos(word)))
        pos = self.nodes.pos(node)
        if listed is None:
            parameters.append(Parameter("it", None, pos))
        self.lambdas += 1
        body = self.valued(rest, pos)
        self.lambdas -= 1
        return Lambda(tuple(parameters), (*opening, *body), pos)

    def valued(self, nodes: Sequence[Node], pos: Pos) -> tuple[Stmt, ...]:
        """Statements of which the last one, where it is an expression, is what they give."""
        outer, self.hoisted = self.hoisted, []
        statements = list(self.body(nodes))
        self.hoisted = outer
        if statements and isinstance(statements[-1], Do):
            statements[-1] = Return((statements[-1].value,), pos)
        return tuple(statements)

    def _declared(self, node: Node) -> Expr:
        word = child_of(node, "identifier") or node
        return Name(identifier(self.nodes, word), self.nodes.pos(word))

    def _annotated_lambda(self, node: Node) -> Expr:
        return self.expr(child_of(node, "lambda_literal"))

    def _function(self, node: Node) -> Expr:
        """`fun(x: T): U { … }`."""
        parameters = self.parameters(child_of(node, "function_value_parameters"))
        results = [lower_type(self.nodes, part) for part in named(node) if part.type in TYPES]
        returns = tuple([each for each in results[-1:] if each is not None])
        before, self.lambdas = self.lambdas, 0
        body = self.function_body(child_of(node, "function_body"))
        self.lambdas = before
        return Lambda(parameters, body, self.nodes.pos(node), returns)

    def function_body(self, node: Node | None) -> tuple[Stmt, ...]:
        """`{ … }`, or `= value`."""
        parts = named(node)
        if not parts or node is None:
            return ()
        outer, self.hoisted = self.hoisted, []
        if parts[0].type == "block":
            found = self.body(named(parts[0]))
        else:
            result = Return((self.expr(parts[-1]),), self.nodes.pos(parts[-1]))
            found = (*self.hoisted, result)
        self.hoisted = outer
        return found

    def _collection(self, node: Node) -> Expr:
        return syntax.Sequence(self.exprs(named(node)), self.nodes.pos(node))

    def _jump(self, node: Node) -> Expr:
        """`return`, `throw` inside an expression: it gives nothing there."""
        label = node.child_by_field_name("label")
        return Opaque(self.exprs([part for part in named(node) if part != label]), self.nodes.pos(node))


_FORMS = {
    "identifier": Expressions._name,
    "this_expression": Expressions._this,
    "super_expression": Expressions._super,
    "user_type": Expressions._type_as_expr,
    "nullable_type": Expressions._type_as_expr,
    "navigation_expression": Expressions._navigation,
    "callable_reference": Expressions._callable,
    "call_expression": Expressions._call,
    "index_expression": Expressions._index,
    "assignment": Expressions._assignment,
    "binary_expression": Expressions._binary,
    "infix_expression": Expressions._infix,
    "as_expression": Expressions._as,
    "is_expression": Expressions._is,
    "string_literal": Expressions._string,
    "multiline_string_literal": Expressions._string,
    "lambda_literal": Expressions._lambda,
    "annotated_lambda": Expressions._annotated_lambda,
    "anonymous_function": Expressions._function,
    "collection_literal": Expressions._collection,
    "if_expression": lambda self, node: self.branching(node),
    "when_expression": lambda self, node: self.branching(node),
    "try_expression": lambda self, node: self.branching(node),
    "object_literal": lambda self, node: self.anonymous(node),
    "parenthesized_expression": Expressions.inner,
    "unary_expression": Expressions.inner,
    "spread_expression": Expressions.inner,
    "labeled_expression": Expressions.opaque,
    "return_expression": Expressions._jump,
    "throw_expression": Expressions._jump,
}
