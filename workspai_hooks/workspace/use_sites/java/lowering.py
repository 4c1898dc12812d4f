"""Java source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

`import a.b.C;` is Import("a.b.C"), `import a.b.*;` and `import static a.b.C.*;` are Import(path, names=(("*",
"*"),)): the naming tells them apart. A constructor is a Function named `__init__`.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_java
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.java.statements import Statements
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Call,
    Class,
    Do,
    Expr,
    Function,
    Import,
    Member,
    Name,
    Parameter,
    Pos,
    Return,
    Source,
    Stmt,
    Variable,
)

LANGUAGE = Language(tree_sitter_java.language())

GETTERS = frozenset({"Data", "Value", "Getter"})
"""Lombok's annotations that make getters of fields."""


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = (kind or Declarations)(Nodes(data, LANGUAGE))
    body = lowering.block(lowering.nodes.root)
    types = tuple([statement for statement in body if isinstance(statement, Class)])
    loose = tuple([statement for statement in body if not isinstance(statement, Class)])
    main = (Function("(main)", None, (), (), loose, (1, 1)),) if loose else ()
    return Source("java", lowering.package, tuple(lowering.imports), (*types, *main))


class Declarations(Statements):
    """Lowers the declarations of one file and collects its imports."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.imports: list[Import] = []
        self.package = ""

    def _package(self, node: Node) -> Iterator[Stmt]:
        parts = [part for part in named(node) if part.type in ("scoped_identifier", "identifier")]
        self.package = "".join(self.nodes.text(parts[-1]).split()) if parts else ""
        yield from ()

    def _import(self, node: Node) -> Iterator[Stmt]:
        target = child_of(node, "scoped_identifier", "identifier")
        if target is not None:
            path = "".join(self.nodes.text(target).split())
            names = (("*", "*"),) if child_of(node, "asterisk") is not None else ()
            self.imports.append(Import(path, None, names, self.nodes.pos(target)))
        yield from ()

    # -- classes

    def _class(self, node: Node) -> Iterator[Stmt]:
        """Classes, interfaces, records, annotations."""
        name = node.child_by_field_name("name") or node
        bases = [self.type(each) for part in named(node) for each in self._bases(part)]
        known = tuple([base for base in bases if base is not None])
        components = self.parameters(node.child_by_field_name("parameters"))
        fields = [Variable(each.name, each.type, None, each.pos) for each in components]
        body: list[Stmt] = [_reader(each) for each in components]
        if components:
            body.append(Function("__init__", None, components, (), (), self.nodes.pos(name)))
        self._members(node.child_by_field_name("body"), fields, body)
        if GETTERS & self._annotations(node):
            body.extend(_getters(fields, body))
        yield Class(
            self.nodes.text(name),
            known,
            tuple(fields),
            tuple(body),
            self.nodes.pos(name),
            type_parameters=self._type_parameters(node),
        )

    def _bases(self, node: Node) -> list[Node]:
        if node.type == "superclass":
            return named(node)
        if node.type in ("super_interfaces", "extends_interfaces"):
            return [each for part in named(node) for each in named(part)]
        return []

    def _annotations(self, node: Node) -> set[str]:
        listed = named(child_of(node, "modifiers"))
        return {self.nodes.text(each.child_by_field_name("name")) for each in listed}

    def _members(self, node: Node | None, fields: list[Variable], body: list[Stmt]) -> None:
        """What stands in a class's braces."""
        for part in named(node):
            if part.type in ("field_declaration", "constant_declaration"):
                outer, self.hoisted = self.hoisted, []
                fields.extend(self._fields(part))
                body.extend(self._initializing(part))
                self.hoisted = outer
            elif part.type == "enum_body_declarations":
                self._members(part, fields, body)
            else:
                body.extend(self.statement(part))

    def _initializing(self, node: Node) -> list[Stmt]:
        """What a field's value needs: classes without names stay in the class, the rest runs once."""
        classes: list[Stmt] = [each for each in self.hoisted if isinstance(each, Class)]
        rest = tuple([each for each in self.hoisted if not isinstance(each, Class)])
        at = self.nodes.pos(node)
        return [*classes, Function("(init)", None, (), (), rest, at)] if rest else classes

    def _fields(self, node: Node) -> Iterator[Variable]:
        kind = self.type(node.child_by_field_name("type"))
        for part in node.children_by_field_name("declarator"):
            name = part.child_by_field_name("name") or part
            value = part.child_by_field_name("value")
            given = None if value is None else self.expr(value)
            yield Variable(self.nodes.text(name), self.arrayed(kind, part), given, self.nodes.pos(name))

    def _enum(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        fields: list[Variable] = []
        body: list[Stmt] = []
        for part in named(node.child_by_field_name("body")):
            word = part.child_by_field_name("name")
            if part.type != "enum_constant" or word is None:
                continue
            at = self.nodes.pos(word)
            fields.append(Variable(self.nodes.text(word), Name(text, pos), None, at))
            arguments = self.exprs(named(part.child_by_field_name("arguments")))
            if arguments:
                made = (Do(Call(Name(text, at), arguments, (), at)),)
                body.append(Function("(constant)", None, (), (), made, at))
            self._members(part.child_by_field_name("body"), [], body)
        self._members(
            child_of(node.child_by_field_name("body") or node, "enum_body_declarations"), fields, body
        )
        bases = [self.type(each) for part in named(node) for each in self._bases(part)]
        known = tuple([base for base in bases if base is not None])
        yield Class(text, known, tuple(fields), tuple(body), pos)

    def anonymous(self, node: Node, body: Node, kind: Expr | None) -> Expr:
        """`new T(…) { … }`."""
        pos = self.nodes.pos(body)
        name = f"(class {pos[0]}:{pos[1]})"
        fields: list[Variable] = []
        inside: list[Stmt] = []
        outer, self.hoisted = self.hoisted, []
        self._members(body, fields, inside)
        self.hoisted = outer
        bases = () if kind is None else (kind,)
        self.hoisted.append(Class(name, bases, tuple(fields), tuple(inside), pos))
        return Name(name, pos)

    # -- methods

    def _method(self, node: Node) -> Iterator[Stmt]:
        """Methods, constructors, elements of annotations."""
        name = node.child_by_field_name("name") or node
        built = node.type in ("constructor_declaration", "compact_constructor_declaration")
        result = None if built else self.arrayed(self.type(node.child_by_field_name("type")), node)
        pos: Pos = self.nodes.pos(name)
        annotations = self._annotations(node)
        yield Function(
            "__init__" if built else self.nodes.text(name),
            None,
            self.parameters(node.child_by_field_name("parameters")),
            () if result is None else (result,),
            self.block(node.child_by_field_name("body")),
            pos,
            overrides="Override" in annotations,
            type_parameters=self._type_parameters(node),
        )

    def _type_parameters(self, node: Node) -> tuple[str, ...]:
        listed = named(node.child_by_field_name("type_parameters"))
        words = [child_of(part, "type_identifier", "identifier") for part in listed]
        return tuple([self.nodes.text(word) for word in words])

    def _constructor_call(self, node: Node) -> Iterator[Stmt]:
        """`this(…)`, `super(…)`."""
        word = node.child_by_field_name("constructor") or node
        arguments = self.exprs(named(node.child_by_field_name("arguments")))
        pos = self.nodes.pos(node)
        yield Do(Call(Member(Name(self.nodes.text(word), pos), "__init__", pos), arguments, (), pos))

    def _static(self, node: Node) -> Iterator[Stmt]:
        yield Function("(static)", None, (), (), self.block(child_of(node, "block")), self.nodes.pos(node))


def _reader(component: Parameter) -> Function:
    """A record's method of a component's name."""
    name, pos = component.name, component.pos
    returns = () if component.type is None else (component.type,)
    return Function(name, None, (), returns, (Return((Name(name, pos),), pos),), pos)


def _getters(fields: list[Variable], body: list[Stmt]) -> Iterator[Function]:
    written = {each.name for each in body if isinstance(each, Function)}
    for each in fields:
        name = f"get{each.name[:1].upper()}{each.name[1:]}"
        if name not in written and each.type is not None:
            given = Return((Member(Name("this", each.pos), each.name, each.pos),), each.pos)
            yield Function(name, None, (), (each.type,), (given,), each.pos)


Declarations.forms = {
    **Statements.forms,
    "annotation_type_declaration": Declarations._class,
    "annotation_type_element_declaration": Declarations._method,
    "class_declaration": Declarations._class,
    "compact_constructor_declaration": Declarations._method,
    "constructor_declaration": Declarations._method,
    "enum_declaration": Declarations._enum,
    "explicit_constructor_invocation": Declarations._constructor_call,
    "import_declaration": Declarations._import,
    "interface_declaration": Declarations._class,
    "method_declaration": Declarations._method,
    "package_declaration": Declarations._package,
    "record_declaration": Declarations._class,
    "static_initializer": Declarations._static,
}
