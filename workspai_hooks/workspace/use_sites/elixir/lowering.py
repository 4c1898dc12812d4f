"""Elixir source -> the neutral syntax tree.

A module is a Class by its full name; the clauses of a function are Blocks of one Function, which takes its
arguments by place. Aliases are resolved here: they hold in one file only. `@x` of a module is a variable of
its own, `@spec` gives a function's types.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.elixir.calls import Calls
from workspai_hooks.workspace.use_sites.elixir.expressions import LANGUAGE
from workspai_hooks.workspace.use_sites.elixir.names import declared_name
from workspai_hooks.workspace.use_sites.elixir.scopes import ASSIGNS
from workspai_hooks.workspace.use_sites.elixir.tags import code_in
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Expr,
    Function,
    Generic,
    Lambda,
    Name,
    Opaque,
    Parameter,
    Pos,
    Source,
    Stmt,
    Text,
    Variable,
)

MAIN: Pos = (1, 0)
"""Where `(main)` stands: no other function can."""
DEFINING = frozenset({"def", "defp", "defmacro", "defmacrop"})
DIRECTIVES = frozenset({"alias", "import", "use", "require"})
PASSED_OVER = frozenset(
    {*("moduledoc", "doc", "typedoc", "impl", "type", "typep", "opaque", "callback", "behaviour")}
)


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = Lowering(Nodes(data, LANGUAGE))
    body = lowering.file(lowering.nodes.root)
    return Source("elixir", "", lowering.imported(), body)


class _Module:
    """What has been found of a module so far."""

    def __init__(self) -> None:
        self.bases: list[Expr] = []
        self.fields: list[Variable] = []
        self.clauses: dict[str, list[Node]] = {}
        self.specs: dict[str, Node] = {}


class Lowering(Calls):
    """Lowers the modules of one file."""

    def file(self, root: Node) -> tuple[Stmt, ...]:
        """Modules, and what stands outside of them (scripts)."""
        rest: list[Stmt] = []
        for node in named(root):
            rest.extend(self._outside(node))
        return (*self.lifted, Function("(main)", None, (), (), tuple(rest), MAIN))

    def _outside(self, node: Node) -> Iterator[Stmt]:
        word = self.word_of(node)
        if word in ("defmodule", "defimpl", "defprotocol"):
            self._module_of(node)
        elif word in DIRECTIVES:
            self._directive(word, node, None)
        else:
            yield from self.statement(node, False)

    def statement(self, node: Node, tail: bool) -> list[Stmt]:
        """One statement; modules can stand inside of others' blocks (`describe … do`)."""
        if self.word_of(node) == "defmodule":
            self._module_of(node)
            return []
        return super().statement(node, tail)

    def _module_of(self, node: Node) -> None:
        arguments = named(child_of(node, "arguments"))
        written = self.path(arguments[0]) if arguments else ""
        if not written:
            return
        before = (self.module, self.aliases, self.opened, self.own, self.assigned)
        outer = self.module
        name = f"{outer}.{written}" if outer and not written.startswith("__MODULE__") else self.full(written)
        first = written.split(".")[0]
        if outer:
            self.aliases = {**self.aliases, first: f"{outer}.{first}"}
        inherited = self.aliases
        self.module, self.aliases, self.assigned = name, dict(self.aliases), {}
        body = named(child_of(node, "do_block"))
        self.own = frozenset(word for word, _ in self._defined(body))
        self._module_body(name, body, self.nodes.pos(arguments[0]))
        self.module, self.aliases, self.opened, self.own, self.assigned = before
        self.aliases = inherited if outer else before[1]

    def _defined(self, body: list[Node]) -> Iterator[tuple[str, Node]]:
        """Functions by name, with their heads."""
        for node in body:
            if self.word_of(node) in DEFINING:
                head = self._head(node)
                if head is not None:
                    yield self._name_of(head), head

    def _head(self, node: Node) -> Node | None:
        """`name(patterns)`, without its guard."""
        head = next(iter(named(child_of(node, "arguments"))), None)
        if head is not None and head.type == "binary_operator" and self.operator(head) == "when":
            return head.child_by_field_name("left")
        return head

    def _name_of(self, head: Node) -> str:
        return self.nodes.text(head.child_by_field_name("target") if head.type == "call" else head)

    def _module_body(self, name: str, body: list[Node], pos: Pos) -> None:
        module = _Module()
        rest: list[Stmt] = []
        self._assigns_in(body)
        for node in body:
            word = self.word_of(node)
            if word in ("defmodule", "defimpl", "defprotocol"):
                self._module_of(node)
            elif word in DEFINING:
                head = self._head(node)
                if head is not None:
                    module.clauses.setdefault(self._name_of(head), []).append(node)
            elif word in DIRECTIVES:
                self._directive(word, node, module)
            elif word == "defstruct":
                module.fields.extend(self._struct_fields(node))
            elif node.type == "unary_operator" and self.operator(node) == "@":
                self._attribute(node, module)
            else:
                rest.extend(self.statement(node, False))
        functions: list[Stmt] = [
            self._function_of(word, nodes, module.specs.get(word)) for word, nodes in module.clauses.items()
        ]
        if rest:
            functions.append(Function("(module)", None, (), (), tuple(rest), (pos[0], 0)))
        called = declared_name(name)
        self.lifted.append(Class(called, tuple(module.bases), tuple(module.fields), tuple(functions), pos))

    def _assigns_in(self, body: list[Node]) -> None:
        """Names that the module assigns somewhere: a template that stands first sees them, too."""
        for node in body:
            stack = [node]
            while stack:
                one = stack.pop()
                if one.type == "call" and self.word_of(one) in ("assign", "assign_new"):
                    for part in named(child_of(one, "arguments")):
                        if part.type == "atom":
                            self.assigned.setdefault(self.nodes.text(part).lstrip(":"))
                        elif part.type == "keywords":
                            for pair in named(part):
                                key = self.keyword(pair.child_by_field_name("key"))
                                self.assigned.setdefault(key.value)
                stack.extend(one.named_children)

    def _struct_fields(self, node: Node) -> Iterator[Variable]:
        for part in named(child_of(node, "arguments")):
            for inner in named(part) if part.type == "list" else [part]:
                if inner.type == "keywords":
                    for key, value in self.entries([inner]):
                        if isinstance(key, Text):
                            yield Variable(key.value, None, value, key.pos)
                elif inner.type == "atom":
                    key_text = self.expr(inner)
                    if isinstance(key_text, Text):
                        yield Variable(key_text.value, None, None, key_text.pos)

    def _directive(self, word: str, node: Node, module: _Module | None) -> None:
        """`alias A.{B, C}`, `alias A.B, as: C`, `import A`, `use GRPC.Server, service: S`."""
        arguments = named(child_of(node, "arguments"))
        if not arguments:
            return
        options = {
            self.keyword(pair.child_by_field_name("key")).value: pair.child_by_field_name("value")
            for part in arguments
            if part.type == "keywords"
            for pair in named(part)
        }
        written = self.path(arguments[0])
        if word == "import" and written:
            self.opened = (*self.opened, self.full(written))
        elif word == "use" and module is not None and options.get("service") is not None:
            module.bases.append(self.expr(options["service"]))
        elif word == "alias" or "as" in options:
            self._alias(arguments[0], written, self.path(options.get("as")))

    def _alias(self, node: Node, written: str, called: str) -> None:
        if written:
            self.aliases[called or written.rpartition(".")[2]] = self.full(written)
            return
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type == "dot" and right is not None and right.type == "tuple":
            for part in named(right):
                name = self.path(part)
                self.aliases[name.rpartition(".")[2]] = f"{self.full(self.path(left))}.{name}"

    def _attribute(self, node: Node, module: _Module) -> None:
        """`@name value`, `@spec f(T.t()) :: U.t()`."""
        operand = node.child_by_field_name("operand")
        if operand is None or operand.type != "call":
            return
        name, pos = self.word_of(operand), self.nodes.pos(node)
        values = named(child_of(operand, "arguments"))
        if name == "spec" and values:
            head = values[0].child_by_field_name("left")
            if head is not None and head.type == "call":
                module.specs[self._name_of(head)] = values[0]
        elif values and name not in PASSED_OVER:
            value = self.expr(values[0])
            self.lifted.append(Bind((Name(f"{self.module}@{name}", pos),), None, (value,), True, pos))

    def markup(self, node: Node) -> Expr:
        """`~H` is a template that stands in a function: its code is lowered where it stands."""
        text = child_of(node, "quoted_content")
        if text is None:
            return Opaque((), self.nodes.pos(node))
        row, column = self.nodes.pos(text)
        before = "\n" * (row - 1) + " " * (column - 1)
        inner = Lowering(Nodes((before + code_in(self.nodes.text(text))).encode(), LANGUAGE))
        inner.module, inner.aliases, inner.opened, inner.own = (
            self.module,
            self.aliases,
            self.opened,
            self.own,
        )
        inner.assigned, inner.in_markup, inner.depth = self.assigned, True, self.depth
        body = inner.statements(named(inner.nodes.root))
        self.modules.update(inner.modules)
        pos = self.nodes.pos(node)
        return Call(Lambda((), body, pos), (), (), pos)

    # -- functions

    def _function_of(self, name: str, nodes: list[Node], spec: Node | None) -> Function:
        heads = [head for head in map(self._head, nodes) if head is not None]
        arity = max(map(self._arity, heads))
        pos = self.nodes.pos(heads[0])
        types = self._spec_types(spec, arity)
        names = [f"({index})" for index in range(arity)]
        for index in range(arity):
            if all(self._is_assigns(head, index) for head in heads):
                names[index] = ASSIGNS
        outer, self.hoisted = self.hoisted, []
        blocks = [self._clause(node, names) for node in nodes]
        self.hoisted = outer
        parameters = tuple([Parameter(word, kind, pos) for word, kind in zip(names, types, strict=True)])
        return Function(name, None, parameters, (), tuple(blocks), pos)

    def _is_assigns(self, head: Node, index: int) -> bool:
        return (
            index < self._arity(head)
            and self.nodes.text(named(child_of(head, "arguments"))[index]) == ASSIGNS
        )

    def _arity(self, head: Node) -> int:
        return len(named(child_of(head, "arguments"))) if head.type == "call" else 0

    def _clause(self, node: Node, names: list[str]) -> Block:
        arguments = named(child_of(node, "arguments"))
        head = self._head(node)
        taken: list[Stmt] = []
        patterns = named(child_of(head, "arguments")) if head is not None and head.type == "call" else []
        for word, part in zip(names, patterns, strict=False):
            taken.extend(self.pattern(Name(word, self.nodes.pos(part)), part))
        taken.extend(self.guards(arguments[0] if arguments else None))
        body: list[Stmt] = []
        for plain, clauses in self.bodies(node):
            if clauses:
                body.extend(self._clauses(Name("nil", self.nodes.pos(node)), clauses, True))
            else:
                body.extend(self.statements(plain, tail=True))
        return Block((*taken, *body))

    def _spec_types(self, spec: Node | None, arity: int) -> list[Expr | None]:
        """The types of parameters as `@spec` says."""
        head = None if spec is None else spec.child_by_field_name("left")
        parts = named(child_of(head, "arguments")) if head is not None else []
        if len(parts) != arity:
            return [None] * arity
        return [self._type(part) for part in parts]

    def _type(self, node: Node) -> Expr | None:
        """`T.t()`, `[T.t()]`, `%T{}`; `name :: T.t()` names it. Others say nothing."""
        pos = self.nodes.pos(node)
        if node.type == "binary_operator" and self.operator(node) == "::":
            right = node.child_by_field_name("right")
            return None if right is None else self._type(right)
        if node.type == "list" and len(named(node)) == 1:
            inner = self._type(named(node)[0])
            return None if inner is None else Generic(Name("list", pos), (inner,), pos)
        if node.type == "map" and child_of(node, "struct") is not None:
            path = self.path(named(child_of(node, "struct"))[0])
            return self.module_named(path, pos) if path else None
        target = node.child_by_field_name("target") if node.type == "call" else node
        if target is not None and target.type == "dot":
            path = self.path(target.child_by_field_name("left"))
            if path and self.nodes.text(target.child_by_field_name("right")) == "t":
                return self.module_named(path, pos)
        return None
