"""JavaScript's and TypeScript's expressions -> the neutral syntax tree.

What the language has and the tree has not: `x?.y` is `x.y`, `x["y"]` too; `new T(x)` is a call; `x as T` is a
call of the type; an assignment inside an expression binds before its statement; functions that are values of
an object literal stand before the statement, too. `require("x")` is a name that an import of its own brings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.ecmascript.patterns import Patterns, nothing
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Either,
    Expr,
    Function,
    Generic,
    Import,
    Index,
    Lambda,
    Member,
    Name,
    Opaque,
    Pos,
    Record,
    Return,
    Stmt,
    Text,
)

FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
MERGING = frozenset({"||", "??"})


class Expressions(Patterns):
    """Lowers the expressions of one file. What they bind is left in `hoisted`."""

    forms: dict[str, Callable[..., Expr]]

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.hoisted: list[Stmt] = []
        self.imports: list[Import] = []
        self.settling: dict[str, Name] = {}
        """What promises under way call the function that resolves them -> the variable that it sets."""
        self.executing: dict[str, Name] = {}
        """The same for the executor that is lowered next."""

    def expr(self, node: Node | None) -> Expr:
        """Any expression; what has no form of its own is Opaque around its parts."""
        if node is None:
            return nothing((1, 1))
        if self.depth > DEEPEST:
            return nothing(self.nodes.pos(node))
        self.depth += 1
        try:
            lower = self.forms.get(node.type)
            return lower(self, node) if lower else self.opaque(node)
        finally:
            self.depth -= 1

    def exprs(self, nodes: Iterable[Node]) -> tuple[Expr, ...]:
        """Several expressions."""
        return tuple([self.expr(node) for node in nodes])

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a function's body; those who lower statements know how."""
        raise NotImplementedError

    def opaque(self, node: Node) -> Expr:
        """Its parts."""
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    def inner(self, node: Node) -> Expr:
        """Its only part: parentheses, `await`, `!`, spread."""
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def name(self, node: Node) -> Expr:
        """An identifier; one that resolves a promise, as a function that keeps what it is called with."""
        text, pos = self.nodes.text(node), self.nodes.pos(node)
        if text == "undefined":
            return Name("null", pos)
        holder = self.settling.get(text)
        if holder is not None:
            given = syntax.Parameter("value", None, pos)
            return Lambda((given,), (Bind((holder,), None, (Name("value", pos),), False, pos),), pos)
        return Name(text, pos)

    def word(self, node: Node) -> Expr:
        """What a node says, as a name."""
        return Name(self.nodes.text(node), self.nodes.pos(node))

    def _member(self, node: Node) -> Expr:
        name = node.child_by_field_name("property") or node
        obj = self.expr(node.child_by_field_name("object"))
        return Member(obj, self.nodes.text(name), self.nodes.pos(name))

    def _subscript(self, node: Node) -> Expr:
        obj = self.expr(node.child_by_field_name("object"))
        index = node.child_by_field_name("index")
        key = self.expr(index)
        pos = self.nodes.pos(index or node)
        return Member(obj, key.value, pos) if isinstance(key, Text) else Index(obj, key, pos)

    def _text(self, node: Node) -> Expr:
        return Text(self.nodes.text(node)[1:-1], self.nodes.pos(node))

    def _template(self, node: Node) -> Expr:
        inserted = [part for part in named(node) if part.type == "template_substitution"]
        if not inserted:
            return self._text(node)
        return Opaque(tuple([self.opaque(part) for part in inserted]), self.nodes.pos(node))

    # -- literals

    def _function(self, node: Node) -> Expr:
        parameters, returns, body, _ = self.function_parts(node)
        return Lambda(parameters, body, self.nodes.pos(node), returns)

    def function_parts(
        self, node: Node
    ) -> tuple[tuple[syntax.Parameter, ...], tuple[Expr, ...], tuple[Stmt, ...], tuple[str, ...]]:
        """Parameters, written results, statements and type parameters of any function."""
        outer, self.hoisted = self.hoisted, []
        shadowed = self.settling
        parameters, opening = self.parameters(node)
        names = {parameter.name for parameter in parameters}
        own, self.executing = self.executing, {}
        self.settling = {**{name: to for name, to in shadowed.items() if name not in names}, **own}
        opening = [*self.hoisted, *opening]
        self.hoisted = []
        result = self.annotation(node, "return_type")
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            value = self.expr(body)
            statements: tuple[Stmt, ...] = (*self.hoisted, Return((value,), self.nodes.pos(body)))
        else:
            statements = self.block(body)
        self.hoisted, self.settling = outer, shadowed
        returns = () if result is None else (result,)
        return parameters, returns, (*opening, *statements), self.type_parameters(node)

    def function_named(self, name: str, pos: Pos, node: Node) -> Function:
        """A function under a name."""
        parameters, returns, body, generic = self.function_parts(node)
        return Function(name, None, parameters, returns, body, pos, type_parameters=generic)

    def value_named(self, name: str, pos: Pos, node: Node | None) -> Expr:
        """A value that is kept under a name; a function is declared before the statement."""
        if node is None or node.type not in (*FUNCTIONS, "method_definition"):
            return self.expr(node)
        hidden = f"({name} {pos[0]}:{pos[1]})"
        self.hoisted.append(self.function_named(hidden, pos, node))
        return Name(hidden, pos)

    def _object(self, node: Node) -> Expr:
        entries: list[tuple[Expr, Expr]] = []
        for part in named(node):
            pos = self.nodes.pos(part)
            match part.type:
                case "pair":
                    key = part.child_by_field_name("key")
                    entries.append(self._entry(key or part, part.child_by_field_name("value")))
                case "shorthand_property_identifier":
                    entries.append((Text(self.nodes.text(part), pos), self.name(part)))
                case "spread_element":
                    entries.append((nothing(pos), self.inner(part)))
                case "method_definition":
                    entries.append(self._entry(part.child_by_field_name("name") or part, part))
                case _:
                    entries.append((nothing(pos), self.expr(part)))
        return Record(tuple(entries), self.nodes.pos(node))

    def _entry(self, key: Node, value: Node | None) -> tuple[Expr, Expr]:
        pos = self.nodes.pos(key)
        if key.type == "computed_property_name":
            computed = self.expr(named(key)[0]) if named(key) else nothing(pos)
            held = self.expr(value) if value is None or value.type != "method_definition" else nothing(pos)
            return (
                (computed, held)
                if isinstance(computed, Text)
                else (nothing(pos), Opaque((computed, held), pos))
            )
        text = self.nodes.text(key).strip("'\"")
        return Text(text, pos), self.value_named(text, pos, value)

    def _array(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        plain: list[Expr] = []
        spread: list[Expr] = []
        for part in named(node):
            if part.type == "spread_element":
                spread.append(self.inner(part))
            else:
                plain.append(self.expr(part))
        items = syntax.Sequence(tuple(plain), pos)
        return Either((*spread, items), (), pos) if spread else items

    # -- operators

    def _conditional(self, node: Node) -> Expr:
        parts = [node.child_by_field_name(field) for field in ("condition", "consequence", "alternative")]
        condition, yes, no = self.exprs(part or node for part in parts) if all(parts) else (None, None, None)
        pos = self.nodes.pos(node)
        if condition is None or yes is None or no is None:
            return self.opaque(node)
        return Either((yes, no), (condition,), pos)

    def _binary(self, node: Node) -> Expr:
        """A long chain leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(self.nodes.text(left.child_by_field_name("operator")))
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        if operators <= MERGING:
            return Either(parts, (), pos)
        return Either(parts[-1:], parts[:-1], pos) if operators == {"&&"} else Opaque(parts, pos)

    def _assignment(self, node: Node) -> Expr:
        """`x = y` inside an expression binds before the statement."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        self.hoisted.extend(self.assigned(left, right, self.nodes.pos(node)))
        return nothing(self.nodes.pos(node)) if left is None else self.expr(left)

    def assigned(self, left: Node | None, right: Node | None, pos: Pos) -> list[Stmt]:
        """The bindings of an assignment."""
        if left is None:
            return [syntax.Do(self.expr(right))]
        value = self.value_named("assigned", self.nodes.pos(left), right)
        if left.type in ("object_pattern", "array_pattern", "object", "array"):
            return list(self.bound(left, value, None, False))
        return [Bind((self.expr(left),), None, (value,), False, pos)]

    def _cast(self, node: Node) -> Expr:
        """`x as T`, `x satisfies T`, `<T>x`."""
        parts = named(node)
        pos = self.nodes.pos(node)
        if len(parts) != 2:
            return self.inner(node)
        value, kind = (parts[1], parts[0]) if node.type == "type_assertion" else (parts[0], parts[1])
        if kind.type == "type_arguments":
            kind = (named(kind) or [kind])[0]
        written = self.type(kind)
        lowered = self.expr(value)
        return lowered if written is None else Call(written, (lowered,), (), pos)

    def _instantiated(self, node: Node) -> Expr:
        """`f<T>` as a value."""
        parts = named(node)
        return Generic(self.expr(parts[0]), self.type_arguments(parts[-1]), self.nodes.pos(node))

    def _sequence(self, node: Node) -> Expr:
        parts = self.exprs(named(node))
        return Either(parts[-1:], parts[:-1], self.nodes.pos(node)) if parts else self.opaque(node)

    def _yield(self, node: Node) -> Expr:
        values = self.exprs(named(node))
        pos = self.nodes.pos(node)
        if values:
            whole = any(child.type == "*" for child in node.children)
            self.hoisted.append(Return(values if whole else (syntax.Sequence(values, pos),), pos))
        return Opaque((), pos)


Expressions.forms = {
    "array": Expressions._array,
    "arrow_function": Expressions._function,
    "as_expression": Expressions._cast,
    "assignment_expression": Expressions._assignment,
    "await_expression": Expressions.inner,
    "binary_expression": Expressions._binary,
    "false": Expressions.word,
    "function_expression": Expressions._function,
    "generator_function": Expressions._function,
    "identifier": Expressions.name,
    "instantiation_expression": Expressions._instantiated,
    "jsx_expression": Expressions.inner,
    "member_expression": Expressions._member,
    "non_null_expression": Expressions.inner,
    "null": Expressions.word,
    "number": Expressions.word,
    "object": Expressions._object,
    "parenthesized_expression": Expressions.inner,
    "satisfies_expression": Expressions._cast,
    "sequence_expression": Expressions._sequence,
    "shorthand_property_identifier_pattern": Expressions.name,
    "spread_element": Expressions.inner,
    "string": Expressions._text,
    "subscript_expression": Expressions._subscript,
    "super": Expressions.word,
    "template_string": Expressions._template,
    "ternary_expression": Expressions._conditional,
    "this": Expressions.word,
    "true": Expressions.word,
    "type_assertion": Expressions._cast,
    "undefined": Expressions.name,
    "yield_expression": Expressions._yield,
}
