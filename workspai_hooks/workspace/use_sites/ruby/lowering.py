"""Ruby source -> the neutral syntax tree.

Classes, modules, methods and constants are lifted to the top by their full names (`Shop::Api::Cart`): a
module can be opened again anywhere. What is left of the file is the body of a function that is called
`(main)`. The value of a method is that of its last statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, named
from workspai_hooks.workspace.use_sites.ruby.expressions import LANGUAGE
from workspai_hooks.workspace.use_sites.ruby.patterns import Patterns
from workspai_hooks.workspace.use_sites.ruby.scopes import BLOCK
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Class,
    Do,
    Either,
    Expr,
    Function,
    Import,
    Loop,
    Name,
    Opaque,
    Parameter,
    Pos,
    Return,
    Sequence,
    Source,
    Stmt,
    Text,
    Variable,
)

MAIN: Pos = (1, 0)
"""Where `(main)` stands: no other function can."""
REQUIRING = frozenset({"require", "require_relative", "load", "autoload"})
MIXING = frozenset({"include", "extend", "prepend", "helpers"})
ACCESSORS = frozenset({"attr_reader", "attr_accessor", "attr_writer"})
RECORDS = frozenset({("Struct", "new"), ("Data", "define")})


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = Lowering(Nodes(data, LANGUAGE))
    body = lowering.statements(named(lowering.nodes.root))
    return Source("ruby", "", lowering.imported(), (*lowering.declared(), _main(body)))


def _main(body: tuple[Stmt, ...]) -> Function:
    return Function("(main)", None, (), (), body, MAIN)


class Lowering(Patterns):
    """Lowers the statements of one file."""

    def __init__(self, nodes: Nodes, in_template: bool = False) -> None:
        super().__init__(nodes, in_template)
        self.mixed: tuple[Expr, ...] = ()
        """What the file mixes into every object."""
        self._bases: list[Expr] = []
        self._methods: list[Stmt] | None = None
        """The methods of the class that is being lowered."""

    def imported(self) -> tuple[Import, ...]:
        """What the file requires, and the constants that it names."""
        named_ = [Import(key, None, (), self.constants[key]) for key in sorted(self.constants)]
        return (*self.imports, *named_)

    def declared(self) -> tuple[Stmt, ...]:
        """Lifted declarations, and the variables that are seen from everywhere."""
        shared = [Bind((Name(name, pos),), None, (), False, pos) for name, pos in sorted(self.shared.items())]
        everything = [Class("Object", self.mixed, (), (), MAIN)] if self.mixed else []
        return (*everything, *shared, *self.lifted)

    def statements(self, nodes: list[Node], tail: bool = False) -> tuple[Stmt, ...]:
        """Statements in order; `tail`: the last one's value is returned."""
        found: list[Stmt] = []
        for index, node in enumerate(nodes):
            found.extend(self._statement(node, tail and index == len(nodes) - 1))
        return tuple(found)

    def _statement(self, node: Node, tail: bool) -> list[Stmt]:
        if self.depth > DEEPEST:
            return []
        outer, self.hoisted = self.hoisted, []
        self.depth += 1
        lower = _STATEMENTS.get(node.type)
        found = list(lower(self, node, tail)) if lower else self._value(node, tail)
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        return found

    def _value(self, node: Node, tail: bool) -> list[Stmt]:
        value = self.expr(node)
        return [Return((value,), self.nodes.pos(node)) if tail else Do(value)]

    def _body(self, node: Node | None, tail: bool) -> tuple[Stmt, ...]:
        """The statements of a body; one statement alone may stand for it."""
        if node is None:
            return ()
        if node.type in ("body_statement", "then", "do", "else", "block_body", "begin", "ensure"):
            return self.statements(named(node), tail)
        return self.statements([node], tail)

    # -- assignments

    def _assignment(self, node: Node, tail: bool) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if left.type in ("constant", "scope_resolution"):
            yield from self._constant_bound(left, right, pos)
            return
        target = self.target(left)
        values = self.exprs(named(right)) if right.type == "right_assignment_list" else (self.expr(right),)
        targets = target.items if isinstance(target, Sequence) else (target,)
        yield Bind(targets, None, values, self.declares(targets), pos)
        if left.type == "element_reference":
            yield Do(self.expr(left))
        if tail:
            yield Return((self.expr(left) if len(targets) == 1 else Opaque((), pos),), pos)

    def _augmented(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """`a ||= b`, `a += b`: what a is stays what it was, or is b."""
        pos = self.nodes.pos(node)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        target, value = self.target(left), self.expr(right)
        yield Do(self.expr(left))
        yield Bind((target,), None, (value,), self.declares((target,)), pos)
        if tail:
            yield Return((Either((self.expr(left), value), (), pos),), pos)

    def _constant_bound(self, left: Node, right: Node, pos: Pos) -> Iterator[Stmt]:
        """A constant is a name of the whole project; a Struct is a class."""
        name = self.full(self.constant_path(left))
        made = self._record_class(name, right, pos)
        if made is not None:
            self.lifted.append(made)
            return
        yield from ()
        outer, self.hoisted = self.hoisted, []
        value = self.expr(right)
        self.lifted.extend(self.hoisted)
        self.hoisted = outer
        self.lifted.append(Bind((Name(name, pos),), None, (value,), True, pos))

    def _record_class(self, name: str, node: Node, pos: Pos) -> Class | None:
        """`Struct.new(:a, :b) do … end`, `Data.define(:a)`."""
        if node.type != "call":
            return None
        made = (
            self.nodes.text(node.child_by_field_name("receiver")),
            self.nodes.text(node.child_by_field_name("method")),
        )
        if made not in RECORDS:
            return None
        words = [self.expr(part) for part in named(node.child_by_field_name("arguments"))]
        fields = tuple([Variable(w.value, None, None, w.pos) for w in words if isinstance(w, Text)])
        block = node.child_by_field_name("block")
        inner = None if block is None else block.child_by_field_name("body")
        body = self._inside(name, inner)
        return Class(name, (), fields, body, pos)

    # -- branches and loops

    def _if(self, node: Node, tail: bool) -> Iterator[Stmt]:
        condition = node.child_by_field_name("condition")
        if condition is not None:
            yield Do(self.expr(condition))
        for word in ("consequence", "alternative"):
            branch = node.child_by_field_name(word)
            if branch is not None:
                inner = (
                    tuple(self._statement(branch, tail))
                    if branch.type == "elsif"
                    else self._body(branch, tail)
                )
                yield Block(inner)

    def _modified(self, node: Node, tail: bool) -> Iterator[Stmt]:
        yield Do(self.expr(node.child_by_field_name("condition")))
        yield Block(self._body(node.child_by_field_name("body"), tail))

    def _while(self, node: Node, tail: bool) -> Iterator[Stmt]:
        yield Do(self.expr(node.child_by_field_name("condition")))
        yield Block(self._body(node.child_by_field_name("body"), False))

    def _for(self, node: Node, tail: bool) -> Iterator[Stmt]:
        pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
        if pattern is None:
            return
        target = self.target(pattern)
        targets = target.items if isinstance(target, Sequence) else (target,)
        self.declares(targets)
        iterable = self._first(value)
        body = self._body(node.child_by_field_name("body"), False)
        yield Loop(targets, iterable, body, False, self.nodes.pos(node))

    def _first(self, node: Node | None) -> Expr:
        parts = named(node)
        return self.expr(parts[0] if parts else node)

    def _case(self, node: Node, tail: bool) -> Iterator[Stmt]:
        value = node.child_by_field_name("value")
        subject = Opaque((), self.nodes.pos(node)) if value is None else self.expr(value)
        yield Do(subject)
        for part in named(node):
            if part.type == "when":
                tests = [
                    one
                    for pattern in part.children_by_field_name("pattern")
                    for one in self.compared(subject, pattern)
                ]
                yield Block((*tests, *self._body(part.child_by_field_name("body"), tail)))
            elif part.type == "in_clause":
                yield Block(self._clause(subject, part, tail))
            elif part.type == "else":
                yield Block(self._body(part, tail))

    def _clause(self, subject: Expr, node: Node, tail: bool) -> tuple[Stmt, ...]:
        pattern = node.child_by_field_name("pattern")
        taken = list(self.pattern(subject, pattern)) if pattern is not None else []
        guard = node.child_by_field_name("guard")
        if guard is not None:
            taken.append(Do(self.opaque(guard)))
        return (*taken, *self._body(node.child_by_field_name("body"), tail))

    def _matched(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """`item => {quantity:}`."""
        pattern = node.child_by_field_name("pattern")
        subject = self.expr(node.child_by_field_name("value"))
        if pattern is not None:
            yield from self.pattern(subject, pattern)

    def _begin(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """A body with `rescue`, `else` and `ensure`."""
        parts = named(node)
        clauses = [part for part in parts if part.type in ("rescue", "else", "ensure")]
        plain = [part for part in parts if part not in clauses]
        yield from self.statements(plain, tail)
        for clause in clauses:
            if clause.type == "rescue":
                yield Block(self._rescue(clause, tail))
            else:
                yield Block(self._body(clause, tail and clause.type == "else"))

    def _rescue(self, node: Node, tail: bool) -> tuple[Stmt, ...]:
        found: list[Stmt] = []
        caught = node.child_by_field_name("exceptions")
        kinds = self.exprs(named(caught))
        found.extend(Do(kind) for kind in kinds)
        for name in named(node.child_by_field_name("variable")):
            target = self.target(name)
            found.append(self.bound(target, Opaque((), self.nodes.pos(name)), self.nodes.pos(name)))
        return (*found, *self._body(node.child_by_field_name("body"), tail))

    def _return(self, node: Node, tail: bool) -> Iterator[Stmt]:
        pos = self.nodes.pos(node)
        values = self.exprs([part for each in named(node) for part in named(each)])
        whole = values if len(values) < 2 else (Sequence(values, pos, is_tuple=True),)
        yield Return(whole, pos)

    # -- declarations

    def _class(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """A class or a module, by its full name."""
        yield from ()
        word = node.child_by_field_name("name")
        path = self.constant_path(word)
        parent = node.child_by_field_name("superclass")
        bases = [self.expr(part) for part in named(parent)] if parent is not None else []
        name = self.full(path) if not path.startswith("::") else path.removeprefix("::")
        pos = self.nodes.pos(word or node)
        body = node.child_by_field_name("body")
        outer, self._bases = self._bases, bases
        inner = self._inside(name, body)
        bases, self._bases = self._bases, outer
        fields = [Variable(word, None, None, pos) for word in sorted(self._accessors(body))]
        self.lifted.append(Class(name, tuple(bases), tuple(fields), inner, pos))

    def _inside(self, name: str, body: Node | None) -> tuple[Stmt, ...]:
        """The methods of a class; what its body does besides is lifted into a function of its own."""
        outer = (self.nest, self.known, self.attributes, self.instance, self.in_class)
        held, self.lifted = self.lifted, []
        self.nest, self.known, self.instance, self.in_class = tuple(name.split("::")), set(), {}, True
        self.attributes = frozenset(self._accessors(body))
        methods: list[Stmt] = []
        before, self._methods = self._methods, methods
        rest = self.statements(named(body))
        self._methods = before
        held.extend(self.lifted)
        self.lifted = held
        self.nest, self.known, self.attributes, self.instance, self.in_class = outer
        if rest and body is not None:
            methods.append(Function("(class)", None, (), (), rest, self.nodes.pos(body)))
        return tuple(methods)

    def _accessors(self, body: Node | None) -> Iterator[str]:
        """Names that accessors (`attr_reader :x`) make of instance variables."""
        own = {
            self.nodes.text(part.child_by_field_name("name")) for part in named(body) if part.type == "method"
        }
        for part in named(body):
            if part.type == "call" and self.nodes.text(part.child_by_field_name("method")) in ACCESSORS:
                for word in named(part.child_by_field_name("arguments")):
                    name = self.nodes.text(word).strip(":\"'")
                    if name not in own:
                        yield name

    def _singleton(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """`class << self`: its methods are the class's own."""
        yield from self.statements(named(node.child_by_field_name("body")))

    def _method(self, node: Node, tail: bool) -> Iterator[Stmt]:
        yield from ()
        function = self._function_of(node)
        if self._methods is None:
            self.lifted.append(function)
        else:
            self._methods.append(function)

    def _function_of(self, node: Node) -> Function:
        word = node.child_by_field_name("name") or node
        name = self.nodes.text(word)
        outer = (self.known, self.method, self.hoisted)
        self.known, self.method, self.hoisted = set(), "__init__" if name == "initialize" else name, []
        written, opening = self.parameters(node.child_by_field_name("parameters"))
        if BLOCK not in [parameter.name for parameter in written]:
            written = (*written, Parameter(BLOCK, None, self.nodes.pos(node)))
        body = node.child_by_field_name("body")
        inner = self._begin(body, True) if body is not None and body.type == "body_statement" else None
        statements = tuple(inner) if inner is not None else self._body(body, True)
        method = self.method
        self.known, self.method, self.hoisted = outer
        return Function(method, None, written, (), (*opening, *statements), self.nodes.pos(word))

    def parameters(self, node: Node | None) -> tuple[tuple[Parameter, ...], tuple[Stmt, ...]]:
        """Parameters, and the defaults of them as statements that open the body."""
        found: list[Parameter] = []
        opening: list[Stmt] = []
        for part in named(node):
            pos = self.nodes.pos(part)
            if part.type == "destructured_parameter":
                name = f"({len(found)})"
                target = self.target(part)
                items = target.items if isinstance(target, Sequence) else (target,)
                self.declares(items)
                opening.append(Bind(items, None, (Name(name, pos),), True, pos))
                found.append(Parameter(name, None, pos))
                continue
            word = part if part.type == "identifier" else part.child_by_field_name("name")
            name = self.nodes.text(word)
            self.known.add(name)
            if part.type == "block_parameter":
                found.append(Parameter(BLOCK, None, pos))
                opening.append(Bind((Name(name, pos),), None, (Name(BLOCK, pos),), True, pos))
                continue
            found.append(Parameter(name, None, pos, part.type == "splat_parameter"))
            default = part.child_by_field_name("value")
            if default is not None and default.type != "nil":
                opening.append(Bind((Name(name, pos),), None, (self.expr(default),), False, pos))
        return tuple(found), tuple(opening)

    def _called(self, node: Node, tail: bool) -> Iterator[Stmt]:
        """A call as a statement: some declare something."""
        word = self.nodes.text(node.child_by_field_name("method"))
        bare = node.child_by_field_name("receiver") is None
        arguments = named(node.child_by_field_name("arguments"))
        if bare and word in REQUIRING and arguments:
            self._require(word, arguments)
            return
        if bare and word in MIXING and arguments and all(self.constant_path(part) for part in arguments):
            self._mix([self.expr(part) for part in arguments])
            return
        if bare and word in ACCESSORS:
            return
        if bare and arguments and arguments[0].type in ("method", "singleton_method"):
            yield from self.statements(arguments)
            return
        yield from self._value(node, tail)

    def _mix(self, modules: list[Expr]) -> None:
        if self._methods is None:
            self.mixed = (*self.mixed, *modules)
        else:
            self._bases.extend(modules)

    def _require(self, word: str, arguments: list[Node]) -> None:
        path = self.expr(arguments[-1])
        if isinstance(path, Text):
            relative = "./" if word == "require_relative" else ""
            self.imports.append(Import(f"{relative}{path.value}", None, (), path.pos))

    def _alias(self, node: Node, tail: bool) -> Iterator[Stmt]:
        return iter(())


_STATEMENTS: dict[str, Callable[[Lowering, Node, bool], Iterator[Stmt]]] = {
    "assignment": Lowering._assignment,
    "operator_assignment": Lowering._augmented,
    "if": Lowering._if,
    "elsif": Lowering._if,
    "unless": Lowering._if,
    "if_modifier": Lowering._modified,
    "unless_modifier": Lowering._modified,
    "while_modifier": Lowering._modified,
    "until_modifier": Lowering._modified,
    "while": Lowering._while,
    "until": Lowering._while,
    "for": Lowering._for,
    "case": Lowering._case,
    "case_match": Lowering._case,
    "match_pattern": Lowering._matched,
    "test_pattern": Lowering._matched,
    "begin": Lowering._begin,
    "body_statement": Lowering._begin,
    "return": Lowering._return,
    "next": Lowering._return,
    "break": Lowering._return,
    "class": Lowering._class,
    "module": Lowering._class,
    "singleton_class": Lowering._singleton,
    "method": Lowering._method,
    "singleton_method": Lowering._method,
    "call": Lowering._called,
    "alias": Lowering._alias,
}
