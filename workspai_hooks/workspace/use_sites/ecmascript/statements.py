"""JavaScript's and TypeScript's statements -> the neutral syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.ecmascript.expressions import FUNCTIONS
from workspai_hooks.workspace.use_sites.ecmascript.jsx import Elements
from workspai_hooks.workspace.use_sites.ecmascript.patterns import ARRAYS, OBJECTS, nothing
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Do,
    Either,
    Expr,
    Function,
    Generic,
    Loop,
    Member,
    Name,
    Opaque,
    Parameter,
    Return,
    Signature,
    Stmt,
    Variable,
)


class Statements(Elements):
    """Lowers the statements of one file."""

    statements: dict[str, Callable[..., Iterator[Stmt]]]

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a block or a whole file."""
        found: list[Stmt] = []
        for child in named(node):
            found.extend(self.statement(child))
        return tuple(found)

    def statement(self, node: Node) -> list[Stmt]:
        """One statement; before it, what its expressions bind."""
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        lower = self.statements.get(node.type, Statements._other)
        found = list(lower(self, node))
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        return found

    def _other(self, node: Node) -> Iterator[Stmt]:
        """Labels, errors and the like: their statements as statements, the rest for effect."""
        for part in named(node):
            if part.type in self.statements or part.type.endswith(("_statement", "_declaration")):
                yield from self.statement(part)
            elif part.type != "statement_identifier":
                yield Do(self.expr(part))

    def _block(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node))

    def _expression(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type == "assignment_expression":
                left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
                yield from self.assigned(left, right, self.nodes.pos(part))
            elif part.type == "augmented_assignment_expression":
                target = self.expr(part.child_by_field_name("left"))
                value = self.expr(part.child_by_field_name("right"))
                yield Bind((target,), None, (value,), False, self.nodes.pos(part))
            else:
                yield Do(self.expr(part))

    def _variables(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            name = part.child_by_field_name("name")
            if part.type != "variable_declarator" or name is None:
                continue
            value = part.child_by_field_name("value")
            kind = self.annotation(part)
            pos = self.nodes.pos(name)
            if value is not None and value.type in FUNCTIONS and kind is None and name.type == "identifier":
                yield self.function_named(self.nodes.text(name), pos, value)
            elif value is not None and value.type == "class" and name.type == "identifier":
                yield from self.class_named(self.nodes.text(name), pos, value)
            elif (state := self._state(name, value)) is not None:
                yield from state
            elif (context := self._context(name, value, kind)) is not None:
                yield from context
            else:
                given = None if value is None else self.expr(value)
                if given is None and name.type in (*OBJECTS, *ARRAYS):
                    given = nothing(pos)
                yield from self.bound(name, given, kind, True)

    def class_named(self, name: str, pos: tuple[int, int], node: Node) -> Iterator[Stmt]:
        """A class under a name; those who lower declarations know how."""
        raise NotImplementedError

    def _called(self, value: Node | None) -> str:
        """What a call calls, without what it is taken from."""
        if value is None or value.type != "call_expression":
            return ""
        return self.nodes.text(value.child_by_field_name("function")).rpartition(".")[2]

    def _state(self, name: Node, value: Node | None) -> list[Stmt] | None:
        """`const [x, setX] = useState(…)`: setX is a function that gives x what it is called with."""
        if value is None or self._called(value) != "useState" or name.type != "array_pattern":
            return None
        targets = named(name)
        if len(targets) != 2 or any(target.type != "identifier" for target in targets):
            return None
        state, setter = [Name(self.nodes.text(one), self.nodes.pos(one)) for one in targets]
        kinds = self.type_arguments(value.child_by_field_name("type_arguments"))
        kind = kinds[0] if kinds else None
        args = named(value.child_by_field_name("arguments"))
        first = self.expr(args[0]) if args else nothing(state.pos)
        if args and args[0].type in FUNCTIONS:
            first = Call(first, (), (), state.pos)
        taken: Expr | None = None
        body: tuple[Stmt, ...] = (Bind((state,), None, (Name("value", setter.pos),), False, setter.pos),)
        if kind is not None:
            previous = Parameter("", kind, setter.pos)
            taken = Either((kind, Signature((previous,), (kind,), setter.pos)), (), setter.pos)
            body = ()
        parameters = (Parameter("value", taken, setter.pos),)
        return [
            Bind((state,), kind, (first,), True, state.pos),
            Function(setter.id, None, parameters, (), body, setter.pos),
        ]

    def _context(self, name: Node, value: Node | None, kind: Expr | None) -> list[Stmt] | None:
        """`const C = createContext(…)`: an object that holds what its provider is given."""
        if value is None or self._called(value) != "createContext" or name.type != "identifier":
            return None
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        kinds = self.type_arguments(value.child_by_field_name("type_arguments"))
        if not kinds and isinstance(kind, Generic):
            kinds = kind.args
        args = named(value.child_by_field_name("arguments"))
        first = self.expr(args[0]) if args else None
        held = Variable("(value)", kinds[0] if kinds else None, first, pos)
        hidden = f"({text} {pos[0]}:{pos[1]})"
        made = Call(Name(hidden, pos), (), (), pos)
        return [Class(hidden, (), (held,), (), pos), Bind((Name(text, pos),), None, (made,), True, pos)]

    def _return(self, node: Node) -> Iterator[Stmt]:
        parts = named(node)
        if parts:
            value = self.value_named("returned", self.nodes.pos(parts[0]), parts[0])
            yield Return((value,), self.nodes.pos(node))

    def _if(self, node: Node) -> Iterator[Stmt]:
        yield Do(self.expr(node.child_by_field_name("condition")))
        for field in ("consequence", "body"):
            part = node.child_by_field_name(field)
            if part is not None:
                yield Block(tuple(self.statement(part)))
        alternative = node.child_by_field_name("alternative")
        if alternative is not None:
            yield Block(self.block(alternative))

    def _for(self, node: Node) -> Iterator[Stmt]:
        body: list[Stmt] = []
        for field in ("initializer", "condition", "increment", "body"):
            part = node.child_by_field_name(field)
            if part is None:
                continue
            if part.type.endswith(("_statement", "_declaration")) or part.type == "statement_block":
                body.extend(self.statement(part))
            else:
                body.append(Do(self.expr(part)))
        yield Block(tuple(body))

    def _each(self, node: Node) -> Iterator[Stmt]:
        """`for (const x of xs)`; `in` gives names of what it loops over."""
        left = node.child_by_field_name("left")
        iterable = self.expr(node.child_by_field_name("right"))
        pos = self.nodes.pos(node)
        if any(child.type == "in" for child in node.children):
            iterable = Call(Member(Name("Object", pos), "keys", pos), (iterable,), (), pos)
        target: Expr = nothing(pos) if left is None else self.expr(left)
        opening: list[Stmt] = []
        if left is not None and left.type in (*OBJECTS, *ARRAYS):
            target = Name(f"(each {pos[0]}:{pos[1]})", pos)
            opening = list(self.bound(left, target, None, True))
        body = node.child_by_field_name("body")
        inner = [] if body is None else self.statement(body)
        yield Loop((target,), iterable, (*opening, *inner), False, pos)

    def _switch(self, node: Node) -> Iterator[Stmt]:
        subject = self.expr(node.child_by_field_name("value"))
        yield Do(subject)
        for case in named(node.child_by_field_name("body")):
            value = case.child_by_field_name("value")
            if value is not None:
                yield Do(Opaque((subject, self.expr(value)), self.nodes.pos(case)))
            inner = [one for part in case.children_by_field_name("body") for one in self.statement(part)]
            yield Block(tuple(inner))

    def _try(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node.child_by_field_name("body")))
        handler = node.child_by_field_name("handler")
        if handler is not None:
            caught = handler.child_by_field_name("parameter")
            opening: list[Stmt] = []
            if caught is not None:
                opening = list(self.bound(caught, Name("(error)", self.nodes.pos(caught)), None, True))
            yield Block((*opening, *self.block(handler.child_by_field_name("body"))))
        finalizer = node.child_by_field_name("finalizer")
        if finalizer is not None:
            yield Block(self.block(finalizer.child_by_field_name("body")))

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        return iter(())


Statements.statements = {
    "break_statement": Statements._nothing,
    "continue_statement": Statements._nothing,
    "do_statement": Statements._if,
    "empty_statement": Statements._nothing,
    "expression_statement": Statements._expression,
    "for_in_statement": Statements._each,
    "for_statement": Statements._for,
    "if_statement": Statements._if,
    "lexical_declaration": Statements._variables,
    "return_statement": Statements._return,
    "statement_block": Statements._block,
    "switch_statement": Statements._switch,
    "try_statement": Statements._try,
    "variable_declaration": Statements._variables,
    "while_statement": Statements._if,
}
