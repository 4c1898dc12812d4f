"""Lowers a Go file to the neutral tree. A pure function of the file's bytes; broken syntax gives a partial
tree.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_go
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.go.expressions import Expressions, unquoted
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Class,
    Do,
    Expr,
    Function,
    Import,
    Loop,
    Name,
    Opaque,
    Parameter,
    Pos,
    Return,
    Source,
    Stmt,
)

GO = Language(tree_sitter_go.language())
COMMA_OK = frozenset({"index_expression", "type_assertion_expression", "unary_expression"})
"""With two targets these give a value and whether there was one."""


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a Go file."""
    nodes = Nodes(data, GO)
    lowering = (kind or Declarations)(nodes)
    package = ""
    imports: list[Import] = []
    body: list[Stmt] = []
    for node in named(nodes.root):
        if node.type == "package_clause":
            package = nodes.text(node.named_children[0]) if node.named_children else ""
        elif node.type == "import_declaration":
            imports.extend(_imports(nodes, node))
        else:
            body.extend(lowering.statement(node))
    return Source("go", package, tuple(imports), tuple(body))


def _imports(nodes: Nodes, declaration: Node) -> list[Import]:
    specs = child_of(declaration, "import_spec_list") or declaration
    found = []
    for spec in named(specs):
        path = spec.child_by_field_name("path")
        if spec.type != "import_spec" or path is None:
            continue
        alias = nodes.text(spec.child_by_field_name("name")) or None
        if alias == "_":
            continue
        opened = (("*", "*"),) if alias == "." else ()
        plain = None if opened else alias
        found.append(Import(unquoted(nodes.text(path)), plain, opened, nodes.pos(path)))
    return found


class Declarations:
    """Statements and declarations of one file. `_results` are the named results of the functions around."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.expressions = Expressions(nodes, self._function_body)
        self._results: list[tuple[Parameter, ...]] = []
        self._depth = 0

    def statement(self, node: Node) -> tuple[Stmt, ...]:
        """What a statement or declaration is lowered to; nothing for those without expressions."""
        lower = STATEMENTS.get(node.type)
        if lower is None:
            return self._expression(node) if node.is_named and node.type not in SILENT else ()
        if self._depth > DEEPEST:
            return ()
        self._depth += 1
        try:
            return lower(self, node)
        finally:
            self._depth -= 1

    def _body(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a block or of a case."""
        found: list[Stmt] = []
        for child in named(node):
            parts = named(child) if child.type == "statement_list" else [child]
            for part in parts:
                found.extend(self.statement(part))
        return tuple(found)

    def _block(self, node: Node) -> tuple[Stmt, ...]:
        return (Block(self._body(node)),)

    def _expression(self, node: Node) -> tuple[Stmt, ...]:
        """An expression for its effect; also `go`, `defer`, `x++`, and what the parser could not make out."""
        parts = named(node) if node.type in UNWRAPPED else [node]
        return tuple(Do(self.expressions.expr(part)) for part in parts)

    def _send(self, node: Node) -> tuple[Stmt, ...]:
        """`ch <- x` puts x among the elements of ch."""
        channel, value = node.child_by_field_name("channel"), node.child_by_field_name("value")
        if channel is None or value is None:
            return self._expression(node)
        pos = self.nodes.pos(node)
        target = self.expressions.index_of(self.expressions.expr(channel), pos)
        return (Bind((target,), None, (self.expressions.expr(value),), False, pos),)

    def _assign(self, node: Node) -> tuple[Stmt, ...]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return ()
        operator = node.child_by_field_name("operator")
        if operator is not None and self.nodes.text(operator) != "=":
            both = (*self.expressions.exprs(left), *self.expressions.exprs(right))
            return (Do(Opaque(both, self.nodes.pos(node))),)
        declares = node.type == "short_var_declaration"
        return self._binds(self.expressions.exprs(left), None, right, declares, self.nodes.pos(node))

    def _binds(
        self, targets: tuple[Expr, ...], kind: Expr | None, right: Node | None, declares: bool, pos: Pos
    ) -> tuple[Stmt, ...]:
        """One Bind; `v, ok := m[k]` gives v the value and ok none of it."""
        values = self.expressions.exprs(right)
        only = named(right)[0] if right is not None and len(named(right)) == 1 else None
        if len(targets) == 2 and len(values) == 1 and only is not None and only.type in COMMA_OK:
            there = Bind(targets[1:], None, (Name("true", pos),), declares, pos)
            return (Bind(targets[:1], kind, values, declares, pos), there)
        return (Bind(targets, kind, values, declares, pos),)

    def _variables(self, node: Node) -> tuple[Stmt, ...]:
        """`var` and `const`, alone or in a group."""
        found: list[Stmt] = []
        for spec in named(child_of(node, "var_spec_list") or node):
            names = tuple(self.expressions.name(n) for n in spec.children_by_field_name("name"))
            kind = self.expressions.optional(spec.child_by_field_name("type"))
            if names:
                value = spec.child_by_field_name("value")
                found.extend(self._binds(names, kind, value, True, self.nodes.pos(spec)))
        return tuple(found)

    def _if(self, node: Node) -> tuple[Stmt, ...]:
        """`if`, `else if` and `else` in a scope of their own; a long chain is walked, not recursed into."""
        found: list[Stmt] = []
        at: Node | None = node
        while at is not None and at.type == "if_statement":
            found.extend(self._initializer(at))
            condition = at.child_by_field_name("condition")
            if condition is not None:
                found.append(Do(self.expressions.expr(condition)))
            then = at.child_by_field_name("consequence")
            if then is not None:
                found.append(Block(self._body(then)))
            at = at.child_by_field_name("alternative")
        if at is not None:
            found.append(Block(self._body(at)))
        return (Block(tuple(found)),)

    def _initializer(self, node: Node) -> tuple[Stmt, ...]:
        first = node.child_by_field_name("initializer")
        return () if first is None else self.statement(first)

    def _for(self, node: Node) -> tuple[Stmt, ...]:
        body = self._body(node.child_by_field_name("body"))
        ranged = child_of(node, "range_clause")
        if ranged is not None:
            return self._range(ranged, body)
        clause = child_of(node, "for_clause")
        if clause is None:
            parts = [part for part in named(node) if part.type != "block"]
            return (Block((*(Do(self.expressions.expr(part)) for part in parts), Block(body))),)
        before = self._initializer(clause)
        condition, update = clause.child_by_field_name("condition"), clause.child_by_field_name("update")
        tested = () if condition is None else (Do(self.expressions.expr(condition)),)
        after = () if update is None else self.statement(update)
        return (Block((*before, *tested, Block(body), *after)),)

    def _range(self, clause: Node, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        right = clause.child_by_field_name("right")
        if right is None:
            return (Block(body),)
        targets = self.expressions.exprs(clause.child_by_field_name("left"))
        return (Loop(targets, self.expressions.expr(right), body, True, self.nodes.pos(clause)),)

    def _switch(self, node: Node) -> tuple[Stmt, ...]:
        found = list(self._initializer(node))
        value = node.child_by_field_name("value")
        if value is not None:
            found.append(Do(self.expressions.expr(value)))
        for case in named(node):
            if case.type in ("expression_case", "default_case"):
                tests = self.expressions.exprs(case.child_by_field_name("value"))
                found.extend(Do(test) for test in tests)
                found.append(Block(self._case_body(case)))
        return (Block(tuple(found)),)

    def _type_switch(self, node: Node) -> tuple[Stmt, ...]:
        """In a case of one type the alias has this type, elsewhere the type of the value."""
        found = list(self._initializer(node))
        operand = node.child_by_field_name("value")
        value = Opaque((), self.nodes.pos(node)) if operand is None else self.expressions.expr(operand)
        found.append(Do(value))
        aliases = self.expressions.exprs(node.child_by_field_name("alias"))
        for case in named(node):
            if case.type not in ("type_case", "default_case"):
                continue
            types = tuple(self.expressions.expr(t) for t in case.children_by_field_name("type"))
            pos = self.nodes.pos(case)
            before: list[Stmt] = [Do(kind) for kind in types]
            if aliases:
                one = types[0] if len(types) == 1 and not _is_nil(types[0]) else None
                values = () if one else (value,)
                before.append(Bind(aliases, one, values, True, pos))
            found.append(Block((*before, *self._case_body(case))))
        return (Block(tuple(found)),)

    def _select(self, node: Node) -> tuple[Stmt, ...]:
        found: list[Stmt] = []
        for case in named(node):
            communication = case.child_by_field_name("communication")
            first = () if communication is None else self.statement(communication)
            found.append(Block((*first, *self._case_body(case))))
        return tuple(found)

    def _receive(self, node: Node) -> tuple[Stmt, ...]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if right is None:
            return ()
        pos = self.nodes.pos(node)
        targets = self.expressions.exprs(left)
        value = self.expressions.expr(right)
        if not targets:
            return (Do(value),)
        return (Bind(targets[:1], None, (value,), any(c.type == ":=" for c in node.children), pos),)

    def _case_body(self, case: Node) -> tuple[Stmt, ...]:
        found: list[Stmt] = []
        for part in named(case):
            if part.type == "statement_list":
                found.extend(self._body(part))
        return tuple(found)

    def _labeled(self, node: Node) -> tuple[Stmt, ...]:
        return tuple(s for part in named(node)[1:] for s in self.statement(part))

    def _return(self, node: Node) -> tuple[Stmt, ...]:
        """A bare `return` returns the named results."""
        pos = self.nodes.pos(node)
        parts = named(node)
        if parts:
            return (Return(self.expressions.exprs(parts[0]), pos),)
        results = self._results[-1] if self._results else ()
        return (Return(tuple(Name(p.name, pos) for p in results if p.name), pos),)

    def _function_body(self, node: Node, result: Node | None) -> tuple[Stmt, ...]:
        """A body; named results are declared at its beginning."""
        results: tuple[Parameter, ...] = ()
        if result is not None and result.type == "parameter_list":
            results = tuple(p for p in self.expressions.parameters(result) if p.name)
        declared = tuple(Bind((Name(p.name, p.pos),), p.type, (), True, p.pos) for p in results)
        self._results.append(results)
        try:
            return (*declared, *self._body(node.child_by_field_name("body")))
        finally:
            self._results.pop()

    def _function(self, node: Node) -> tuple[Stmt, ...]:
        name, result = node.child_by_field_name("name"), node.child_by_field_name("result")
        if name is None:
            return ()
        receivers = self.expressions.parameters(node.child_by_field_name("receiver"))
        function = Function(
            self.nodes.text(name),
            receivers[0] if receivers else None,
            self.expressions.parameters(node.child_by_field_name("parameters")),
            self.expressions.results(result),
            self._function_body(node, result),
            self.nodes.pos(name),
            type_parameters=self._type_parameters(node),
        )
        return (function,)

    def _type_parameters(self, node: Node) -> tuple[str, ...]:
        listed = node.child_by_field_name("type_parameters")
        names = (n for part in named(listed) for n in part.children_by_field_name("name"))
        return tuple(self.nodes.text(name) for name in names)

    def _types(self, node: Node) -> tuple[Stmt, ...]:
        return tuple(self._type(spec) for spec in named(node) if spec.child_by_field_name("type") is not None)

    def _type(self, spec: Node) -> Class:
        name, kind = spec.child_by_field_name("name"), spec.child_by_field_name("type")
        assert kind is not None
        word = self.nodes.text(name)
        pos = self.nodes.pos(name or spec)
        generic = self._type_parameters(spec)
        if kind.type == "struct_type":
            bases, variables = self.expressions.members(kind)
            return Class(word, bases, variables, (), pos, type_parameters=generic)
        if kind.type == "interface_type":
            bases, methods = self._interface(kind)
            return Class(word, bases, (), methods, pos, type_parameters=generic)
        return Class(word, (), (), (), pos, self.expressions.expr(kind), generic)

    def _interface(self, node: Node) -> tuple[tuple[Expr, ...], tuple[Stmt, ...]]:
        """Embedded interfaces and methods; what constrains type parameters only is left out."""
        bases: list[Expr] = []
        methods: list[Stmt] = []
        for part in named(node):
            if part.type == "method_elem":
                methods.extend(self._function(part))
            elif part.type == "type_elem" and len(named(part)) == 1:
                bases.append(self.expressions.expr(named(part)[0]))
        return tuple(bases), tuple(methods)


def _is_nil(kind: Expr) -> bool:
    return isinstance(kind, Name) and kind.id == "nil"


UNWRAPPED = frozenset(
    {"expression_statement", "go_statement", "defer_statement", "inc_statement", "dec_statement", "ERROR"}
)
SILENT = frozenset(
    {"break_statement", "continue_statement", "goto_statement", "fallthrough_statement", "empty_statement"}
)
STATEMENTS: dict[str, Callable[[Declarations, Node], tuple[Stmt, ...]]] = {
    "block": Declarations._block,
    "statement_list": Declarations._body,
    "short_var_declaration": Declarations._assign,
    "assignment_statement": Declarations._assign,
    "var_declaration": Declarations._variables,
    "const_declaration": Declarations._variables,
    "type_declaration": Declarations._types,
    "function_declaration": Declarations._function,
    "method_declaration": Declarations._function,
    "if_statement": Declarations._if,
    "for_statement": Declarations._for,
    "expression_switch_statement": Declarations._switch,
    "type_switch_statement": Declarations._type_switch,
    "select_statement": Declarations._select,
    "receive_statement": Declarations._receive,
    "send_statement": Declarations._send,
    "labeled_statement": Declarations._labeled,
    "return_statement": Declarations._return,
}
