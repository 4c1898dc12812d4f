"""Calls in JavaScript and TypeScript -> the neutral syntax tree.

Some say by their names or arguments what they take and give: `require("x")`, `.on("data", f)`,
`reduce(f, start)`, `.pipe(map(f))`, `new Promise((resolve) => …)`, `useContext(C)`.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites import syntax
from workspai_hooks.workspace.use_sites.ecmascript.expressions import FUNCTIONS, Expressions
from workspai_hooks.workspace.use_sites.ecmascript.patterns import nothing
from workspai_hooks.workspace.use_sites.nodes import named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Either,
    Expr,
    Generic,
    Import,
    Member,
    Name,
    Opaque,
    Pos,
)

MAPPING = frozenset({"map", "switchMap", "mergeMap", "concatMap", "exhaustMap", "flatMap"})
"""Operators of RxJS that go on with what their function gives."""
TOGETHER = frozenset({"all", "allSettled", "race", "any", "forkJoin"})


class Calls(Expressions):
    """Lowers the calls of one file."""

    def _call(self, node: Node) -> Expr:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        pos = self.nodes.pos(node)
        if function is None or arguments is None or arguments.type != "arguments":
            return self.opaque(node)
        module = self._module(function, arguments)
        if module is not None:
            return module
        word = self.nodes.text(function)
        if word == "super":
            fn: Expr = Member(self.word(function), "__init__", self.nodes.pos(function))
        elif word.rpartition(".")[2] == "useContext" and named(arguments):
            return Member(self.expr(named(arguments)[0]), "(value)", pos)
        elif word in self.settling:
            kept = self.exprs(named(arguments))
            self.hoisted.append(Bind((self.settling[word],), None, kept[:1], False, pos))
            return Opaque(kept[1:], pos)
        else:
            fn = self.expr(function)
        types = node.child_by_field_name("type_arguments")
        if types is not None:
            fn = Generic(fn, self.type_arguments(types), pos)
        return self._special(fn, named(arguments), pos) or Call(fn, self._arguments(fn, arguments), (), pos)

    def _arguments(self, fn: Expr, node: Node) -> tuple[Expr, ...]:
        together = (fn.name if isinstance(fn, Member) else getattr(fn, "id", "")) in TOGETHER
        found = []
        for part in named(node):
            value = self.inner(part) if part.type == "spread_element" else self.expr(part)
            if together and isinstance(value, syntax.Sequence):
                value = syntax.Sequence(value.items, value.pos, is_tuple=True)
            found.append(value)
        return tuple(found)

    def _module(self, function: Node, arguments: Node) -> Expr | None:
        """`require("x")`, `import("x")`."""
        parts = named(arguments)
        word = self.nodes.text(function)
        if (
            word not in ("require", "import", "require.resolve")
            or len(parts) != 1
            or parts[0].type != "string"
        ):
            return None
        path, pos = self.nodes.text(parts[0])[1:-1], self.nodes.pos(parts[0])
        alias = f"{word} {path}"
        if all(imported.alias != alias for imported in self.imports):
            self.imports.append(Import(path, alias, (), pos))
        return Name(alias, pos)

    def _special(self, fn: Expr, args: list[Node], pos: Pos) -> Expr | None:
        """Calls whose arguments say what the function is."""
        if not isinstance(fn, Member) or not args:
            return None
        if fn.name in ("on", "once", "addListener") and len(args) == 2 and args[0].type == "string":
            event = self.nodes.text(args[0])[1:-1]
            return Call(Member(fn.obj, f"on {event}", fn.pos), (self.expr(args[1]),), (), pos)
        if (
            fn.name in ("reduce", "reduceRight") and len(args) == 2
        ):  # what it starts with decides what it takes
            return Call(Member(fn.obj, "reduce from", fn.pos), self.exprs(reversed(args)), (), pos)
        if fn.name == "pipe" and all(one.type == "call_expression" for one in args):
            return self._piped(fn.obj, args)
        return None

    def _piped(self, value: Expr, operators: list[Node]) -> Expr:
        """`x.pipe(map(f), tap(g))` of RxJS is `x.then(f)`, and then what it was."""
        for operator in operators:
            function = operator.child_by_field_name("function")
            word = self.nodes.text(function).rpartition(".")[2]
            pos = self.nodes.pos(operator)
            args = self.exprs(named(operator.child_by_field_name("arguments")))
            if word in MAPPING:
                value = Call(Member(value, "then", pos), args, (), pos)
            elif args and word in ("tap", "filter", "first", "takeWhile", "find"):
                value = Either((value,), (Call(Member(value, "finally then", pos), args, (), pos),), pos)
            elif args:
                value = Either((value,), (self.expr(function), *args), pos)
        return value

    def _new(self, node: Node) -> Expr:
        constructor = node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        types = node.child_by_field_name("type_arguments")
        pos = self.nodes.pos(node)
        args = named(arguments)
        if self.nodes.text(constructor) == "Promise" and args and args[0].type in FUNCTIONS:
            return self._promise(args[0], types, pos)
        fn = self.expr(constructor)
        if types is not None:
            fn = Generic(fn, self.type_arguments(types), pos)
        return Call(fn, () if arguments is None else self._arguments(fn, arguments), (), pos)

    def _promise(self, executor: Node, types: Node | None, pos: Pos) -> Expr:
        """`new Promise((resolve, reject) => …)` is a variable that keeps what `resolve` is called with."""
        parameters, _ = self.parameters(executor)
        holder = Name(f"(promise {pos[0]}:{pos[1]})", pos)
        kinds = self.type_arguments(types)
        start = () if kinds else (nothing(pos),)
        self.hoisted.append(Bind((holder,), kinds[0] if kinds else None, start, True, pos))
        self.executing = {parameters[0].name: holder} if parameters else {}
        body = self.expr(executor)
        self.hoisted.append(syntax.Do(Call(body, (), (), pos)))
        return holder


Calls.forms = {
    **Expressions.forms,
    "call_expression": Calls._call,
    "new_expression": Calls._new,
}
