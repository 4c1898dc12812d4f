"""Ruby's calls -> the neutral syntax tree.

A call without arguments is a Member: infer calls what it finds (the dialect's `calls_bare`). `X.new(…)` is a
Call of X, a block is the named argument `&`; `dig`, `fetch`, `public_send` are what they name; a call that
renders a template is `(render)` of its name and all that the template sees.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.ruby.expressions import Expressions
from workspai_hooks.workspace.use_sites.ruby.scopes import BLOCK
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Either,
    Expr,
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
    Text,
)

RENDERING = frozenset({"erb", "render", "haml", "slim", "render_to_string", "partial"})
INSIDE = frozenset({"render", "partial"})
"""Called by a template, these render a partial."""
SENDING = frozenset({"send", "public_send", "__send__"})
ASKING = frozenset({"respond_to?", "instance_variable_get"})
PATHS = frozenset({"join", "expand_path", "new", "read"})
TEMPLATE_FILES = (".erb", ".rhtml")


class Calls(Expressions):
    """Lowers calls."""

    method = ""
    """The method that is being lowered."""

    def call(self, node: Node) -> Expr:
        """`obj.name(args) { block }`, `name args`, `yield x`, `super x`, `list << x`."""
        pos = self.nodes.pos(node)
        if node.type == "binary":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            return Call(Member(self.expr(left), "<<", pos), (self.expr(right),), (), pos)
        if node.type == "yield":
            args, keywords = self._arguments(named(node)[:1])
            return Call(Name(BLOCK, pos), args, keywords, pos)
        if node.type == "super":
            return Call(Member(Name("base", pos), self.method, pos), (), (), pos)
        return self._of_method(node, pos)

    def _of_method(self, node: Node, pos: Pos) -> Expr:
        word = node.child_by_field_name("method")
        receiver = node.child_by_field_name("receiver")
        name = self.nodes.text(word)
        given = node.child_by_field_name("arguments")
        args, keywords = self._arguments([given] if given is not None else [])
        keywords += self._block(node)
        at = self.nodes.pos(word) if word is not None else pos
        if word is not None and word.type == "super":
            return Call(Member(Name("base", pos), self.method, pos), args, keywords, pos)
        if receiver is None:
            return self._of_self(name, args, keywords, at)
        found = self._by_name(receiver, name, args, keywords, at)
        if found is not None:
            return found
        fn: Expr = Member(self.expr(receiver), name, at) if name else self.expr(receiver)
        return Call(fn, args, keywords, at) if args or keywords or not name else fn

    def _of_self(self, name: str, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        """A call without a receiver: of the object's own methods, or of Ruby's."""
        if name in RENDERING:
            return self._rendering(args, keywords, pos, inside=self.in_template and name in INSIDE)
        if name in ("lambda", "proc") and keywords:
            return keywords[0].value
        if name == "method" and args and isinstance(args[0], Text):
            return Name(args[0].value, args[0].pos)
        return Call(Name(name, pos), args, keywords, pos)

    def _by_name(
        self, receiver: Node, name: str, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos
    ) -> Expr | None:
        """Calls that are not what they look like."""
        first = args[0] if args else None
        if name in PATHS and receiver.type != "identifier":
            files = [arg for arg in args if isinstance(arg, Text) and arg.value.endswith(TEMPLATE_FILES)]
            if files and name != "read":
                return files[-1]
        if name == "new":
            return self._made(receiver, args, keywords, pos)
        if name in SENDING and isinstance(first, Text):
            sent = Member(self.expr(receiver), first.value.rstrip("="), first.pos)
            return Call(sent, args[1:], keywords, pos) if args[1:] or keywords else sent
        if name in ASKING and isinstance(first, Text):
            return Opaque((Member(self.expr(receiver), first.value.lstrip("@"), first.pos),), pos)
        if name == "to_json" or (name == "to_proc" and not args):
            return Call(Name(f"({name})", pos), (self.expr(receiver), *args), (), pos)
        if name in ("fetch", "dig") and first is not None:
            return self._dug(self.expr(receiver), args if name == "dig" else args[:1], keywords, pos)
        return None

    def _dug(self, value: Expr, keys: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        for key in keys:
            value = Index(value, key, key.pos)
        return Either((value,), tuple([word.value for word in keywords]), pos) if keywords else value

    def _made(self, receiver: Node, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos) -> Expr:
        """A new object; one that is described by a hash literal has its keys as named arguments."""
        kind = self.expr(receiver)
        if isinstance(kind, Name) and kind.id.endswith(">OpenStruct"):
            given = [
                (Text(word.name, word.pos), word.value) for word in keywords if word.name not in ("**", BLOCK)
            ]
            more = [(Opaque((), pos), one) for one in args]
            more += [(Opaque((), pos), word.value) for word in keywords if word.name == "**"]
            return Record((*given, *more), pos)
        return Call(kind, args, keywords, pos)

    def _arguments(self, lists: list[Node]) -> tuple[tuple[Expr, ...], tuple[Named, ...]]:
        """Positional and named arguments; `"a" => 1` with a string is a named one, too."""
        args: list[Expr] = []
        keywords: list[Named] = []
        for part in (part for each in lists for part in named(each)):
            pos = self.nodes.pos(part)
            if part.type in ("pair", "hash_splat_argument"):
                ((key, value),) = self.entries([part])
                name = key.value if isinstance(key, Text) else "**"
                keywords.append(Named(name, value, key.pos if isinstance(key, Text) else pos))
            elif part.type == "block_argument":
                keywords.append(Named(BLOCK, self._passed(part, pos), pos))
            elif part.type == "splat_argument":
                args.append(self.opaque(part))
            else:
                args.append(self.expr(part))
        return tuple(args), tuple(keywords)

    def _passed(self, node: Node, pos: Pos) -> Expr:
        """`&:name` is a block that calls it, `&block` is what was given."""
        value = self.expr(named(node)[0]) if named(node) else Name(BLOCK, pos)
        if not isinstance(value, Text):
            return value
        each = Member(Name("(each)", pos), value.value, value.pos)
        return Lambda((Parameter("(each)", None, pos),), (Return((each,), pos),), pos)

    def _block(self, node: Node) -> tuple[Named, ...]:
        block = node.child_by_field_name("block")
        if block is None:
            return ()
        return (Named(BLOCK, self.function_literal(block, None), self.nodes.pos(block)),)

    # -- templates

    def _rendering(self, args: tuple[Expr, ...], keywords: tuple[Named, ...], pos: Pos, inside: bool) -> Expr:
        """`erb :x, locals: {…}`, `render "x", order: o`, `render partial: "x", collection: xs, as: :y`."""
        by_name = {word.name: word.value for word in keywords}
        name: Expr | None = args[0] if args else by_name.get("template", by_name.get("action"))
        partial = by_name.get("partial")
        if isinstance(partial, Text) or (inside and isinstance(name, Text)):
            name = _partial(partial if isinstance(partial, Text) else name)
        elif "json" in by_name:
            return Call(Name("(to_json)", pos), (by_name["json"],), (), pos)
        locals_ = by_name.get("locals", args[1] if len(args) > 1 else None)
        given = [
            (Text(word.name, word.pos), word.value) for word in keywords if word.name not in _RENDER_OPTIONS
        ]
        entries = [*self.instance_entries(pos), *given, *self._collected(name, by_name, pos)]
        if isinstance(locals_, Record):
            entries.extend(locals_.entries)
        elif locals_ is not None:
            entries.append((Opaque((), pos), locals_))
        shown = name if name is not None else Text(self.method, pos)
        return Call(Name("(render)", pos), (shown, Record(tuple(entries), pos)), (), pos)

    def _collected(self, name: Expr | None, by_name: dict[str, Expr], pos: Pos) -> list[tuple[Expr, Expr]]:
        """A partial that is rendered for each of a collection, or for one object, has it by its own name."""
        held = by_name.get("object")
        if held is None and "collection" in by_name:
            held = Call(Member(by_name["collection"], "first", pos), (), (), pos)
        if held is None:
            return []
        called = by_name.get("as")
        words = name.value.rsplit("/", 1)[-1].lstrip("_").split(".")[0] if isinstance(name, Text) else ""
        return [(Text(called.value if isinstance(called, Text) else words, pos), held)]


_RENDER_OPTIONS = frozenset(
    {
        *("locals", "partial", "layout", "status", "template", "action", "collection", "as", "object"),
        *("formats", "content_type", "views", "layout_engine", "layout_options", "scope", "**", BLOCK),
    }
)


def _partial(name: Expr | None) -> Expr | None:
    """Files of partials begin with an underscore."""
    if not isinstance(name, Text):
        return name
    folder, slash, word = name.value.rpartition("/")
    return Text(f"{folder}{slash}{word if word.startswith('_') else f'_{word}'}", name.pos)
