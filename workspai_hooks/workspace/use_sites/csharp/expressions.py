"""C#'s expressions -> the neutral syntax tree; patterns are csharp_patterns' job.

What C# has and the tree has not: `x?.Y` is `x.Y`; `out var x`, assignments and patterns inside an expression
bind before its statement; a query is a comprehension; `(T)x` and `x as T` are calls of the type.
"""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.csharp.types import lower_type, type_arguments
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Each,
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
    Record,
    Return,
    Stmt,
    Text,
)


class Expressions:
    """Lowers the expressions of one file. What they bind is left in `hoisted`."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.hoisted: list[Stmt] = []
        self.depth = 0
        self._conditional: list[Expr] = []
        """What `.Y` and `[0]` after a `?` belong to, the innermost last."""

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
        """Its only part: parentheses, `await`, `!`, `ref`."""
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a lambda's body; those who lower statements know how."""
        raise NotImplementedError

    def pattern(self, value: Expr, node: Node) -> Expr:
        """What a pattern reads of `value`, and in `hoisted` what it binds."""
        raise NotImplementedError

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a method, a lambda or a delegate."""
        if node is not None and node.type in ("implicit_parameter", "identifier"):
            return (Parameter(self.nodes.text(node), None, self.nodes.pos(node)),)
        found = []
        for part in named(node):
            if part.type in ("parameter", "implicit_parameter"):
                name = part.child_by_field_name("name") or part
                kind = self.type(part.child_by_field_name("type"))
                found.append(Parameter(self.nodes.text(name), kind, self.nodes.pos(name)))
        rest = node.child_by_field_name("name") if node is not None else None
        if node is not None and rest is not None:  # `params T[] rest` has no node of its own
            kind = self.type(node.child_by_field_name("type"))
            item = kind.args[0] if isinstance(kind, Generic) and kind.args else None
            found.append(Parameter(self.nodes.text(rest), item, self.nodes.pos(rest), variadic=True))
        return tuple(found)

    # -- names

    def _name(self, node: Node) -> Expr:
        return Name(self.nodes.text(node).lstrip("@"), self.nodes.pos(node))

    def _type_as_expr(self, node: Node) -> Expr:
        return self.type(node) or Opaque((), self.nodes.pos(node))

    def _member(self, node: Node) -> Expr:
        qualifier = node.child_by_field_name("expression")
        name = node.child_by_field_name("name") or node
        obj = self.expr(qualifier)
        return self._named_member(obj, name)

    def _named_member(self, obj: Expr, name: Node) -> Expr:
        pos = self.nodes.pos(name)
        if name.type != "generic_name":
            return Member(obj, self.nodes.text(name).lstrip("@"), pos)
        word = self.nodes.text(named(name)[0])
        return Generic(Member(obj, word, pos), type_arguments(self.nodes, name), pos)

    def _conditional_access(self, node: Node) -> Expr:
        condition, *rest = named(node)
        self._conditional.append(self.expr(condition))
        try:
            return self.expr(rest[-1]) if rest else self._conditional[-1]
        finally:
            self._conditional.pop()

    def _member_binding(self, node: Node) -> Expr:
        obj = self._conditional[-1] if self._conditional else Opaque((), self.nodes.pos(node))
        return self._named_member(obj, node.child_by_field_name("name") or node)

    def _element_binding(self, node: Node) -> Expr:
        obj = self._conditional[-1] if self._conditional else Opaque((), self.nodes.pos(node))
        return self._index(obj, named(node), node)

    def _element(self, node: Node) -> Expr:
        obj = self.expr(node.child_by_field_name("expression"))
        return self._index(obj, named(node.child_by_field_name("subscript")), node)

    def _index(self, obj: Expr, arguments: list[Node], node: Node) -> Expr:
        pos = self.nodes.pos(node)
        inner = [part for argument in arguments for part in named(argument)]
        if len(inner) == 1 and inner[0].type == "range_expression":
            return Either((Index(obj, None, pos),), (self.opaque(inner[0]),), pos)
        keys = self.exprs(inner)
        return Index(obj, keys[0] if len(keys) == 1 else Opaque(keys, pos), pos)

    # -- calls and creation

    def _call(self, node: Node) -> Expr:
        fn = self.expr(node.child_by_field_name("function"))
        args, keywords = self._arguments(node.child_by_field_name("arguments"), fn)
        pos = self.nodes.pos(node)
        if isinstance(fn, Name) and fn.id == "nameof" and len(args) == 1:
            return Opaque(args, pos)
        return Call(fn, args, keywords, pos)

    def _arguments(self, node: Node | None, fn: Expr) -> tuple[tuple[Expr, ...], tuple[Named, ...]]:
        args: list[Expr] = []
        keywords: list[Named] = []
        for part in named(node):
            name = part.child_by_field_name("name")
            inner = [each for each in named(part) if each != name]
            value = self.expr(inner[-1]) if inner else Opaque((), self.nodes.pos(part))
            if inner and inner[-1].type == "declaration_expression":
                self._out(inner[-1], value, fn, args)
            if name is not None:
                keywords.append(Named(self.nodes.text(name), value, self.nodes.pos(name)))
            else:
                args.append(value)
        return tuple(args), tuple(keywords)

    def _out(self, node: Node, target: Expr, fn: Expr, before: list[Expr]) -> None:
        """`out T x` declares x; `map.TryGetValue(key, out var x)` gives what `map[key]` gives."""
        pos = self.nodes.pos(node)
        kind = self.type(node.child_by_field_name("type"))
        values: tuple[Expr, ...] = ()
        if isinstance(fn, Member) and fn.name in ("TryGetValue", "Remove", "TryRemove") and before:
            values = (Index(fn.obj, before[0], pos),)
        elif isinstance(fn, Member) and fn.name in ("TryDequeue", "TryPop", "TryPeek", "TryTake", "TryRead"):
            values = (Index(fn.obj, Opaque((), pos), pos),)
        self.hoisted.append(Bind((target,), kind, values, True, pos))

    def _declaration(self, node: Node) -> Expr:
        name = node.child_by_field_name("name")
        return (
            self._tuple(name)
            if name is not None and name.type == "tuple_pattern"
            else self._name(name or node)
        )

    def _new(self, node: Node) -> Expr:
        kind = self.type(node.child_by_field_name("type"))
        arguments = node.child_by_field_name("arguments") or child_of(node, "argument_list")
        args, keywords = self._arguments(arguments, Opaque((), (1, 1)))
        initializer = node.child_by_field_name("initializer") or child_of(node, "initializer_expression")
        made = self._initialized(kind, args, initializer, node)
        return Either((made,), tuple([each.value for each in keywords]), made.pos) if keywords else made

    def _initializer(self, node: Node) -> Expr:
        """A bare `{…}`: its type comes from where it stands."""
        return self._initialized(None, (), node, node)

    def _initialized(
        self, kind: Expr | None, args: tuple[Expr, ...], initializer: Node | None, node: Node
    ) -> Expr:
        """`{ A = 1 }` names fields, `{ ["k"] = v }` and `{ { k, v } }` fill a map, `{ a, b }` a list."""
        members: list[Named] = []
        entries: list[tuple[Expr, Expr]] = []
        items: list[Expr] = []
        for part in named(initializer):
            left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
            if part.type == "assignment_expression" and left is not None:
                value = self.expr(right)
                if left.type == "element_binding_expression":
                    key = self.exprs([each for argument in named(left) for each in named(argument)])
                    entries.append((Opaque(key, self.nodes.pos(left)) if len(key) != 1 else key[0], value))
                else:
                    members.append(Named(self.nodes.text(left), value, self.nodes.pos(left)))
            elif part.type == "initializer_expression" and len(named(part)) == 2:
                key_node, value_node = named(part)
                entries.append((self.expr(key_node), self.expr(value_node)))
            else:
                items.append(self.expr(part))
        pos = self.nodes.pos(node)
        if entries and not members and not items:
            record = Record(tuple(entries), pos, kind)
            return Either((record,), args, pos) if args else record
        if entries:
            items.append(Record(tuple(entries), pos))
        return New(kind, args, tuple(members), tuple(items), pos)

    def _array(self, node: Node) -> Expr:
        items = self.exprs(named(child_of(node, "initializer_expression")))
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        return syntax.Sequence(items, pos) if kind is None else New(kind, (), (), items, pos)

    def _collection(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        elements = [each for part in named(node) for each in named(part)]
        spread = [self.inner(each) for each in elements if each.type == "spread_element"]
        plain = [self.inner(each) for each in elements if each.type != "spread_element"]
        items = syntax.Sequence(tuple(plain), pos)
        return Either((*spread, items), (), pos) if spread else items

    def _anonymous(self, node: Node) -> Expr:
        """`new { item.Id, Total = x }`: a record; a bare member gives its own name."""
        entries: list[tuple[Expr, Expr]] = []
        pending: Node | None = None
        parts = node.children
        for number, part in enumerate(parts):
            follows = parts[number + 1].type if number + 1 < len(parts) else ""
            if part.is_named and follows == "=":
                pending = part
            elif part.is_named and part.type != "comment":
                value = self.expr(part)
                name = (
                    self.nodes.text(pending) if pending else getattr(value, "name", getattr(value, "id", ""))
                )
                entries.append((Text(name, self.nodes.pos(pending or part)), value))
                pending = None
        return Record(tuple(entries), self.nodes.pos(node))

    def _with(self, node: Node) -> Expr:
        """`r with { A = 1 }` sets members of a copy of r."""
        value, *rest = named(node)
        copy = self.expr(value)
        for part in rest:
            name, *values = named(part)
            target = Member(copy, self.nodes.text(name), self.nodes.pos(name))
            self.hoisted.append(Bind((target,), None, self.exprs(values), False, self.nodes.pos(part)))
        return copy

    # -- operators, literals, functions

    def assignment(self, node: Node) -> Expr:
        """Binds (in `hoisted`) and is what it bound."""
        left = node.child_by_field_name("left")
        value = self.expr(node.child_by_field_name("right"))
        target = self.expr(left)
        declares = left is not None and any(
            child_of(part, "declaration_expression") for part in [left, *named(left)]
        )
        targets = target.items if isinstance(target, syntax.Sequence) and target.is_tuple else (target,)
        if left is not None and left.type == "declaration_expression":
            declares = True
        kind = self.type(left.child_by_field_name("type")) if left is not None and declares else None
        self.hoisted.append(Bind(targets, kind, (value,), declares, self.nodes.pos(node)))
        return target

    def _binary(self, node: Node) -> Expr:
        """A chain of operators leans to the left and is walked, not recursed into; `??` is either side."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type == "binary_expression":
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(self.nodes.text(left.child_by_field_name("operator")))
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        return Either(parts, (), pos) if operators == {"??"} else Opaque(parts, pos)

    def _ternary(self, node: Node) -> Expr:
        condition = self.expr(node.child_by_field_name("condition"))
        choices = (
            self.expr(node.child_by_field_name("consequence")),
            self.expr(node.child_by_field_name("alternative")),
        )
        return Either(choices, (condition,), self.nodes.pos(node))

    def _cast(self, node: Node) -> Expr:
        kind = self.type(node.child_by_field_name("type") or node.child_by_field_name("right"))
        value = self.expr(node.child_by_field_name("value") or node.child_by_field_name("left"))
        return value if kind is None else Call(kind, (value,), (), self.nodes.pos(node))

    def _typed(self, node: Node) -> Expr:
        """`typeof(T)`, `default(T)`."""
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        if kind is None:
            return Opaque((), pos)
        return Call(kind, (), (), pos) if node.type == "default_expression" else Opaque((kind,), pos)

    def _is(self, node: Node) -> Expr:
        value = self.expr(node.child_by_field_name("expression") or node.child_by_field_name("left"))
        pattern = node.child_by_field_name("pattern")
        pos = self.nodes.pos(node)
        if pattern is not None:
            return Opaque((value, self.pattern(value, pattern)), pos)
        kind = self.type(node.child_by_field_name("right"))
        return Opaque((value,) if kind is None else (value, kind), pos)

    def _switch(self, node: Node) -> Expr:
        subject, *arms = named(node)
        value = self.expr(subject)
        choices: list[Expr] = []
        also: list[Expr] = [value]
        for arm in arms:
            pattern, *rest = named(arm)
            also.append(self.pattern(value, pattern))
            also.extend(self.exprs(rest[:-1]))
            choices.extend(self.exprs(rest[-1:]))
        return Either(tuple(choices), tuple(also), self.nodes.pos(node))

    def _tuple(self, node: Node) -> Expr:
        items = [part for part in named(node) if part.type != "discard"]
        if node.type == "tuple_expression":
            values = [self.expr(named(part)[-1]) for part in items if named(part)]
        else:
            values = [self.expr(part) for part in named(node)]
        return syntax.Sequence(tuple(values), self.nodes.pos(node), is_tuple=True)

    def _string(self, node: Node) -> Expr:
        text = self.nodes.text(node)
        inner = text.strip('"') if node.type == "raw_string_literal" else text.lstrip("@")[1:-1]
        return Text(inner, self.nodes.pos(node))

    def _lambda(self, node: Node) -> Expr:
        outer, self.hoisted = self.hoisted, []
        parameters = self.parameters(node.child_by_field_name("parameters"))
        body = node.child_by_field_name("body") or child_of(node, "block")
        pos = self.nodes.pos(node)
        if body is not None and body.type == "block":
            statements = self.block(body)
        else:
            result = Return((self.expr(body),), pos)
            statements = (*self.hoisted, result)
        self.hoisted = outer
        return Lambda(parameters, statements, pos)

    def _query(self, node: Node) -> Expr:
        """`from x in xs … select e`; `let` and `into` are loops over one value, a group is a list."""
        loops: list[tuple[tuple[Expr, ...], Expr]] = []
        conditions: list[Expr] = []
        element: Expr = Opaque((), self.nodes.pos(node))
        for part in named(node):
            inner = named(part)
            pos = self.nodes.pos(part)
            if part.type == "from_clause" and len(inner) >= 2:
                loops.append(
                    ((self._name(part.child_by_field_name("name") or inner[0]),), self.expr(inner[-1]))
                )
            elif part.type == "join_clause" and len(inner) >= 2:
                loops.append(((self.expr(inner[0]),), self.expr(inner[1])))
                conditions.extend(self.exprs([each for each in inner[2:] if each.type != "join_into_clause"]))
                for into in (each for each in inner[2:] if each.type == "join_into_clause"):
                    group = syntax.Sequence((syntax.Sequence((self.expr(inner[0]),), pos),), pos)
                    loops.append((self.exprs(named(into)), group))
            elif part.type == "let_clause" and len(inner) == 2:
                loops.append(((self.expr(inner[0]),), syntax.Sequence((self.expr(inner[1]),), pos)))
            elif part.type == "select_clause":
                element = self.inner(part)
            elif part.type == "group_clause" and inner:
                element = syntax.Sequence((self.expr(inner[0]),), pos)
                conditions.extend(self.exprs(inner[1:]))
            elif part.type == "identifier":
                loops.append(((self.expr(part),), syntax.Sequence((element,), pos)))
            else:
                conditions.extend(self.exprs(inner))
        return Each(tuple(loops), tuple(conditions), element, self.nodes.pos(node))


_FORMS = {
    "identifier": Expressions._name,
    "predefined_type": Expressions._name,
    "this": Expressions._name,
    "base": Expressions._name,
    "this_expression": Expressions._name,
    "base_expression": Expressions._name,
    "generic_name": Expressions._type_as_expr,
    "qualified_name": Expressions._type_as_expr,
    "alias_qualified_name": Expressions._type_as_expr,
    "array_type": Expressions._type_as_expr,
    "nullable_type": Expressions._type_as_expr,
    "member_access_expression": Expressions._member,
    "conditional_access_expression": Expressions._conditional_access,
    "member_binding_expression": Expressions._member_binding,
    "element_binding_expression": Expressions._element_binding,
    "element_access_expression": Expressions._element,
    "invocation_expression": Expressions._call,
    "declaration_expression": Expressions._declaration,
    "object_creation_expression": Expressions._new,
    "implicit_object_creation_expression": Expressions._new,
    "initializer_expression": Expressions._initializer,
    "array_creation_expression": Expressions._array,
    "implicit_array_creation_expression": Expressions._array,
    "collection_expression": Expressions._collection,
    "anonymous_object_creation_expression": Expressions._anonymous,
    "with_expression": Expressions._with,
    "assignment_expression": Expressions.assignment,
    "binary_expression": Expressions._binary,
    "conditional_expression": Expressions._ternary,
    "cast_expression": Expressions._cast,
    "as_expression": Expressions._cast,
    "typeof_expression": Expressions._typed,
    "default_expression": Expressions._typed,
    "is_pattern_expression": Expressions._is,
    "is_expression": Expressions._is,
    "switch_expression": Expressions._switch,
    "tuple_expression": Expressions._tuple,
    "tuple_pattern": Expressions._tuple,
    "string_literal": Expressions._string,
    "verbatim_string_literal": Expressions._string,
    "raw_string_literal": Expressions._string,
    "lambda_expression": Expressions._lambda,
    "anonymous_method_expression": Expressions._lambda,
    "query_expression": Expressions._query,
    "parenthesized_expression": Expressions.inner,
    "await_expression": Expressions.inner,
    "ref_expression": Expressions.inner,
    "checked_expression": Expressions.inner,
    "postfix_unary_expression": Expressions.inner,
}
