"""Python's expressions -> the neutral syntax tree; annotations are python_annotations' job."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import tree_sitter_python
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites import syntax
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
    Opaque,
    Parameter,
    Pos,
    Record,
    Return,
    Stmt,
    Text,
)

LANGUAGE = Language(tree_sitter_python.language())

MERGING = frozenset({"+", "|", "-", "&"})
"""Operators whose result is of its operands' type for lists, sets and dicts."""

TUPLES = frozenset({"tuple", "tuple_pattern", "pattern_list", "expression_list"})


class Expressions:
    """Lowers the expressions of one file. Assignments inside them are left in `hoisted`."""

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
        """An annotation; a plain expression has none."""
        return None

    def targets(self, node: Node | None) -> tuple[Expr, ...]:
        """What an assignment or a loop binds; nested patterns are Sequences."""
        if node is None:
            return ()
        if node.type in ("pattern_list", "tuple_pattern", "list_pattern", "tuple", "expression_list"):
            return self.exprs(named(node))
        return (self.expr(node),)

    # -- expressions by form

    def opaque(self, node: Node) -> Expr:
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    def inner(self, node: Node) -> Expr:
        parts = named(node)
        return self.expr(parts[0]) if len(parts) == 1 else self.opaque(node)

    def _name(self, node: Node) -> Expr:
        return Name(self.nodes.text(node), self.nodes.pos(node))

    def _dotted(self, node: Node) -> Expr:
        first, *rest = named(node)
        value: Expr = self._name(first)
        for part in rest:
            value = Member(value, self.nodes.text(part), self.nodes.pos(part))
        return value

    def _attribute(self, node: Node) -> Expr:
        attribute = node.child_by_field_name("attribute")
        obj = self.expr(node.child_by_field_name("object"))
        return Member(obj, self.nodes.text(attribute), self.nodes.pos(attribute or node))

    def _call(self, node: Node) -> Expr:
        fn = self.expr(node.child_by_field_name("function"))
        arguments = node.child_by_field_name("arguments")
        pos = self.nodes.pos(node)
        if arguments is not None and arguments.type == "generator_expression":
            return Call(fn, (self.expr(arguments),), (), pos)
        args: list[Expr] = []
        keywords: list[Named] = []
        for part in named(arguments):
            if part.type == "keyword_argument":
                name = part.child_by_field_name("name") or part
                value = self.expr(part.child_by_field_name("value"))
                keywords.append(Named(self.nodes.text(name), value, self.nodes.pos(name)))
            elif part.type == "dictionary_splat":
                keywords.extend(self._spread(part))
            elif part.type == "list_splat":
                args.append(self.opaque(part))
            else:
                args.append(self.expr(part))
        return _by_name(fn, args, pos) or Call(fn, tuple(args), tuple(keywords), pos)

    def _spread(self, node: Node) -> list[Named]:
        """`**{"a": x}` is `a=x`; of any other `**x` the names are unknown: Named("**")."""
        value = self.inner(node)
        if isinstance(value, Record) and all(isinstance(key, Text) for key, _ in value.entries):
            return [Named(key.value, item, key.pos) for key, item in value.entries if isinstance(key, Text)]
        return [Named("**", value, self.nodes.pos(node))]

    def _subscript(self, node: Node) -> Expr:
        obj = self.expr(node.child_by_field_name("value"))
        keys = node.children_by_field_name("subscript")
        pos = self.nodes.pos(node)
        if len(keys) != 1:
            return Index(obj, Opaque(self.exprs(keys), pos), pos)
        if keys[0].type == "slice":
            return Either((Index(obj, None, pos),), self.exprs(named(keys[0])), pos)
        return Index(obj, self.expr(keys[0]), self.nodes.pos(keys[0]))

    def _string(self, node: Node) -> Expr:
        inserted = [part for part in named(node) if part.type == "interpolation"]
        if inserted:
            return Opaque(tuple([self.opaque(part) for part in inserted]), self.nodes.pos(node))
        return Text(literal(self.nodes.text(node)), self.nodes.pos(node))

    def _strings(self, node: Node) -> Expr:
        parts = self.exprs(named(node))
        pos = self.nodes.pos(node)
        texts = [part.value for part in parts if isinstance(part, Text)]
        return Text("".join(texts), pos) if len(texts) == len(parts) else Opaque(parts, pos)

    def _sequence(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        plain: list[Expr] = []
        spread: list[Expr] = []
        for part in named(node):
            (spread if part.type == "list_splat" else plain).append(self._inner_or_self(part))
        items = syntax.Sequence(tuple(plain), pos, node.type in TUPLES)
        return Either((*spread, items), (), pos) if spread else items

    def _inner_or_self(self, node: Node) -> Expr:
        return self.inner(node) if node.type == "list_splat" else self.expr(node)

    def _dictionary(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        entries: list[tuple[Expr, Expr]] = []
        for part in named(node):
            if part.type == "pair":
                key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                entries.append((self.expr(key), self.expr(value)))
            else:
                entries.append((Opaque((), self.nodes.pos(part)), self.inner(part)))
        return Record(tuple(entries), pos)

    def _conditional(self, node: Node) -> Expr:
        parts = self.exprs(named(node))
        pos = self.nodes.pos(node)
        return Either((parts[0], parts[2]), (parts[1],), pos) if len(parts) == 3 else Opaque(parts, pos)

    def _operator(self, node: Node) -> Expr:
        """`and`, `or`, `+` and the like; a long chain leans to the left and is walked, not recursed into."""
        operands: list[Node] = []
        operators = set()
        left: Node | None = node
        while left is not None and left.type in ("binary_operator", "boolean_operator"):
            operands.extend(right for right in [left.child_by_field_name("right")] if right is not None)
            operators.add(self.nodes.text(left.child_by_field_name("operator")))
            left = left.child_by_field_name("left")
        parts = self.exprs([*([left] if left is not None else []), *reversed(operands)])
        pos = self.nodes.pos(node)
        if operators <= MERGING or operators == {"or"}:
            return Either(parts, (), pos)
        return Either(parts[-1:], parts[:-1], pos) if operators == {"and"} else Opaque(parts, pos)

    def _each(self, node: Node) -> Expr:
        loops: list[tuple[tuple[Expr, ...], Expr]] = []
        conditions: list[Expr] = []
        outer, self.hoisted = self.hoisted, []
        for part in named(node):
            if part.type == "for_in_clause":
                rights = self.exprs(part.children_by_field_name("right"))
                loops.append(
                    (self.targets(part.child_by_field_name("left")), _one(rights, self.nodes.pos(part)))
                )
            elif part.type == "if_clause":
                conditions.extend(self.exprs(named(part)))
        body = node.child_by_field_name("body")
        if body is not None and body.type == "pair":
            conditions.append(self.expr(body.child_by_field_name("key")))
            body = body.child_by_field_name("value")
        element = self.expr(body)
        # A walrus in a comprehension can use its loop variable: it binds as a loop over one value.
        for bind in self.hoisted:
            if isinstance(bind, Bind):
                loops.append((bind.targets, syntax.Sequence(bind.values, bind.pos)))
        self.hoisted = outer
        return Each(tuple(loops), tuple(conditions), element, self.nodes.pos(node))

    def _lambda(self, node: Node) -> Expr:
        outer, self.hoisted = self.hoisted, []
        parameters, defaults = self.parameters(node.child_by_field_name("parameters"))
        pos = self.nodes.pos(node)
        result = Return((self.expr(node.child_by_field_name("body")),), pos)
        body = (*defaults, *self.hoisted, result)
        self.hoisted = outer
        return Lambda(parameters, body, pos)

    def _walrus(self, node: Node) -> Expr:
        name = self.expr(node.child_by_field_name("name"))
        value = self.expr(node.child_by_field_name("value"))
        self.hoisted.append(Bind((name,), None, (value,), True, self.nodes.pos(node)))
        return name

    def _yield(self, node: Node) -> Expr:
        values = self.exprs(named(node))
        pos = self.nodes.pos(node)
        if values:
            whole = any(child.type == "from" for child in node.children)
            self.hoisted.append(Return(values if whole else (syntax.Sequence(values, pos),), pos))
        return Opaque((), pos)

    def parameters(self, node: Node | None) -> tuple[tuple[Parameter, ...], list[Stmt]]:
        """The parameters, and the defaults of them as statements that open the body."""
        found: list[Parameter] = []
        defaults: list[Stmt] = []
        for part in named(node):
            name = part.child_by_field_name("name") or (
                part
                if part.type == "identifier"
                else child_of(part, "identifier", "list_splat_pattern", "dictionary_splat_pattern")
            )
            if name is None:
                continue
            pos = self.nodes.pos(part)
            kind = self.type(part.child_by_field_name("type"))
            splats = [each.type for each in (part, name) if each.type.endswith("splat_pattern")]
            if "dictionary_splat_pattern" in splats and kind is not None:
                kind = Generic(Name("map", pos), (Name("str", pos), kind), pos)
            variadic = "list_splat_pattern" in splats
            found.append(Parameter(self.nodes.text(name).lstrip("*"), kind, pos, variadic))
            default = part.child_by_field_name("value")
            if default is not None and default.type != "none":
                target = Name(found[-1].name, pos)
                defaults.append(Bind((target,), None, (self.expr(default),), False, pos))
        return tuple(found), defaults


def _by_name(fn: Expr, args: list[Expr], pos: Pos) -> Expr | None:
    """`getattr(m, "x")`, `hasattr(m, "x")`, `setattr(m, "x", v)` as what they name; `cast`, `property`."""
    word = fn.id if isinstance(fn, Name) else fn.name if isinstance(fn, Member) else ""
    if word == "cast" and len(args) == 2:
        return Call(args[0], (args[1],), (), pos)
    if word == "property" and args:  # reading the attribute calls the getter
        return Call(args[0], (Opaque((), pos),), (), pos)
    if not isinstance(fn, Name) or len(args) < 2 or not isinstance(args[1], Text):
        return None
    attribute = Member(args[0], args[1].value, args[1].pos)
    if word == "getattr":
        return Either((attribute, *args[2:]), (), pos) if args[2:] else attribute
    return Opaque((attribute, *args[2:]), pos) if word in ("hasattr", "setattr", "delattr") else None


def _one(values: tuple[Expr, ...], pos: Pos) -> Expr:
    return values[0] if len(values) == 1 else syntax.Sequence(values, pos, is_tuple=True)


def literal(text: str) -> str:
    """The value of a string literal; its raw inside where it has none of its own (bytes, bad escapes)."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, str):
        return text.strip("bBrRuUfF").strip("'\"")
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text


_FORMS = {
    "identifier": Expressions._name,
    "dotted_name": Expressions._dotted,
    "attribute": Expressions._attribute,
    "call": Expressions._call,
    "subscript": Expressions._subscript,
    "string": Expressions._string,
    "concatenated_string": Expressions._strings,
    "list": Expressions._sequence,
    "set": Expressions._sequence,
    "tuple": Expressions._sequence,
    "expression_list": Expressions._sequence,
    "tuple_pattern": Expressions._sequence,
    "list_pattern": Expressions._sequence,
    "pattern_list": Expressions._sequence,
    "dictionary": Expressions._dictionary,
    "conditional_expression": Expressions._conditional,
    "boolean_operator": Expressions._operator,
    "binary_operator": Expressions._operator,
    "list_comprehension": Expressions._each,
    "set_comprehension": Expressions._each,
    "generator_expression": Expressions._each,
    "dictionary_comprehension": Expressions._each,
    "lambda": Expressions._lambda,
    "named_expression": Expressions._walrus,
    "yield": Expressions._yield,
    "parenthesized_expression": Expressions.inner,
    "await": Expressions.inner,
    "as_pattern_target": Expressions.inner,
}
