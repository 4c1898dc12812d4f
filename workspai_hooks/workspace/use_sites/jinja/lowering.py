"""Jinja templates -> the neutral syntax tree, by Jinja's own parser.

A template is a Function without a name (what lowers a file does not know it), with its context as parameter;
each macro is one named `name()`, whose arguments come as a record too. A block stands where it is written; a
base template and an included one are rendered with the same context. A file that can't be parsed has no
functions, so that what it is given counts as out of sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.jinja.expressions import CONTEXT, Expressions, rendered
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, utf8
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Do,
    Either,
    Expr,
    Function,
    Index,
    Loop,
    Name,
    Opaque,
    Parameter,
    Pos,
    Record,
    Sequence,
    Source,
    Stmt,
    Text,
)

LANGUAGE = "jinja"
EXTENSIONS = ["jinja2.ext.do", "jinja2.ext.i18n", "jinja2.ext.loopcontrols"]
MOST_UNKNOWN_TAGS = 40
"""Tags of an application's own extensions (or of Django) that are passed over in one file."""
UNKNOWN_TAG = regex(r"Encountered unknown tag '(\w+)'")


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises."""
    text = utf8(data).decode("utf-8", "replace").replace("\r\n", "\n")
    try:
        tree = _parsed(text)
        lowering = _Template(text)
        body = lowering.block(tree.body if tree is not None else [])
    except RecursionError:
        return Source(LANGUAGE, "", (), ())
    if tree is None:
        return Source(LANGUAGE, "", (), ())
    whole = Function("", None, (Parameter(CONTEXT, None, (1, 1)),), (), body, (1, 1))
    return Source(LANGUAGE, "", (), (whole, *lowering.functions))


def _parsed(text: str) -> nodes.Template | None:
    """Jinja's own tree; tags that it does not know are blanked out, one kind after the other."""
    environment = Environment(extensions=EXTENSIONS)
    for _ in range(MOST_UNKNOWN_TAGS):
        try:
            return environment.parse(text)
        except TemplateSyntaxError as error:
            tag = UNKNOWN_TAG.match(error.message or "")
            if tag is None:
                return None
            text = re.sub(rf"\{{%[-+]?\s*{tag[1]}\b[^%]*%\}}", _blank, text)
    return None


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


class _Template(Expressions):
    """Lowers the statements of one template; `functions` are its macros."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.functions: list[Function] = []

    def block(self, body: list[nodes.Node]) -> tuple[Stmt, ...]:
        """Statements in order; what they bind stays bound."""
        found: list[Stmt] = []
        for node in body:
            if self._depth <= DEEPEST:
                self._depth += 1
                found.extend(self._statement(node))
                self._depth -= 1
        return tuple(found)

    def _statement(self, node: nodes.Node) -> Iterator[Stmt]:
        pos = self.start(node)
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        yield Do(self.expr(part))
            case nodes.For():
                yield from self._for(node, pos)
            case nodes.If():
                yield Do(self.expr(node.test))
                yield from self.block([*node.body, *node.elif_, *node.else_])
            case nodes.Assign():
                value = self.expr(node.node)
                yield Bind(self._targets(node.target), None, (value,), True, pos)
            case nodes.With():
                for target, given in zip(node.targets, node.values, strict=False):
                    value = self.expr(given)
                    yield Bind(self._targets(target), None, (value,), True, pos)
                yield from self.block(node.body)
            case nodes.Macro():
                self._macro_function(node, pos)
            case nodes.Extends() | nodes.Include():
                yield Do(rendered(_text(node.template), self._everything(pos), pos))
            case nodes.Import() | nodes.FromImport():
                self._import(node)
            case nodes.CallBlock():
                yield Do(self.expr(node.call))
                yield from self.block(node.body)
            case _:
                yield from self._other(node)

    def _other(self, node: nodes.Node) -> Iterator[Stmt]:
        """Blocks, filter blocks, scopes: statements inside as statements, the rest for effect."""
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Stmt):
                yield from self._statement(child)
            else:
                yield Do(self.expr(child))

    def _for(self, node: nodes.For, pos: Pos) -> Iterator[Stmt]:
        iterable = self.expr(node.iter)
        before = set(self.bound)
        targets = self._targets(node.target)
        test = (Do(self.expr(node.test)),) if node.test is not None else ()
        body = self.block(node.body)
        self.bound = before
        yield Loop(targets, iterable, (*test, *body), False, pos)
        yield from self.block(node.else_)

    def _targets(self, node: nodes.Node) -> tuple[Expr, ...]:
        """The names that an assignment or a loop binds."""
        pos = self.start(node)
        match node:
            case nodes.Name(name=name):
                self.bound.add(name)
                return (Name(name, pos),)
            case nodes.Tuple(items=items):
                return tuple([_single(self._targets(item), pos) for item in items])
            case _:
                return (Opaque((), pos),)

    def _macro_function(self, node: nodes.Macro, pos: Pos) -> None:
        """Arguments stand in a record, by name or by position."""
        self.macros.add(node.name)
        outer, self.bound = self.bound, set()
        opening: list[Stmt] = []
        given = Name(CONTEXT, pos)
        for number, argument in enumerate(node.args):
            places = [Index(given, Text(key, pos), pos) for key in (argument.name, str(number))]
            self.bound.add(argument.name)
            opening.append(
                Bind((Name(argument.name, pos),), None, (Either(tuple(places), (), pos),), True, pos)
            )
        body = (*opening, *self.block(node.body))
        self.bound = outer
        own = (pos[0], len(self.functions) + 2)  # functions are told apart by their places
        self.functions.append(
            Function(f"{node.name}()", None, (Parameter(CONTEXT, None, pos),), (), body, own)
        )

    def _import(self, node: nodes.Import | nodes.FromImport) -> None:
        if isinstance(node, nodes.Import):
            self.modules.add(node.target)
            return
        for name in node.names:
            self.macros.add(name[1] if isinstance(name, tuple) else name)

    def _everything(self, pos: Pos) -> Expr:
        """The context with what is bound here: an included template sees both."""
        context = (Opaque((), pos), Name(CONTEXT, pos))
        return Record((context, *[(Text(name, pos), Name(name, pos)) for name in sorted(self.bound)]), pos)


def _single(targets: tuple[Expr, ...], pos: Pos) -> Expr:
    return targets[0] if len(targets) == 1 else Sequence(targets, pos, is_tuple=True)


def _text(node: nodes.Node) -> str:
    """The name of a template, where it is written."""
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""
