"""Rust's patterns -> reads of what they take apart, and bindings of what they name.

`Some(p)`, `Ok(p)` and their like match the value itself, as an option is what it may lack. The payload of a
variant `A::B(p)` is member `0` of what `A::B` makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.rust.types import Types
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Do,
    Expr,
    Index,
    Member,
    Name,
    Opaque,
    Stmt,
)

ITSELF = frozenset(
    {"Some", "Ok", "Ready", "Borrowed", "Owned", "Reverse", "Break", "Continue", "Json", "Path"}
)
"""Patterns of these names match what is inside of them."""
NOTHING = frozenset({"remaining_field_pattern", "lifetime", "mutable_specifier"})
_INNER = frozenset({"mut_pattern", "ref_pattern", "reference_pattern", "field_initializer"})


class Patterns(Types):
    """Lowers patterns."""

    depth = 0

    def expr(self, node: Node | None) -> Expr:
        """Any expression; those who lower expressions know how."""
        raise NotImplementedError

    def bind(self, pattern: Node | None, value: Expr, kind: Expr | None = None) -> Iterator[Stmt]:
        """What a pattern reads of `value` and what it binds. `value` is evaluated often: keep it small."""
        if pattern is None or self.depth > DEEPEST or pattern.type in NOTHING:
            return
        self.depth += 1
        yield from self._bind(pattern, value, kind)
        self.depth -= 1

    def _bind(self, node: Node, value: Expr, kind: Expr | None) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        inner = [part for part in named(node) if part.type not in NOTHING]
        if node.type in ("identifier", "shorthand_field_identifier"):
            yield from self._bind_name(node, value, kind)
        elif node.type in _INNER:
            for part in inner:
                yield from self.bind(part, value, kind)
        elif node.type == "captured_pattern" and inner:
            yield Bind((Name(self.word(inner[0]), pos),), kind, (value,), True, pos)
            for part in inner[1:]:
                yield from self.bind(part, value)
        elif node.type == "or_pattern":
            for part in inner:
                yield from self.bind(part, value, kind)
        elif node.type == "tuple_pattern":
            yield from self._bind_parts(inner, value)
        elif node.type == "slice_pattern":
            for part in inner:
                yield from self.bind(part, Index(value, Opaque((), pos), pos))
        elif node.type == "tuple_struct_pattern":
            yield from self._bind_variant(node, value)
        elif node.type == "struct_pattern":
            yield from self._bind_fields(node)
        elif node.type in ("scoped_identifier", "const_block", "range_pattern") or inner:
            yield Do(self.expr(node))

    def _bind_name(self, node: Node, value: Expr, kind: Expr | None) -> Iterator[Stmt]:
        """A name in small letters is a new variable, any other one a constant or a variant."""
        word, pos = self.word(node), self.nodes.pos(node)
        if word == "_":
            return
        if word[:1].isupper():
            yield Do(Name(word, pos))
        else:
            yield Bind((Name(word, pos),), kind, (value,), True, pos)

    def _bind_parts(self, parts: list[Node], value: Expr) -> Iterator[Stmt]:
        for index, part in enumerate(parts):
            yield from self.bind(part, Member(value, str(index), self.nodes.pos(part)))

    def _bind_variant(self, node: Node, value: Expr) -> Iterator[Stmt]:
        """`Some(x)`, `cart::Payment::Card(number)`."""
        path = node.child_by_field_name("type")
        rest = [part for part in named(node) if part != path and part.type not in NOTHING]
        kind = self.type(path)
        word = kind.id if isinstance(kind, Name) else kind.name if isinstance(kind, Member) else ""
        if kind is None or word in ITSELF:
            for part in rest:
                yield from self.bind(part, value)
            return
        yield Do(kind)
        if word == "Err":
            for part in rest:
                yield from self.bind(part, Opaque((), self.nodes.pos(part)))
            return
        yield from self._bind_parts(rest, Call(kind, (), (), self.nodes.pos(node)))

    def _bind_fields(self, node: Node) -> Iterator[Stmt]:
        """`pb::Item { quantity, note: Some(n), .. }`: the written type says what the fields are."""
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(node)
        whole = Opaque((), pos) if kind is None else Call(kind, (), (), pos)
        if kind is not None:
            yield Do(kind)
        for part in named(node):
            name = part.child_by_field_name("name") if part.type == "field_pattern" else None
            if name is None:
                continue
            member = Member(whole, self.word(name), self.nodes.pos(name))
            inner = part.child_by_field_name("pattern")
            yield Do(member)
            yield from self.bind(inner if inner is not None else name, member)
