"""Elixir's patterns -> the neutral syntax tree: what they bind, compare and take apart.

`{:tag, x}` takes the value at `tag` (infer knows that a result's tag is no value, and that the tag of a oneof
is its case); `%T{a: x}` is the member `a` of a T.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.elixir.expressions import Expressions
from workspai_hooks.workspace.use_sites.nodes import child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Do,
    Expr,
    Index,
    Member,
    Name,
    Opaque,
    Pos,
    Stmt,
    Text,
)

LITERAL = frozenset(
    {"atom", "quoted_atom", "string", "integer", "float", "boolean", "nil", "char", "charlist"}
)


class Patterns(Expressions):
    """Lowers patterns."""

    def pattern(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """The statements that a match of `subject` with a pattern amounts to."""
        if self.depth > 100:
            return
        self.depth += 1
        yield from self._pattern(subject, node)
        self.depth -= 1

    def _pattern(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        match node.type:
            case "identifier":
                yield from self._named(subject, self.nodes.text(node), pos)
            case "map":
                yield from self._of_map(subject, node, pos)
            case "tuple":
                yield from self._of_tuple(subject, named(node), pos)
            case "list":
                yield from self._of_list(subject, node)
            case "binary_operator":
                yield from self._combined(subject, node)
            case "call" | "block" | "body":
                for part in named(node):
                    yield from self.pattern(subject, part)
            case "unary_operator" | "dot":
                yield Do(Opaque((subject, self.expr(node)), pos))
            case kind if kind in LITERAL:
                yield Do(Opaque((subject, self.expr(node)), pos))
            case _:
                for name in _identifiers(node):
                    yield from self._named(Opaque((), pos), self.nodes.text(name), self.nodes.pos(name))

    def _named(self, subject: Expr, name: str, pos: Pos) -> Iterator[Stmt]:
        if name != "_":
            self.known.add(name)
            yield Bind((Name(name, pos),), None, (subject,), True, pos)

    def _combined(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """`%T{} = x` names what the other side says of it; `"a" <> rest`, `x \\\\ default`, `x when …`."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = self.operator(node)
        if left is None or right is None:
            return
        if operator == "=":
            typed = self._typed(self._typed(subject, left), right)
            yield from self.pattern(typed, left)
            yield from self.pattern(typed, right)
        elif operator == "\\\\":
            yield from self.pattern(subject, left)
        elif operator == "when":
            yield from self.pattern(subject, left)
            yield Do(self.expr(right))
        else:
            for name in _identifiers(node):
                yield from self._named(
                    Opaque((), self.nodes.pos(node)), self.nodes.text(name), self.nodes.pos(name)
                )

    def _typed(self, subject: Expr, node: Node) -> Expr:
        """What a value is that fits a struct's pattern."""
        kind = child_of(node, "struct") if node.type == "map" else None
        path = self.path(named(kind)[0]) if kind is not None and named(kind) else ""
        pos = self.nodes.pos(node)
        return Call(self.module_named(path, pos), (subject,), (), pos) if path else subject

    def _of_map(self, subject: Expr, node: Node, pos: Pos) -> Iterator[Stmt]:
        typed = self._typed(subject, node)
        yield Do(typed)
        for part in named(child_of(node, "map_content")):
            if part.type == "keywords":
                for pair in named(part):
                    key = self.keyword(pair.child_by_field_name("key"))
                    value = pair.child_by_field_name("value")
                    yield from self._held(Member(typed, key.value, key.pos), value)
            elif part.type == "binary_operator":
                name = self.expr(part.child_by_field_name("left"))
                yield from self._held(Index(typed, name, name.pos), part.child_by_field_name("right"))

    def _held(self, held: Expr, node: Node | None) -> Iterator[Stmt]:
        yield Do(held)
        if node is not None:
            yield from self.pattern(held, node)

    def _of_tuple(self, subject: Expr, parts: list[Node], pos: Pos) -> Iterator[Stmt]:
        if len(parts) == 2 and parts[0].type == "atom":
            tag = self.expr(parts[0])
            assert isinstance(tag, Text)
            yield from self._held(Index(subject, tag, tag.pos), parts[1])
            return
        places = [Name(f"({pos[0]}:{pos[1]}:{index})", pos) for index in range(len(parts))]
        self.known.update(place.id for place in places)
        if len(places) > 1:
            yield Bind(tuple(places), None, (subject,), True, pos)
        for place, part in zip(places, parts, strict=True):
            yield from self.pattern(place, part)

    def _of_list(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            pos = self.nodes.pos(part)
            item = Index(subject, Opaque((), pos), pos)
            if part.type == "keywords":
                for pair in named(part):
                    key = self.keyword(pair.child_by_field_name("key"))
                    yield from self._held(Index(subject, key, key.pos), pair.child_by_field_name("value"))
            elif part.type == "binary_operator" and self.operator(part) == "|":
                head, tail = part.child_by_field_name("left"), part.child_by_field_name("right")
                for side, value in ((head, item), (tail, subject)):
                    if side is not None:
                        yield from self.pattern(value, side)
            else:
                yield from self.pattern(item, part)


def _identifiers(node: Node) -> Iterator[Node]:
    """Names in a pattern of another kind (binaries)."""
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "identifier":
            yield one
        stack.extend(reversed(one.named_children))
