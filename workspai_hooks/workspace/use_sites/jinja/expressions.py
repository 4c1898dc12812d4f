"""Jinja's expressions -> the neutral syntax tree.

A name that the template does not bind itself is looked up in its context, a record: `context["order"]`.
Filters that take the name of an attribute (`map(attribute="x")`) become loops.
"""

from __future__ import annotations

import re

from jinja2 import nodes

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.nodes import DEEPEST
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Each,
    Either,
    Expr,
    Index,
    Member,
    Name,
    Named,
    Opaque,
    Pos,
    Record,
    Text,
)

CONTEXT = "(context)"
"""The one parameter of a template; no name in a template can be written like this."""
GLOBALS = frozenset(
    {"loop", "range", "dict", "lipsum", "cycler", "joiner", "namespace", "super", "self", "caller"}
)
FILTERING = frozenset({"selectattr", "rejectattr"})
BY_ATTRIBUTE = frozenset({"sort", "unique", "min", "max", "sum", "join", "groupby"})


class Expressions:
    """Lowers the expressions of one template; `bound` are the names that it has bound so far."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._depth = 0
        self._line = 1
        self._taken: dict[tuple[int, str], int] = {}
        self.bound: set[str] = set()
        self.macros: set[str] = set()
        self.modules: set[str] = set()
        """Names of imported templates: `{% import "m.html" as m %}`."""

    def start(self, node: nodes.Node) -> Pos:
        """The line of a node, at column 1; operands have none and stand where the last node stood."""
        line: int | None = node.lineno
        self._line = line or self._line
        return self._line, 1

    def place(self, node: nodes.Node, word: str = "") -> Pos:
        """Jinja knows lines only; the column is that of the next `.word` or `'word'` that no one took."""
        line = self.start(node)[0]
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        if not word or len(text) > 5000:
            return line, 1
        found = [match.start(1) for match in re.finditer(rf"[.'\"]\s*({re.escape(word)})(?!\w)", text)]
        index = self._taken.get((line, word), 0)
        self._taken[line, word] = index + 1
        return line, (found[min(index, len(found) - 1)] + 1) if found else 1

    def expr(self, node: nodes.Node | None) -> Expr:
        """Any expression; what has no form of its own is Opaque around its parts."""
        if node is None or self._depth > DEEPEST:
            return Opaque((), (1, 1))
        self._depth += 1
        try:
            return self._expr(node)
        finally:
            self._depth -= 1

    def _expr(self, node: nodes.Node) -> Expr:
        pos = self.start(node)
        match node:
            case nodes.Name(name=name):
                return self.name(name, pos)
            case nodes.Const(value=str() as value):
                return Text(value, self.place(node, value))
            case nodes.Getattr(node=owner, attr=attr):
                obj = self.expr(owner)
                return Member(obj, attr, self.place(node, attr))
            case nodes.Getitem(node=owner, arg=nodes.Const(value=str() as key)):
                obj = self.expr(owner)
                at = self.place(node, key)
                return Either((Member(obj, key, at), Index(obj, Text(key, at), at)), (), pos)
            case nodes.Getitem(node=owner, arg=key):
                return Index(self.expr(owner), None if isinstance(key, nodes.Slice) else self.expr(key), pos)
            case nodes.Call():
                return self._call(node, pos)
            case nodes.Filter():
                return self._filter(node, pos)
            case nodes.Test():
                return Opaque((self.expr(node.node), *map(self.expr, node.args)), pos)
            case nodes.CondExpr():
                choices = (self.expr(node.expr1), *([self.expr(node.expr2)] if node.expr2 else []))
                return Either(choices, (self.expr(node.test),), pos)
            case nodes.Or():
                return Either((self.expr(node.left), self.expr(node.right)), (), pos)
            case nodes.List() | nodes.Tuple():
                items = tuple([self.expr(item) for item in node.items])
                return syntax.Sequence(items, pos, is_tuple=isinstance(node, nodes.Tuple))
            case nodes.Dict():
                return Record(
                    tuple([(self.expr(pair.key), self.expr(pair.value)) for pair in node.items]), pos
                )
            case _:
                return Opaque(tuple([self.expr(child) for child in node.iter_child_nodes()]), pos)

    def name(self, name: str, pos: Pos) -> Expr:
        """A bound name, or an entry of the context."""
        if name in self.bound or name in GLOBALS:
            return Name(name, pos)
        return Index(Name(CONTEXT, pos), Text(name, pos), pos)

    def _call(self, node: nodes.Call, pos: Pos) -> Expr:
        args = tuple([self.expr(arg) for arg in node.args])
        named = tuple([Named(word.key, self.expr(word.value), pos) for word in node.kwargs])
        spread = [each for each in (node.dyn_args, node.dyn_kwargs) if each is not None]
        macro = self._macro(node.node)
        if macro is not None:
            numbered = [(Text(str(number), pos), arg) for number, arg in enumerate(args)]
            by_name = [(Text(word.name, pos), word.value) for word in named]
            return rendered(f"{macro}()", Record((*numbered, *by_name), pos), pos)
        fn = self.expr(node.node)
        call = Call(fn, args, named, pos)
        return Either((call,), tuple([self.expr(each) for each in spread]), pos) if spread else call

    def _macro(self, node: nodes.Node) -> str | None:
        match node:
            case nodes.Name(name=name) if name in self.macros:
                return name
            case nodes.Getattr(node=nodes.Name(name=module), attr=attr) if module in self.modules:
                return attr
            case _:
                return None

    def _filter(self, node: nodes.Filter, pos: Pos) -> Expr:
        value = self.expr(node.node)
        attribute = self._attribute(node)
        if attribute is not None and node.name == "attr":
            return self._path(value, attribute, node)
        if attribute is not None and (
            node.name in FILTERING or node.name == "map" or node.name in BY_ATTRIBUTE
        ):
            return self._each(value, attribute, node, pos)
        args = [self.expr(arg) for arg in node.args]
        args.extend(self.expr(word.value) for word in node.kwargs)
        return Call(Name(node.name, pos), (value, *args), (), pos)

    def _attribute(self, node: nodes.Filter) -> str | None:
        """The attribute that a filter is told: `map(attribute="x")`, `selectattr("x")`, `groupby("x")`."""
        for word in node.kwargs:
            if word.key == "attribute" and isinstance(word.value, nodes.Const):
                return str(word.value.value)
        first = node.args[0] if node.args else None
        takes = node.name in FILTERING or node.name in ("attr", "groupby", "sum", "sort")
        return (
            first.value if takes and isinstance(first, nodes.Const) and isinstance(first.value, str) else None
        )

    def _each(self, value: Expr, attribute: str, node: nodes.Filter, pos: Pos) -> Expr:
        item = Name("(item)", pos)
        read = self._path(item, attribute, node)
        if node.name == "map":
            return Each((((item,), value),), (), read, pos)
        whole: Expr = item
        if node.name == "groupby":
            whole = syntax.Sequence((read, syntax.Sequence((item,), pos)), pos, is_tuple=True)
        each = Each((((item,), value),), (read,), whole, pos)
        return Call(Name(node.name, pos), (each,), (), pos) if node.name in ("min", "max") else each

    def _path(self, value: Expr, dotted: str, node: nodes.Node) -> Expr:
        for part in dotted.split("."):
            value = Member(value, part, self.place(node, part))
        return value


def rendered(name: str, data: Expr, pos: Pos) -> Expr:
    """Another template, or a macro of any file, that gets `data`."""
    return Call(Name("(template)", pos), (Text(name, pos), data), (), pos)
