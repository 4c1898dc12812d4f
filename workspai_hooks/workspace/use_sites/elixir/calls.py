"""Elixir's calls -> the neutral syntax tree.

A pipe hands its left side in as the first argument. Keywords at the end are named arguments. Calls that
change, read or assign by the name of a key (`Map.get(x, :a)`, `put_in(x.a, 1)`, `assign(x, :a, 1)`) are what
they name; a call that renders a template is `(render)` of its name and all that the template sees.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.elixir.control import CONTROL, KEYWORDS, Control
from workspai_hooks.workspace.use_sites.elixir.scopes import SELF
from workspai_hooks.workspace.use_sites.nodes import child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Either,
    Expr,
    Index,
    Lambda,
    Member,
    Name,
    Named,
    Opaque,
    Pos,
    Record,
    Sequence,
    Text,
)

READING = frozenset({"get", "fetch!", "fetch", "get_lazy", "pop", "pop!", "has_key?"})
WRITING = frozenset({"put", "replace!", "replace", "update", "update!", "put_new"})
BY_KEY = frozenset({"Map", "Keyword", "Access"})
PATHS = frozenset({"get_in", "put_in", "update_in", "pop_in"})
ASSIGNING = frozenset({"assign", "assign_new"})
RENDERING = frozenset({"render", "render!"})
EVALUATING = frozenset({"EEx.eval_file", "Phoenix.Template.render_to_string"})


class Calls(Control):
    """Lowers calls."""

    def call(self, node: Node) -> Expr:
        """`name(args)`, `Mod.name(args)`, `value.name`."""
        return self.applied(node, ())

    def piped(self, left: Node, right: Node) -> Expr:
        """`left |> name(args)`."""
        value = self.expr(left)
        if right.type in ("call", "dot", "identifier"):
            return self.applied(right, (value,))
        return Opaque((value, self.expr(right)), self.nodes.pos(right))

    def applied(self, node: Node, first: tuple[Expr, ...]) -> Expr:
        """A call with what is piped in."""
        pos = self.nodes.pos(node)
        target = node.child_by_field_name("target") if node.type == "call" else node
        given = child_of(node, "arguments") if node.type == "call" else None
        if target is None:
            return Opaque(first, pos)
        if target.type == "identifier" and node.type == "call":
            word = self.nodes.text(target)
            if word in CONTROL and not first:
                return self.value_of(node)
            if word == "case" and first:
                return self._case_of(node, first[0], pos)
        args, keywords = self.arguments(given)
        args, keywords = (*first, *args), (*keywords, *self._block(node, pos))
        if target.type == "identifier":
            return self._by_word(self.nodes.text(target), args, keywords, self.nodes.pos(target), node)
        if target.type != "dot":
            return Call(self.expr(target), args, keywords, pos)
        return self._of_module(target, args, keywords, given is not None or bool(first))

    def _block(self, node: Node, pos: Pos) -> tuple[Named, ...]:
        """`test "…" do … end`: what a macro does with its block is unknown, it sees what is around it."""
        if node.type != "call" or child_of(node, "do_block") is None:
            return ()
        body = [
            Block((*self._clauses(Opaque((), pos), clauses, True), *self.statements(plain, tail=True)))
            for plain, clauses in self.bodies(node)
        ]
        return (Named("do", Lambda((), tuple(body), pos), pos),)

    def _case_of(self, node: Node, value: Expr, pos: Pos) -> Expr:
        """`value |> case do … end`."""
        subject = self.kept(value, pos)
        body = [
            Bind((subject,), None, (value,), True, pos),
            *(stmt for _, clauses in self.bodies(node) for stmt in self._clauses(subject, clauses, True)),
        ]
        return Call(Lambda((), tuple(body), pos), (), (), pos)

    def _of_module(
        self, target: Node, args: tuple[Expr, ...], keywords: tuple[Named, ...], called: bool
    ) -> Expr:
        """`Mod.name(args)`, `fun.(args)`, `value.name`."""
        left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
        pos = self.nodes.pos(right) if right is not None else self.nodes.pos(target)
        if right is None:
            return Call(self.expr(left), args, keywords, pos)
        if right.type == "alias":
            return self.module_named(self.path(target), pos)
        name = self.nodes.text(right).strip('"')
        module = self.path(left)
        if module:
            found = self._by_key(self.full(module), name, args, keywords, pos)
            if found is not None:
                return found
        member = Member(self.expr(left), name, pos)
        return Call(member, args, keywords, pos) if called else member

    def _by_key(
        self, module: str, name: str, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos
    ) -> Expr | None:
        """Functions that take the name of a key."""
        if f"{module}.{name}" in EVALUATING:
            return self._rendering(args, keywords, pos)
        if module not in BY_KEY or len(args) < 2 or not isinstance(args[1], Text):
            return None
        member = Member(args[0], args[1].value, args[1].pos)
        if name in READING:
            rest = args[2:]
            whole = Either((member, *rest), (), pos) if rest else member
            return (
                Sequence((Text("ok", pos), whole), pos, is_tuple=True) if name in ("fetch", "pop") else whole
            )
        return Either((args[0],), (Opaque((member, *args[2:]), pos),), pos) if name in WRITING else None

    def _by_word(
        self, word: str, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos, node: Node
    ) -> Expr:
        """A call without a module."""
        if word in PATHS and args:
            return self._along(word, args, pos)
        if word in ASSIGNING and args:
            return self._assigned(args, keywords, pos)
        if word in RENDERING and (word not in self.own or any(isinstance(arg, Text) for arg in args)):
            return self._rendering(args, keywords, pos)
        if word == "struct" or word == "struct!":
            return self._struct(args, keywords, pos)
        if word == "then" and len(args) == 2:
            return Call(args[1], args[:1], (), pos)
        if word == "tap" and len(args) == 2:
            return Either(args[:1], (Call(args[1], args[:1], (), pos),), pos)
        fn = self.function(word, pos)
        if node.type != "call" and not args and not keywords:
            return self.local(word, pos)
        return Call(fn, args, keywords, pos)

    def _along(self, word: str, args: tuple[Expr, ...], pos: Pos) -> Expr:
        """`get_in(x, [:a, :b])`, `put_in(x.a.b, v)`."""
        value, rest = args[0], args[1:]
        base = value
        if rest and isinstance(rest[0], Sequence):
            for key in rest[0].items:
                value = (
                    Member(value, key.value, key.pos) if isinstance(key, Text) else Index(value, key, key.pos)
                )
            rest = rest[1:]
        else:
            while isinstance(base, Member | Index):
                base = base.obj
        if word == "get_in":
            return value
        calls = tuple([Call(one, (value,), (), pos) for one in rest]) if word == "update_in" else rest
        return Either((base,), (Opaque((value, *calls), pos),), pos)

    def _struct(self, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        """`struct(Mod, a: 1)`, `struct(value, a: 1)`."""
        if not args:
            return Opaque((), pos)
        if isinstance(args[0], Name) and args[0].id in self.modules:
            return Call(args[0], args[1:], keywords, pos)
        used = [Opaque((Member(args[0], word.name, word.pos), word.value), pos) for word in keywords]
        return Either((args[0],), tuple(used), pos)

    def arguments(self, node: Node | None) -> tuple[tuple[Expr, ...], tuple[Named, ...]]:
        """Positional and named arguments."""
        args: list[Expr] = []
        keywords: list[Named] = []
        for part in named(node):
            if part.type == "keywords":
                for key, value in self.entries([part]):
                    if isinstance(key, Text) and key.value not in KEYWORDS:
                        keywords.append(Named(key.value, value, key.pos))
            else:
                args.append(self.expr(part))
        return tuple(args), tuple(keywords)

    # -- templates

    def _assigned(self, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        """`assign(socket, :order, order)`: what templates of the module see."""
        pairs = [(word.name, word.value) for word in keywords]
        if len(args) > 2 and isinstance(args[1], Text):
            pairs.append((args[1].value, args[2]))
        for part in args[1:2]:
            if isinstance(part, Record):
                pairs.extend((key.value, value) for key, value in part.entries if isinstance(key, Text))
        for name, value in pairs:
            self.assigned.setdefault(name)
            target = Member(Name(SELF, pos), f"@{name}", pos)
            self.hoisted.append(Bind((target,), None, (value,), False, pos))
        return args[0]

    def _rendering(self, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        """`render(conn, :show, order: order)`, `EEx.eval_file("mail.eex", order: order)`."""
        name = next((arg for arg in args if isinstance(arg, Text)), None)
        entries = self.surroundings(pos)
        words = list(keywords)
        for arg in args:
            if isinstance(arg, Record):
                entries.extend(arg.entries)
        for word in words:
            inner = word.value
            if word.name == "assigns" and isinstance(inner, Record):
                entries.extend(inner.entries)
            else:
                entries.append((Text(word.name, word.pos), inner))
        shown = Opaque((), pos) if name is None else Text(name.value.removesuffix(".heex"), name.pos)
        return Call(Name("(render)", pos), (shown, Record(tuple(entries), pos)), (), pos)
