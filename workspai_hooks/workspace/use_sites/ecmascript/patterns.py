"""Destructuring -> bindings: `const {a, b: {c = 1}, ...rest} = x` binds a to x.a, c to x.b.c, rest to x."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.ecmascript.types import Types
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Either,
    Expr,
    Index,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Stmt,
)

NAMES = frozenset(
    {"identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier", "undefined"}
)
OBJECTS = frozenset({"object_pattern", "object"})
ARRAYS = frozenset({"array_pattern", "array"})


class Patterns(Types):
    """Lowers what declarations, parameters and assignments take apart."""

    def expr(self, node: Node | None) -> Expr:
        """Any expression."""
        raise NotImplementedError

    def bound(self, node: Node, value: Expr | None, kind: Expr | None, declares: bool) -> Iterator[Stmt]:
        """What binding a value to a pattern binds."""
        if self.depth > DEEPEST:
            return
        self.depth += 1
        yield from self._bound(node, value, kind, declares)
        self.depth -= 1

    def _bound(self, node: Node, value: Expr | None, kind: Expr | None, declares: bool) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        if node.type in OBJECTS or node.type in ARRAYS:
            holder = value
            if not isinstance(value, Name) or kind is not None:
                holder = self._hidden(pos)
                yield Bind((holder,), kind, () if value is None else (value,), True, pos)
            assert holder is not None
            take = self._taken_from_object if node.type in OBJECTS else self._taken_from_array
            yield from take(node, holder, declares)
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            yield from self._with_default(node, value, declares)
        elif node.type in NAMES:
            target = Name(self.nodes.text(node), pos)
            yield Bind((target,), kind, () if value is None else (value,), declares, pos)
        elif value is not None:
            yield Bind((self.expr(node),), kind, (value,), False, pos)

    def _hidden(self, pos: Pos) -> Name:
        """A name that no source can have."""
        return Name(f"({pos[0]}:{pos[1]})", pos)

    def _with_default(self, node: Node, value: Expr | None, declares: bool) -> Iterator[Stmt]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        default = self.expr(right)
        pos = self.nodes.pos(node)
        given = default if value is None else Either((value, default), (), pos)
        yield from self.bound(left, given, None, declares)

    def _taken_from_object(self, node: Node, holder: Expr, declares: bool) -> Iterator[Stmt]:
        for part in named(node):
            pos = self.nodes.pos(part)
            if part.type in ("rest_pattern", "spread_element"):
                for inner in named(part):
                    yield from self.bound(inner, holder, None, declares)
            elif part.type in ("pair_pattern", "pair"):
                key, target = part.child_by_field_name("key"), part.child_by_field_name("value")
                if key is not None and target is not None:
                    yield from self.bound(target, self._property(holder, key), None, declares)
            elif part.type == "object_assignment_pattern":
                left = part.child_by_field_name("left")
                if left is not None:
                    member = Member(holder, self.nodes.text(left), self.nodes.pos(left))
                    yield from self._with_default(part, member, declares)
            elif part.type in NAMES:
                yield from self.bound(part, Member(holder, self.nodes.text(part), pos), None, declares)
            elif part.type == "assignment_expression":
                left = part.child_by_field_name("left")
                if left is not None:
                    member = Member(holder, self.nodes.text(left), self.nodes.pos(left))
                    yield from self._with_default(part, member, declares)

    def _property(self, holder: Expr, key: Node) -> Expr:
        pos = self.nodes.pos(key)
        if key.type == "computed_property_name":
            return Index(holder, self.expr(named(key)[0]) if named(key) else None, pos)
        return Member(holder, self.nodes.text(key).strip("'\""), pos)

    def _taken_from_array(self, node: Node, holder: Expr, declares: bool) -> Iterator[Stmt]:
        targets: list[Expr] = []
        inner: list[tuple[Node, Name]] = []
        rest: list[Node] = []
        filled = False
        for part in [child for child in node.children if child.type not in ("[", "]", "comment")]:
            if part.type == ",":
                if not filled:
                    targets.append(self._hidden(self.nodes.pos(part)))
                filled = False
                continue
            filled = True
            if part.type in ("rest_pattern", "spread_element"):
                rest.extend(named(part))
            elif part.type in NAMES:
                targets.append(Name(self.nodes.text(part), self.nodes.pos(part)))
            else:
                hidden = self._hidden(self.nodes.pos(part))
                targets.append(hidden)
                inner.append((part, hidden))
        pos = self.nodes.pos(node)
        if targets:
            targets.append(Name(f"({pos[0]}:{pos[1]} more)", pos))  # one target would take the whole
            yield Bind(tuple(targets), None, (holder,), declares, pos)
        for part, hidden in inner:
            yield from self.bound(part, hidden, None, declares)
        for part in rest:
            yield from self.bound(part, Index(holder, None, pos), None, declares)

    def parameters(self, node: Node) -> tuple[tuple[Parameter, ...], list[Stmt]]:
        """The parameters of a function, and what they are taken apart into as statements that open it."""
        single = node.child_by_field_name("parameter")
        listed = [single] if single is not None else named(node.child_by_field_name("parameters"))
        found: list[Parameter] = []
        opening: list[Stmt] = []
        for part in listed:
            pattern = part.child_by_field_name("pattern") or part
            if pattern.type == "this":
                continue
            self._parameter(part, pattern, found, opening)
        return tuple(found), opening

    def _parameter(self, part: Node, pattern: Node, found: list[Parameter], opening: list[Stmt]) -> None:
        pos = self.nodes.pos(pattern)
        kind = self.annotation(part)
        variadic = pattern.type == "rest_pattern"
        if variadic:
            pattern = (named(pattern) or [pattern])[0]
            kind = _item_of(kind)
        default = part.child_by_field_name("value")
        if pattern.type == "assignment_pattern":
            default = pattern.child_by_field_name("right")
            pattern = pattern.child_by_field_name("left") or pattern
        plain = pattern.type in NAMES
        name = Name(self.nodes.text(pattern), pos) if plain else self._hidden(pos)
        found.append(Parameter(name.id, kind, pos, variadic))
        if default is not None:
            opening.append(Bind((name,), None, (self.expr(default),), False, pos))
        if not plain:
            opening.extend(self.bound(pattern, name, None, True))


def _item_of(kind: Expr | None) -> Expr | None:
    """The type of one of the rest, of `T[]`."""
    args = getattr(kind, "args", ())
    return args[0] if args else None


def nothing(pos: Pos) -> Expr:
    """A value that says nothing."""
    return Opaque((), pos)
