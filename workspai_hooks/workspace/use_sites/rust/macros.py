"""Rust's macros: their tokens are read as the arguments of a call, as statements, or piece by piece.

tree-sitter leaves what stands in `name!(…)` as tokens. Most macros of services take Rust expressions there
(`format!`, `vec!`, `assert_eq!`, `info!`, `join!`, `json!`) or statements (`select!`, `stream!`), so their
text is parsed once more, at the place where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_rust
from tree_sitter import Language, Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.rust.expressions import Expressions
from workspai_hooks.workspace.use_sites.syntax import Call, Expr, Name, Opaque, Pos, Text

LANGUAGE = Language(tree_sitter_rust.language())

LISTS = frozenset({"vec", "smallvec", "btreeset", "hashset", "set"})
TUPLES = frozenset({"join", "try_join"})
MATCHES = frozenset({"matches", "assert_matches", "debug_assert_matches"})
FORMATS = frozenset(
    {
        *("format", "print", "println", "eprint", "eprintln", "write", "writeln", "panic", "dbg", "anyhow"),
        *("trace", "debug", "info", "warn", "error", "bail", "event", "span", "info_span", "debug_span"),
        *("format_args", "unreachable", "todo", "ensure", "log"),
    }
)
_HELD = regex(r"(?<!\{)\{([A-Za-z_]\w*)(?::[^}]*)?\}")
"""A name inside a format string: `{item:?}`."""
_LABEL = regex(rb"\s*(?:[A-Za-z_][\w.]*\s*(?:=(?![=>])|:(?!:))|\"[^\"]*\"\s*(?:=>|:|=))?\s*[?%]?")
"""What stands before a value in logging and JSON macros: `name = %`, `"name": `."""


class Macros(Expressions):
    """Lowers macros."""

    def macro(self, node: Node) -> Expr:
        """What a macro's tokens say, as far as they are Rust."""
        word = self.nodes.text(node.child_by_field_name("macro")).rpartition("::")[2]
        tokens = child_of(node, "token_tree")
        pos = self.nodes.pos(node)
        if tokens is None or len(tokens.children) <= 2 or self.depth > DEEPEST // 2:
            return Opaque((), pos)
        args = self._arguments(word, tokens)
        if word in LISTS:
            return syntax.Sequence(args, pos)
        if word in TUPLES:
            return syntax.Sequence(args, pos, is_tuple=True)
        if word in FORMATS:
            return Call(Name("format!", pos), (*args, *_in_text(args)), (), pos)
        return Call(Name(f"{word}!", pos), args, (), pos)

    def _arguments(self, word: str, tokens: Node) -> tuple[Expr, ...]:
        at = self.nodes.pos(tokens)
        text = self.nodes.text(tokens)[1:-1].encode()
        start = (at[0], at[1] + 1)
        if word in MATCHES:
            return self._matches(text, tokens, start)
        if word in LISTS and b";" in text:
            text = text.replace(b";", b",", 1)
        read = self._parsed(b"fn f(){g(", text, b")}", start)
        if read is not None:
            return tuple(self._in(read, _call_arguments))
        read = self._parsed(b"async fn f(){", text, b"\n}", start)
        if read is not None:
            body = self._in(read, _function_body)
            return tuple(body)
        return tuple(self._pieces(tokens))

    def _in(self, nodes: Nodes, path: tuple[str, ...]) -> Iterator[Expr]:
        """The expressions in a text of its own, which stands inside this one."""
        outer, self.nodes = self.nodes, nodes
        node: Node | None = nodes.root
        for kind in path:
            node = None if node is None else _descend(node, kind)
        if node is not None and node.type == "block":
            yield self._called(self.block(node), self.nodes.pos(node))
        else:
            yield from [self.expr(part) for part in named(node) if part.type != "attribute_item"]
        self.nodes = outer

    def _parsed(self, before: bytes, text: bytes, after: bytes, at: Pos) -> Nodes | None:
        """A text between others, parsed; None where it is no Rust. Its positions are those in the file."""
        nodes = Nodes(before + b"\n" + b" " * (at[1] - 1) + text + after, LANGUAGE)
        if nodes.root.has_error:
            return None
        nodes.shift(at[0] - 2, 0)
        return nodes

    def _matches(self, text: bytes, tokens: Node, at: Pos) -> tuple[Expr, ...]:
        """`matches!(value, pattern)`."""
        comma = next((part for part in tokens.children if part.type == ","), None)
        if comma is None:
            return ()
        cut = comma.start_byte - tokens.start_byte - 1
        rest = text[cut + 1 :].rstrip().rstrip(b",")
        line, column = self.nodes.pos(comma)
        value = self._parsed(b"fn f(){g(", text[:cut], b")}", at)
        arms = self._parsed(b"fn f(){match x {", rest, b"=>{}}}", (line, column + 1))
        found = [] if value is None else list(self._in(value, _call_arguments))
        if arms is None or not found:
            return tuple(found)
        outer, self.nodes = self.nodes, arms
        arm = _descend(arms.root, "match_arm")
        read = () if arm is None else tuple(self.arm(arm, found[0]))
        self.nodes = outer
        pos = self.nodes.pos(tokens)
        return (*found, self._called(read, pos))

    def _pieces(self, tokens: Node) -> Iterator[Expr]:
        """Each part between commas (or arrows) by itself, without the label before it."""
        if self.depth > DEEPEST // 2:
            return
        self.depth += 1
        for piece in _split(tokens):
            start, end = piece[0].start_byte, piece[-1].end_byte
            base = tokens.start_byte
            text = self.nodes.text(tokens).encode()[start - base : end - base]
            line, column = self.nodes.pos(piece[0])
            label = _LABEL.match(text)
            skipped = 0 if label is None else label.end()
            if b"\n" in text[:skipped]:
                skipped = 0
            for cut in dict.fromkeys((0, skipped)):
                at = (line, column + len(text[:cut].decode("utf-8", "replace")))
                read = self._parsed(b"fn f(){g(", text[cut:], b")}", at)
                if read is not None:
                    yield from self._in(read, _call_arguments)
                    break
            else:
                for part in piece:
                    if part.type == "token_tree":
                        yield from self._pieces(part)
        self.depth -= 1


_call_arguments = ("call_expression", "arguments")
_function_body = ("function_item", "block")


def _descend(node: Node, kind: str) -> Node | None:
    """The first node of a kind, from the outside in."""
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        if one.type == kind:
            return one
        waiting.extend(one.named_children)
    return None


def _split(tokens: Node) -> list[list[Node]]:
    """The tokens between the brackets, by commas, semicolons and arrows."""
    pieces: list[list[Node]] = [[]]
    for part in tokens.children[1:-1]:
        if part.type in (",", ";", "=>"):
            pieces.append([])
        else:
            pieces[-1].append(part)
    return [piece for piece in pieces if piece]


def _in_text(args: tuple[Expr, ...]) -> list[Expr]:
    """The names that format strings among the arguments hold."""
    texts = [arg for arg in args if isinstance(arg, Text)]
    return [Name(word, text.pos) for text in texts for word in _HELD.findall(text.value)]
