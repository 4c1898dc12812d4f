"""Python's annotations -> types of the neutral syntax tree."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, named
from workspai_hooks.workspace.use_sites.python.expressions import LANGUAGE, Expressions, literal
from workspai_hooks.workspace.use_sites.syntax import (
    Either,
    Expr,
    Generic,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Signature,
)

TYPING = frozenset(
    {
        *("builtins", "typing", "typing_extensions", "t", "collections", "collections.abc", "abc", "asyncio"),
        *(
            "contextlib",
            "concurrent.futures",
            "dataclasses",
            "google.protobuf.internal.containers",
            "containers",
        ),
    }
)
"""Where containers and wrappers come from; a message may be called `List`, too."""
LISTS = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "AbstractSet", "deque", "KeysView"),
        *("Sequence", "MutableSequence", "Collection", "Iterable", "Iterator", "Generator", "ValuesView"),
        *("AsyncIterable", "AsyncIterator", "AsyncGenerator"),
        *("RepeatedCompositeFieldContainer", "RepeatedScalarFieldContainer", "RepeatedComposite"),
    }
)
MAPS = frozenset(
    {
        *("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "DefaultDict"),
        *("MessageMap", "ScalarMap"),
    }
)
TUPLES = frozenset({"tuple", "Tuple"})
WRAPPERS = frozenset(
    {
        *("Optional", "Awaitable", "Coroutine", "Future", "Task", "ContextManager", "AsyncContextManager"),
        *("ClassVar", "Final", "Annotated", "Required", "NotRequired", "ReadOnly", "InitVar"),
    }
)
"""Annotations that are dropped; what they wrap is their first argument, but Coroutine's last."""


class Annotations(Expressions):
    """Lowers what stands behind `:` and `->`. `origins`: imported names and their modules."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.origins: dict[str, str] = {}

    def type(self, node: Node | None) -> Expr | None:
        """An annotation: lists and maps become Generic, wrappers such as Optional vanish."""
        if node is None or self.depth > DEEPEST:
            return None
        self.depth += 1
        try:
            return self._type(node)
        finally:
            self.depth -= 1

    def _type(self, node: Node) -> Expr | None:
        pos = self.nodes.pos(node)
        if node.type in ("type", "parenthesized_expression"):
            parts = named(node)
            return self.type(parts[0]) if parts else None
        if node.type == "none":
            return None
        if node.type == "string":
            return self._quoted(node)
        if node.type in ("union_type", "binary_operator"):
            choices = [kind for part in named(node) if (kind := self.type(part)) is not None]
            return choices[0] if len(choices) == 1 else Either(tuple(choices), (), pos) if choices else None
        if node.type == "generic_type":
            base, *rest = named(node)
            arguments = [each for part in rest for each in named(part)]
        elif node.type == "subscript":
            base, *arguments = named(node)
        elif node.type == "member_type":
            base, name, *_ = [*named(node), node]
            return Member(self.type(base) or Opaque((), pos), self.nodes.text(name), self.nodes.pos(name))
        else:
            plain = self.expr(node)
            return self._generic(plain, [], pos) if self._word(plain) in LISTS | MAPS | TUPLES else plain
        return self._generic(self.expr(base), arguments, pos)

    def _generic(self, base: Expr, arguments: list[Node], pos: Pos) -> Expr | None:
        word = self._word(base)
        if word == "Literal":
            return None
        if word in WRAPPERS:
            return self.type(arguments[-1 if word == "Coroutine" else 0]) if arguments else None
        if word == "Union":
            choices = [kind for part in arguments if (kind := self.type(part)) is not None]
            return Either(tuple(choices), (), pos)
        if word == "Callable" and arguments:
            return self._callable(arguments, pos)
        kinds = tuple([self.type(part) or Opaque((), pos) for part in arguments if part.type != "ellipsis"])
        if word in TUPLES:
            endless = len(kinds) < max(len(arguments), 1)
            return Generic(Name("list" if endless else "tuple", pos), kinds, pos)
        if word in LISTS:
            return Generic(Name("list", pos), kinds[:1], pos)
        if word in MAPS:
            return Generic(Name("map", pos), kinds, pos)
        return Generic(base, kinds, pos)

    def _callable(self, arguments: list[Node], pos: Pos) -> Expr:
        """`Callable[[A, B], R]`."""
        taken = named(arguments[0]) if arguments[0].type in ("list", "type") else []
        if len(taken) == 1 and taken[0].type == "list":
            taken = named(taken[0])
        result = self.type(arguments[1]) if len(arguments) > 1 else None
        parameters = [Parameter("", self.type(part), self.nodes.pos(part)) for part in taken]
        return Signature(tuple(parameters), () if result is None else (result,), pos)

    def _quoted(self, node: Node) -> Expr | None:
        """`"pb.Item"`: a forward reference; its parts stand where the string stands."""
        text = literal(self.nodes.text(node))
        if not text or len(text) > 500 or "\n" in text:
            return None
        inner = Nodes(text.encode(), LANGUAGE)
        lines, columns = self.nodes.pos(node)
        inner.shift(lines - 1, columns)
        statement = next(iter(named(inner.root)), None)
        value = next(iter(named(statement)), None)
        nested = Annotations(inner)
        nested.depth = self.depth
        nested.origins = self.origins
        return nested.type(value)

    def _word(self, base: Expr) -> str:
        """The name of a container or wrapper; empty for the same name out of another module."""
        match base:
            case Name(word):
                return word if self.origins.get(word, "typing") in TYPING else ""
            case Member(Name(module), word):
                return word if self.origins.get(module, module) in TYPING else ""
            case Member(Member(Name(package), module), word):
                return word if f"{package}.{module}" in TYPING else ""
            case _:
                return ""
