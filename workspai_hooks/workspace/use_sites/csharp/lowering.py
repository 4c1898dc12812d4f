"""C# source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

`using N;` and `using static N.T;` are both Import(path, None, (("*", "*"),)): the naming tells them apart.
A constructor is a Function named `__init__`, a property's getter one that is decorated `property`.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_c_sharp
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.csharp.statements import Statements
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
    Return,
    Signature,
    Source,
    Stmt,
    Variable,
)

LANGUAGE = Language(tree_sitter_c_sharp.language())

NAMESPACES = frozenset({"namespace_declaration", "file_scoped_namespace_declaration"})

MAIN = "(main)"
"""What statements outside any class are put into: their variables are the file's own."""


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = (kind or Declarations)(Nodes(data, LANGUAGE))
    body = lowering.block(lowering.nodes.root)
    types = tuple([statement for statement in body if isinstance(statement, Class)])
    loose = tuple([statement for statement in body if not isinstance(statement, Class)])
    main = (Function(MAIN, None, (), (), loose, (1, 1)),) if loose else ()
    return Source("csharp", lowering.namespace, tuple(lowering.imports), (*types, *main))


class Declarations(Statements):
    """Lowers the declarations of one file and collects its usings, wherever they stand."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.imports: list[Import] = []
        self.namespace = ""
        """The deepest namespace that the file opens first."""
        self._within = ""

    def _using(self, node: Node) -> Iterator[Stmt]:
        parts = named(node)
        alias = node.child_by_field_name("name")
        target = parts[-1] if parts else node
        pos = self.nodes.pos(target)
        path = "".join(self.nodes.text(target).split()).removeprefix("global::")
        everywhere = any(part.type == "global" for part in node.children)
        if alias is None:
            self.imports.append(Import(path, None, (("*", "*"),), pos, everywhere))
        elif target.type in ("identifier", "qualified_name", "alias_qualified_name") and "<" not in path:
            self.imports.append(Import(path, self.nodes.text(alias), (), pos, everywhere))
        else:
            name = self.nodes.text(alias)
            yield Class(name, (), (), (), self.nodes.pos(alias), alias=self.type(target))

    def _namespace(self, node: Node) -> Iterator[Stmt]:
        outer = self._within
        name = "".join(self.nodes.text(node.child_by_field_name("name")).split())
        self._within = f"{outer}.{name}" if outer else name
        if not self.namespace or self.namespace == outer:
            self.namespace = self._within
        body = node.child_by_field_name("body")
        yield from self.block(body)
        if body is not None:
            self._within = outer

    def _class(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        primary = self.parameters(child_of(node, "parameter_list"))
        fields = [Variable(each.name, each.type, None, each.pos) for each in primary]
        body: list[Stmt] = list(self._attributes(node))
        if primary:
            body.append(Function("__init__", None, primary, (), (), pos))
        bases = []
        for part in named(child_of(node, "base_list")):
            base = part.child_by_field_name("type") or part
            bases.append(self.expr(base) if base.type == "argument_list" else self.type(base))
            arguments = child_of(part, "argument_list")
            body.extend(Do(self.inner(argument)) for argument in named(arguments))
        for part in named(node.child_by_field_name("body")):
            fields.extend(self._fields(part))
            body.extend(self.statement(part))
        known = tuple([base for base in bases if base is not None])
        yield Class(text, known, tuple(fields), tuple(body), pos, type_parameters=self._type_parameters(node))

    def _fields(self, node: Node) -> list[Variable]:
        """Fields, properties and events; a computed property's value is what its arrow says."""
        if node.type in ("field_declaration", "event_field_declaration"):
            declaration = child_of(node, "variable_declaration")
            kind = self.type(declaration.child_by_field_name("type")) if declaration else None
            return [
                self._variable(part, kind)
                for part in named(declaration)
                if part.type == "variable_declarator"
            ]
        if node.type == "property_declaration":
            name = node.child_by_field_name("name") or node
            value = node.child_by_field_name("value")
            kind = self.type(node.child_by_field_name("type"))
            got = None if value is None or value.type == "arrow_expression_clause" else self.expr(value)
            return [Variable(self.nodes.text(name), kind, got, self.nodes.pos(name))]
        if node.type.startswith("preproc_"):
            return [field for part in named(node) for field in self._fields(part)]
        return []

    def _variable(self, node: Node, kind: Expr | None) -> Variable:
        name = node.child_by_field_name("name") or node
        values = [part for part in named(node) if part != name]
        value = self.expr(values[-1]) if values else None
        return Variable(self.nodes.text(name), kind, value, self.nodes.pos(name))

    def _enum(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        fields = []
        for member in named(node.child_by_field_name("body")):
            word = member.child_by_field_name("name")
            if word is not None:
                kind = Name(text, pos)
                value = member.child_by_field_name("value")
                given = None if value is None else self.expr(value)
                fields.append(Variable(self.nodes.text(word), kind, given, self.nodes.pos(word)))
        yield Class(text, (), tuple(fields), (), pos)

    def _delegate(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        result = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(name)
        parameters = self.parameters(node.child_by_field_name("parameters"))
        signature = Signature(parameters, () if result is None else (result,), pos)
        yield Class(self.nodes.text(name), (), (), (), pos, alias=signature)

    def _field(self, node: Node) -> Iterator[Stmt]:
        """The fields themselves are among their class's."""
        yield from self._attributes(node)

    def _property(self, node: Node) -> Iterator[Stmt]:
        name = self.nodes.text(node.child_by_field_name("name"))
        pos = self.nodes.pos(node.child_by_field_name("name") or node)
        kind = self.type(node.child_by_field_name("type"))
        returns = () if kind is None else (kind,)
        yield from self._attributes(node)
        value = node.child_by_field_name("value")
        if value is not None and value.type == "arrow_expression_clause":
            body = self._body(value)
            yield Function(name, None, (), returns, body, pos, decorators=("property",))
        for accessor in named(node.child_by_field_name("accessors")):
            body = self._body(accessor.child_by_field_name("body"))
            if not body:
                continue
            if self.nodes.text(accessor.child_by_field_name("name")) == "get":
                yield Function(name, None, (), returns, body, pos, decorators=("property",))
            else:
                given = Parameter("value", kind, pos)
                yield Function(f"set_{name}", None, (given,), (), body, pos)

    def _method(self, node: Node) -> Iterator[Stmt]:
        """Methods, constructors, operators, indexers and local functions."""
        yield from self._attributes(node)
        name = node.child_by_field_name("name") or node
        text = self.nodes.text(name) if name is not node else node.type.removesuffix("_declaration")
        if node.type == "constructor_declaration":
            text = "__init__"
        result = node.child_by_field_name("returns") or node.child_by_field_name("type")
        kind = self.type(result)
        listed = node.child_by_field_name("parameters")
        modifiers = {self.nodes.text(part) for part in node.children if part.type == "modifier"}
        firsts = [part for part in named(listed) if part.type == "parameter"][:1]
        extends = any(self.nodes.text(part) == "this" for each in firsts for part in each.children)
        opening: list[Stmt] = []
        initializer = child_of(node, "constructor_initializer")
        if initializer is not None:
            arguments = self._arguments(child_of(initializer, "argument_list"), Name("base", (1, 1)))
            word = "this" if any(part.type == "this" for part in initializer.children) else "base"
            at = self.nodes.pos(initializer)
            opening = [*self.hoisted, Do(Call(Member(Name(word, at), "__init__", at), *arguments, at))]
        body = self._body(node.child_by_field_name("body") or child_of(node, "arrow_expression_clause"))
        yield Function(
            text,
            None,
            self.parameters(listed),
            () if kind is None else (kind,),
            (*opening, *body),
            self.nodes.pos(name),
            overrides="override" in modifiers,
            type_parameters=self._type_parameters(node),
            extends=extends,
        )

    def _type_parameters(self, node: Node) -> tuple[str, ...]:
        listed = named(child_of(node, "type_parameter_list"))
        return tuple([self.nodes.text(part.child_by_field_name("name") or part) for part in listed])

    def _attributes(self, node: Node) -> Iterator[Stmt]:
        """`[Attr(nameof(Cart.Items))]`."""
        for listed in (part for part in named(node) if part.type == "attribute_list"):
            for attribute in named(listed):
                for argument in named(child_of(attribute, "attribute_argument_list")):
                    yield Do(self.opaque(argument))

    def _body(self, node: Node | None) -> tuple[Stmt, ...]:
        """A block, or `=> value`."""
        if node is None or node.type != "arrow_expression_clause":
            return self.block(node)
        outer, self.hoisted = self.hoisted, []
        result = Return((self.inner(node),), self.nodes.pos(node))
        body = (*self.hoisted, result)
        self.hoisted = outer
        return body


Declarations.forms = {
    **Statements.forms,
    "class_declaration": Declarations._class,
    "constructor_declaration": Declarations._method,
    "conversion_operator_declaration": Declarations._method,
    "delegate_declaration": Declarations._delegate,
    "destructor_declaration": Declarations._method,
    "enum_declaration": Declarations._enum,
    "event_field_declaration": Declarations._field,
    "field_declaration": Declarations._field,
    "file_scoped_namespace_declaration": Declarations._namespace,
    "indexer_declaration": Declarations._method,
    "interface_declaration": Declarations._class,
    "local_function_statement": Declarations._method,
    "method_declaration": Declarations._method,
    "namespace_declaration": Declarations._namespace,
    "operator_declaration": Declarations._method,
    "property_declaration": Declarations._property,
    "record_declaration": Declarations._class,
    "struct_declaration": Declarations._class,
    "using_directive": Declarations._using,
}
