"""Elixir's expressions -> the neutral syntax tree; calls and control flow stand in modules of their own.

Atoms and strings are both texts. `%T{a: 1}` is a New, `%{x | a: 1}` is x with its member `a` used, and
`&(&1.a)` is a function of `&1`.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_elixir
from tree_sitter import Language, Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.elixir.scopes import Scopes
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Either,
    Expr,
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
    Return,
    Sequence,
    Stmt,
    Text,
)

LANGUAGE = Language(tree_sitter_elixir.language())

MERGING = frozenset({"++", "--", "||", "or"})
"""Operators whose result is of its operands' type."""
PLACE = regex(r"&(\d)")


class Expressions(Scopes):
    """Lowers the expressions of one file."""

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

    def exprs(self, nodes: list[Node]) -> tuple[Expr, ...]:
        """Several expressions."""
        return tuple([self.expr(node) for node in nodes])

    def opaque(self, node: Node) -> Expr:
        return Opaque(self.exprs(named(node)), self.nodes.pos(node))

    # -- what the other parts of the lowering do

    def call(self, node: Node) -> Expr:
        """`name(args)`, `Mod.name(args)`, `value.name`."""
        raise NotImplementedError

    def piped(self, left: Node, right: Node) -> Expr:
        """`left |> right`."""
        raise NotImplementedError

    def matched(self, left: Node, right: Node, pos: Pos) -> Expr:
        """`left = right` inside an expression."""
        raise NotImplementedError

    def clauses(self, nodes: list[Node], pos: Pos) -> Lambda:
        """`fn` and its clauses."""
        raise NotImplementedError

    def markup(self, node: Node) -> Expr:
        """`~H` with a template in it."""
        raise NotImplementedError

    def statements(self, nodes: list[Node], tail: bool = False) -> tuple[Stmt, ...]:
        """Statements in order; `tail`: the last one's value is returned."""
        raise NotImplementedError

    # -- expressions by form

    def _inner(self, node: Node) -> Expr:
        parts = named(node)
        if len(parts) == 1:
            return self.expr(parts[0])
        if not parts:
            return Opaque((), self.nodes.pos(node))
        self.hoisted.extend(self.statements(parts[:-1]))
        return self.expr(parts[-1])

    def _identifier(self, node: Node) -> Expr:
        name, pos = self.nodes.text(node), self.nodes.pos(node)
        return self.module_named(name, pos) if name == "__MODULE__" else self.local(name, pos)

    def _module(self, node: Node) -> Expr:
        return self.module_named(self.nodes.text(node), self.nodes.pos(node))

    def _atom(self, node: Node) -> Expr:
        return Text(self.nodes.text(node).strip(":").strip('"'), self.nodes.pos(node))

    def _string(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        inserted = [part for part in named(node) if part.type == "interpolation"]
        if inserted:
            return Opaque(tuple([self._inner(part) for part in inserted]), pos)
        parts = [part for part in named(node) if part.type in ("quoted_content", "escape_sequence")]
        return Text("".join(self.nodes.text(part) for part in parts), pos)

    def _sigil(self, node: Node) -> Expr:
        name = self.nodes.text(child_of(node, "sigil_name"))
        return self.markup(node) if name == "H" else self._string(node)

    def _tuple(self, node: Node) -> Expr:
        return Sequence(self.exprs(named(node)), self.nodes.pos(node), is_tuple=True)

    def _list(self, node: Node) -> Expr:
        """`[a, b]`, `[head | tail]`; a list of pairs is a record."""
        pos = self.nodes.pos(node)
        parts = named(node)
        if len(parts) == 1 and parts[0].type == "keywords":
            return Record(tuple(self.entries(parts)), pos)
        items: list[Expr] = []
        rest: list[Expr] = []
        for part in parts:
            if part.type == "binary_operator" and self.operator(part) == "|":
                items.append(self.expr(part.child_by_field_name("left")))
                rest.append(self.expr(part.child_by_field_name("right")))
            else:
                items.append(self.expr(part))
        whole = Sequence(tuple(items), pos)
        return Either((*rest, whole), (), pos) if rest else whole

    def entries(self, parts: list[Node]) -> list[tuple[Expr, Expr]]:
        """`a: 1`, `"a" => 1`."""
        found: list[tuple[Expr, Expr]] = []
        for part in parts:
            if part.type == "keywords":
                for pair in named(part):
                    key = self.keyword(pair.child_by_field_name("key"))
                    found.append((key, self.expr(pair.child_by_field_name("value"))))
            elif part.type == "binary_operator" and self.operator(part) == "=>":
                sides = [part.child_by_field_name(side) for side in ("left", "right")]
                found.append((self.expr(sides[0]), self.expr(sides[1])))
            else:
                found.append((Opaque((), self.nodes.pos(part)), self.expr(part)))
        return found

    def keyword(self, node: Node | None) -> Text:
        """`name:` as a key."""
        text = self.nodes.text(node).strip().removesuffix(":").strip('"')
        return Text(text, self.nodes.pos(node) if node is not None else (1, 1))

    def operator(self, node: Node) -> str:
        """The operator of a binary or unary expression."""
        return self.nodes.text(node.child_by_field_name("operator"))

    def _map(self, node: Node) -> Expr:
        """`%{…}`, `%T{…}`, `%{x | …}`, `%T{x | …}`."""
        pos = self.nodes.pos(node)
        kind = child_of(node, "struct")
        content = child_of(node, "map_content")
        parts = named(content)
        base: Node | None = None
        if len(parts) == 1 and parts[0].type == "binary_operator" and self.operator(parts[0]) == "|":
            base, update = parts[0].child_by_field_name("left"), parts[0].child_by_field_name("right")
            parts = [update] if update is not None else []
        entries = self.entries(parts)
        path = self.path(named(kind)[0]) if kind is not None and named(kind) else ""
        if path:
            fields = [Named(key.value, value, key.pos) for key, value in entries if isinstance(key, Text)]
            made = New(self.module_named(path, pos), (), tuple(fields), (), pos)
            return made if base is None else Either((made,), (self.expr(base),), pos)
        if base is None:
            return Record(tuple(entries), pos)
        return self._updated(self.expr(base), entries, pos)

    def _updated(self, base: Expr, entries: list[tuple[Expr, Expr]], pos: Pos) -> Expr:
        used = [
            Opaque((Member(base, key.value, key.pos) if isinstance(key, Text) else key, value), pos)
            for key, value in entries
        ]
        return Either((base,), tuple(used), pos)

    def _access(self, node: Node) -> Expr:
        key = self.expr(node.child_by_field_name("key"))
        return Index(self.expr(node.child_by_field_name("target")), key, key.pos)

    def _binary(self, node: Node) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator, pos = self.operator(node), self.nodes.pos(node)
        if left is None or right is None:
            return self.opaque(node)
        if operator == "|>":
            return self.piped(left, right)
        if operator == "=":
            return self.matched(left, right, pos)
        if operator in MERGING:
            return Either((self.expr(left), self.expr(right)), (), pos)
        if operator in ("&&", "and"):
            return Either((self.expr(right),), (self.expr(left),), pos)
        return Opaque((self.expr(left), self.expr(right)), pos)

    def _unary(self, node: Node) -> Expr:
        operator, pos = self.operator(node), self.nodes.pos(node)
        operands = [part for part in node.children_by_field_name("operand") if part.is_named]
        if operator == "&" and operands:
            return self._capture(operands[0], pos)
        if operator == "@" and operands and operands[0].type == "identifier":
            return self.attribute(self.nodes.text(operands[0]), pos)
        return Opaque(self.exprs(operands), pos)

    def _capture(self, node: Node, pos: Pos) -> Expr:
        """`&1`, `&(&1.a)`, `&Mod.name/2`."""
        if node.type == "integer":
            return Name(f"&{self.nodes.text(node)}", pos)
        if node.type == "binary_operator" and self.operator(node) == "/":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            count = self.nodes.text(right)
            if left is not None and count.isdecimal() and int(count) < 10:
                names = [f"&{number + 1}" for number in range(int(count))]
                called = Call(self.callee(left), tuple([Name(name, pos) for name in names]), (), pos)
                return self._function(names, called, pos)
        places = [int(found) for found in PLACE.findall(self.nodes.text(node))]
        names = [f"&{number + 1}" for number in range(max(places, default=1))]
        outer, self.known = self.known, self.known | set(names)
        value = self.expr(node)
        self.known = outer
        return self._function(names, value, pos)

    def callee(self, node: Node) -> Expr:
        """What is called, by name."""
        if node.type == "identifier":
            return self.function(self.nodes.text(node), self.nodes.pos(node))
        return self.expr(node)

    def function(self, name: str, pos: Pos) -> Expr:
        """A function by its bare name: the module's own, or one of those that are imported."""
        if name in self.own or not self.opened:
            return Name(name, pos)
        found = [Member(self.module_named(module, pos), name, pos) for module in self.opened]
        return Either((Name(name, pos), *found), (), pos)

    def _function(self, names: list[str], value: Expr, pos: Pos) -> Lambda:
        return Lambda(tuple([Parameter(name, None, pos) for name in names]), (Return((value,), pos),), pos)

    def _anonymous(self, node: Node) -> Expr:
        return self.clauses(
            [part for part in named(node) if part.type == "stab_clause"], self.nodes.pos(node)
        )

    def _keywords(self, node: Node) -> Expr:
        return Record(tuple(self.entries([node])), self.nodes.pos(node))

    def _call(self, node: Node) -> Expr:
        return self.call(node)

    def _nothing(self, node: Node) -> Expr:
        return Opaque((), self.nodes.pos(node))


_FORMS: dict[str, Callable[[Expressions, Node], Expr]] = {
    "identifier": Expressions._identifier,
    "alias": Expressions._module,
    "atom": Expressions._atom,
    "quoted_atom": Expressions._string,
    "string": Expressions._string,
    "charlist": Expressions._string,
    "sigil": Expressions._sigil,
    "tuple": Expressions._tuple,
    "list": Expressions._list,
    "map": Expressions._map,
    "keywords": Expressions._keywords,
    "access_call": Expressions._access,
    "binary_operator": Expressions._binary,
    "unary_operator": Expressions._unary,
    "anonymous_function": Expressions._anonymous,
    "call": Expressions._call,
    "dot": Expressions._call,
    "block": Expressions._inner,
    "interpolation": Expressions._inner,
    "body": Expressions._inner,
    "boolean": Expressions._nothing,
    "nil": Expressions._nothing,
}
