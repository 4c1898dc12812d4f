"""Python source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

What Python has and the tree has not: `getattr(m, "x")` is `m.x`; a walrus binds before its statement;
`yield x` returns a list of x. A branch that may not run is a Block, though it is no scope of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.python.annotations import Annotations
from workspai_hooks.workspace.use_sites.python.expressions import LANGUAGE
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Do,
    Expr,
    Function,
    Import,
    Index,
    Loop,
    Member,
    Name,
    Opaque,
    Return,
    Sequence,
    Source,
    Stmt,
    Variable,
)


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = (kind or Declarations)(Nodes(data, LANGUAGE))
    body = lowering.block(lowering.nodes.root)
    return Source("python", "", tuple(lowering.imports), body)


class Declarations(Annotations):
    """Lowers the statements of one file and collects its imports, wherever they stand."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.imports: list[Import] = []
        self._known: set[str] = set()
        """Names that the function has bound so far, or took from outside by `global`."""

    def block(self, node: Node | None) -> tuple[Stmt, ...]:
        """The statements of a block, a clause or a whole file."""
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
        lower = _STATEMENTS.get(node.type, Declarations._other)
        found = list(lower(self, node))
        found[:0] = self.hoisted
        self.depth -= 1
        self.hoisted = outer
        return found

    def _other(self, node: Node) -> Iterator[Stmt]:
        """`del`, `raise`, `assert`, clauses, errors: their statements as statements, the rest for effect."""
        for part in named(node):
            if part.type in _STATEMENTS or part.type.endswith(("_clause", "_statement", "block")):
                yield from self.statement(part)
            else:
                yield Do(self.expr(part))

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        return iter(())

    def _import(self, node: Node) -> Iterator[Stmt]:
        for part in node.children_by_field_name("name"):
            alias = part.child_by_field_name("alias")
            path = self.nodes.text(part.child_by_field_name("name") if alias else part)
            self.imports.append(Import(path, self.nodes.text(alias) or None, (), self.nodes.pos(part)))
            self.origins[self.nodes.text(alias) or path] = path
        return iter(())

    def _import_from(self, node: Node) -> Iterator[Stmt]:
        names = []
        for part in node.children_by_field_name("name"):
            alias = part.child_by_field_name("alias")
            name = self.nodes.text(part.child_by_field_name("name") if alias else part)
            names.append((name, self.nodes.text(alias) or name))
        if child_of(node, "wildcard_import"):
            names.append(("*", "*"))
        path = "".join(self.nodes.text(node.child_by_field_name("module_name")).split())
        self.origins.update((alias, path) for _, alias in names)
        self.imports.append(Import(path, None, tuple(names), self.nodes.pos(node)))
        return iter(())

    def _global(self, node: Node) -> Iterator[Stmt]:
        self._known.update(self.nodes.text(part) for part in named(node))
        return iter(())

    def _assignment(self, node: Node) -> Iterator[Stmt]:
        """`a = b = c` is two bindings of c."""
        pos = self.nodes.pos(node)
        lefts = [node.child_by_field_name("left")]
        right = node.child_by_field_name("right")
        while right is not None and right.type == "assignment":
            lefts.append(right.child_by_field_name("left"))
            right = right.child_by_field_name("right")
        values = self._values(right) if right is not None else ()
        kind = self.type(node.child_by_field_name("type"))
        for left in lefts:
            targets = self.targets(left)
            yield Bind(targets, kind, values, self._declares(targets), pos)

    def _augmented(self, node: Node) -> Iterator[Stmt]:
        """`a += b` uses both; what a is stays what it was."""
        left = self.expr(node.child_by_field_name("left"))
        right = self.expr(node.child_by_field_name("right"))
        yield Bind((left,), None, (right,), False, self.nodes.pos(node))

    def _declares(self, targets: tuple[Expr, ...]) -> bool:
        names = {target.id for target in targets if isinstance(target, Name)}
        new = not names <= self._known
        self._known |= names
        return new

    def _values(self, node: Node) -> tuple[Expr, ...]:
        return self.exprs(named(node)) if node.type == "expression_list" else (self.expr(node),)

    def _return(self, node: Node) -> Iterator[Stmt]:
        yield Return(self.exprs(named(node)), self.nodes.pos(node))

    def _for(self, node: Node) -> Iterator[Stmt]:
        targets = self.targets(node.child_by_field_name("left"))
        self._declares(targets)
        rights = self.exprs(node.children_by_field_name("right"))
        pos = self.nodes.pos(node)
        iterable = rights[0] if len(rights) == 1 else Sequence(rights, pos)
        yield Loop(targets, iterable, self.block(node.child_by_field_name("body")), False, pos)
        yield from self.block(node.child_by_field_name("alternative"))

    def _branching(self, node: Node) -> Iterator[Stmt]:
        """`if` and `while`: the condition for its effect, then every branch."""
        condition = node.child_by_field_name("condition")
        if condition is not None:
            yield Do(self.expr(condition))
        for part in node.children_by_field_name("consequence") + node.children_by_field_name("body"):
            yield Block(self.block(part))
        for part in node.children_by_field_name("alternative"):
            yield Block(tuple(self.statement(part)))

    def _with(self, node: Node) -> Iterator[Stmt]:
        clause = child_of(node, "with_clause")
        for item in named(clause):
            yield from self._as(item.child_by_field_name("value") or item)
        yield from self.block(node.child_by_field_name("body"))

    def _as(self, node: Node) -> Iterator[Stmt]:
        """`value as target`."""
        if node.type != "as_pattern":
            yield Do(self.expr(node))
            return
        value, *rest = named(node)
        for alias in rest:
            inner = named(alias)
            targets = self.targets(inner[0] if inner else alias)
            self._declares(targets)
            yield Bind(targets, None, (self.expr(value),), True, self.nodes.pos(node))

    def _except(self, node: Node) -> Iterator[Stmt]:
        for part in named(node):
            if part.type == "block":
                yield Block(self.block(part))
            elif part.type == "as_pattern":
                kind, *alias = named(part)
                pos = self.nodes.pos(part)
                caught = Call(self.expr(kind), (), (), pos)
                yield Bind(self.exprs(alias), None, (caught,), True, pos)
            else:
                yield Do(self.expr(part))

    def _match(self, node: Node) -> Iterator[Stmt]:
        subjects = self.exprs(node.children_by_field_name("subject"))
        pos = self.nodes.pos(node)
        subject = subjects[0] if len(subjects) == 1 else Sequence(subjects, pos, is_tuple=True)
        yield Do(subject)
        for case in named(node.child_by_field_name("body")):
            body: list[Stmt] = []
            for part in named(case):
                if part.type == "case_pattern":
                    body.extend(self._pattern(subject, part))
                elif part.type == "if_clause":
                    body.append(Do(self.opaque(part)))
            yield Block((*body, *self.block(case.child_by_field_name("consequence"))))

    def _pattern(self, subject: Expr, node: Node) -> Iterator[Stmt]:
        """A case: literals are compared with the subject, `Item(id=x)` reads the attribute of an Item."""
        pos = self.nodes.pos(node)
        if node.type == "class_pattern":
            cls, *inner = named(node)
            kind = Call(self.expr(cls), (subject,), (), pos)
            yield Do(kind)
            for part in (leaf for case in inner for leaf in named(case)):
                if part.type == "keyword_pattern":
                    name, *values = named(part)
                    attribute = Member(kind, self.nodes.text(name), self.nodes.pos(name))
                    yield Do(attribute)
                    for value in values:
                        yield from self._pattern(attribute, value)
        elif node.type == "as_pattern":
            whole, *alias = named(node)
            yield from self._pattern(subject, whole)
            classes = [leaf for leaf in named(whole) if leaf.type == "class_pattern"]
            known = Call(self.expr(named(classes[0])[0]), (subject,), (), pos) if classes else subject
            for part in alias:
                yield Bind((Name(self.nodes.text(part), pos),), None, (known,), True, pos)
        elif node.type == "string":
            yield Do(Opaque((subject, self.expr(node)), pos))
        elif node.type == "dotted_name" and len(named(node)) == 1:
            yield Bind((self.expr(node),), None, (subject,), True, pos)
        elif node.type == "dotted_name":
            yield Do(self.expr(node))
        elif node.type in ("case_pattern", "union_pattern", "list_pattern", "tuple_pattern"):
            for part in named(node):
                yield from self._pattern(subject, part)

    def _function(self, node: Node) -> Iterator[Stmt]:
        yield self._function_of(node)

    def _function_of(self, node: Node, decorators: tuple[str, ...] = ()) -> Function:
        outer, self._known = self._known, set()
        parameters, defaults = self.parameters(node.child_by_field_name("parameters"))
        self._known.update(parameter.name for parameter in parameters)
        kind = self.type(node.child_by_field_name("return_type"))
        body = (*defaults, *self.block(node.child_by_field_name("body")))
        self._known = outer
        name = node.child_by_field_name("name") or node
        return Function(
            self.nodes.text(name),
            None,
            parameters,
            () if kind is None else (kind,),
            body,
            self.nodes.pos(name),
            type_parameters=self._type_parameters(node),
            decorators=decorators,
        )

    def _type_parameters(self, node: Node) -> tuple[str, ...]:
        """`class Repository[T]`, `def first[T: Base](…)`."""
        listed = named(node.child_by_field_name("type_parameters"))
        return tuple([self.nodes.text(part).split(":")[0].strip("* ") for part in listed])

    def _decorated(self, node: Node) -> Iterator[Stmt]:
        marks = []
        for part in named(node):
            if part.type == "decorator":
                yield Do(self.inner(part))
                mark = self.nodes.text(part).lstrip("@ ").split("(")[0].strip()
                marks.append("property" if mark.endswith("cached_property") else mark)
        definition = node.child_by_field_name("definition")
        if definition is not None and definition.type == "function_definition":
            yield self._function_of(definition, tuple(marks))
        elif definition is not None:
            yield from self.statement(definition)

    def _class(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        bases = [
            self.expr(part)
            for part in named(node.child_by_field_name("superclasses"))
            if part.type != "keyword_argument"
        ]
        outer, self._known = self._known, set()
        body = self.block(node.child_by_field_name("body"))
        self._known = outer
        variables = [variable for statement in body for variable in _fields_of(statement)]
        generic = self._type_parameters(node) or tuple(_generic_names(bases))
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        yield Class(text, tuple(bases), tuple(variables), body, pos, type_parameters=generic)

    def _alias(self, node: Node) -> Iterator[Stmt]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            yield Class(self.nodes.text(left), (), (), (), self.nodes.pos(left), alias=self.type(right))


def _fields_of(statement: Stmt) -> Iterator[Variable]:
    """What a class-level assignment makes a field of the class."""
    if isinstance(statement, Bind) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, Name):
            value = statement.values[0] if len(statement.values) == 1 else None
            yield Variable(target.id, statement.type, value, target.pos)


def _generic_names(bases: list[Expr]) -> Iterator[str]:
    """The type parameters that `Generic[T, U]` declares."""
    for base in bases:
        if isinstance(base, Index) and isinstance(base.obj, Name) and base.obj.id in ("Generic", "Protocol"):
            parts = base.key.parts if isinstance(base.key, Opaque) else (base.key,)
            yield from (part.id for part in parts if isinstance(part, Name))


_STATEMENTS = {
    "assignment": Declarations._assignment,
    "augmented_assignment": Declarations._augmented,
    "class_definition": Declarations._class,
    "decorated_definition": Declarations._decorated,
    "elif_clause": Declarations._branching,
    "else_clause": Declarations._branching,
    "except_clause": Declarations._except,
    "except_group_clause": Declarations._except,
    "for_statement": Declarations._for,
    "function_definition": Declarations._function,
    "future_import_statement": Declarations._nothing,
    "global_statement": Declarations._global,
    "if_statement": Declarations._branching,
    "import_from_statement": Declarations._import_from,
    "import_statement": Declarations._import,
    "match_statement": Declarations._match,
    "nonlocal_statement": Declarations._global,
    "return_statement": Declarations._return,
    "type_alias_statement": Declarations._alias,
    "while_statement": Declarations._branching,
    "with_statement": Declarations._with,
}
