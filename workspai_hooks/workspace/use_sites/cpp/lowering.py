"""C++ source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

A namespace is a Source of its own among `inner`, its `package` the whole name (`a::b`); one without a name
belongs to what is around it. `#include "x.h"` is Import("include:x.h", None, everything), `using namespace a`
Import("a", None, everything), `using a::B` Import("a", None, B), `namespace p = a` Import("a", "p"). A
constructor is a Function `__init__`. A method that is defined outside of its class stands in a class of its
own that derives from it.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_cpp
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.cpp.statements import Statements
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Class,
    Do,
    Expr,
    Function,
    Import,
    Member,
    Name,
    Parameter,
    Source,
    Stmt,
    Variable,
)

LANGUAGE = Language(tree_sitter_cpp.language())
EVERYTHING = (("*", "*"),)
OUTSIDE = frozenset({"translation_unit", "declaration_list", "template_declaration"})
FIXTURES = frozenset({"TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P", "BENCHMARK_F"})
"""Macros of test frameworks whose bodies are methods of their first argument."""


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    nodes = Nodes(data, LANGUAGE)
    return _Declarations(nodes).source(nodes.root, "", ())


class _Declarations(Statements):
    """Lowers the declarations of one namespace of a file and collects what it brings in."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self._imports: list[Import] = []
        self._inner: list[Source] = []
        self._package = ""
        self._templates: tuple[str, ...] = ()
        self._class = ""

    def source(self, node: Node, package: str, around: tuple[Import, ...]) -> Source:
        """A file, or a namespace in it; what the file has brought in before holds there, too."""
        self._package = package
        self._imports.extend(around)
        body = self.block(node)
        return Source("cpp", package, tuple(self._imports), body, tuple(self._inner))

    def _namespace(self, node: Node) -> Iterator[Stmt]:
        name = self.nodes.text(node.child_by_field_name("name")).replace(" ", "")
        body = node.child_by_field_name("body")
        if not name or body is None:
            yield from self.block(body)
            return
        full = f"{self._package}::{name}" if self._package else name
        self._inner.append(_Declarations(self.nodes).source(body, full, tuple(self._imports)))

    def _include(self, node: Node) -> Iterator[Stmt]:
        path = node.child_by_field_name("path") or node
        word = self.nodes.text(path).strip('<>"')
        self._imports.append(Import(f"include:{word}", None, EVERYTHING, self.nodes.pos(path)))
        yield from ()

    def _using(self, node: Node) -> Iterator[Stmt]:
        target = next(iter(named(node)), node)
        path = "".join(self.nodes.text(target).split()).removeprefix("::")
        pos = self.nodes.pos(target)
        if any(part.type == "namespace" for part in node.children):
            self._imports.append(Import(path, None, EVERYTHING, pos))
        else:
            owner, _, word = path.rpartition("::")
            last = target.child_by_field_name("name")
            while last is not None and last.type == "qualified_identifier":
                last = last.child_by_field_name("name")
            at = pos if last is None else self.nodes.pos(last)
            self._imports.append(Import(owner, None, ((word, word),), at))
        yield from ()

    def _namespace_alias(self, node: Node) -> Iterator[Stmt]:
        name, target = node.child_by_field_name("name"), named(node)[-1]
        path = "".join(self.nodes.text(target).split()).removeprefix("::")
        self._imports.append(Import(path, self.nodes.text(name), (), self.nodes.pos(target)))
        yield from ()

    def _alias(self, node: Node) -> Iterator[Stmt]:
        """`using T = U;`"""
        name = node.child_by_field_name("name") or node
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(name)
        yield Class(self.nodes.text(name), (), (), (), pos, alias=kind, type_parameters=self._templates)

    def _typedef(self, node: Node) -> Iterator[Stmt]:
        kind_node = node.child_by_field_name("type")
        yield from self._of_type(kind_node)
        kind = self.type(kind_node)
        for declarator in node.children_by_field_name("declarator"):
            name, _, _ = self.declared(declarator)
            if name is not None and kind is not None:
                yield Class(self.nodes.text(name), (), (), (), self.nodes.pos(name), alias=kind)

    def _templated(self, node: Node) -> Iterator[Stmt]:
        outer = self._templates
        listed = named(node.child_by_field_name("parameters"))
        names = [
            named(part)[-1]
            for part in listed
            if part.type.endswith("type_parameter_declaration") and named(part)
        ]
        self._templates = tuple([self.nodes.text(name) for name in names])
        for part in named(node):
            if part.type not in ("template_parameter_list", "requires_clause"):
                yield from self.statement(part)
        self._templates = outer

    def _type(self, node: Node) -> Iterator[Stmt]:
        """A class, struct, union or enum that is declared here."""
        yield from self._of_type(node)

    def _of_type(self, node: Node | None) -> Iterator[Stmt]:
        body = None if node is None else node.child_by_field_name("body")
        if node is None or body is None:
            return
        if node.type == "enum_specifier":
            yield from self._enum(node, body)
        elif node.type in ("class_specifier", "struct_specifier", "union_specifier"):
            yield self._class_of(node, body)

    def _enum(self, node: Node, body: Node) -> Iterator[Stmt]:
        """Its values are names beside it, too, unless it is an `enum class`."""
        name = node.child_by_field_name("name") or node
        text = self.nodes.text(name) if name is not node else f"(enum {node.start_point[0] + 1})"
        kind = Name(text, self.nodes.pos(name))
        fields = []
        for part in named(body):
            word = part.child_by_field_name("name")
            if word is not None:
                fields.append(Variable(self.nodes.text(word), kind, None, self.nodes.pos(word)))
        yield Class(text, (), tuple(fields), (), kind.pos)
        if not any(part.type in ("class", "struct") for part in node.children):
            for each in fields:
                yield Bind((Name(each.name, each.pos),), kind, (), True, each.pos)

    def _class_of(self, node: Node, body: Node) -> Class:
        name = node.child_by_field_name("name") or node
        text = self.nodes.text(name) if name is not node else f"(class {node.start_point[0] + 1})"
        templates, self._templates = self._templates, ()
        outer, self._class = self._class, text
        listed = child_of(node, "base_class_clause")
        bases = [self.type(part) for part in named(listed) if part.type != "access_specifier"]
        fields: list[Variable] = []
        inside: list[Stmt] = []
        for part in named(body):
            if part.type == "field_declaration":
                fields.extend(self._fields(part))
            inside.extend(self.statement(part))
        self._class = outer
        known = tuple([base for base in bases if base is not None])
        return Class(
            text, known, tuple(fields), tuple(inside), self.nodes.pos(name), type_parameters=templates
        )

    def _fields(self, node: Node) -> Iterator[Variable]:
        """The variables among a class's members."""
        kind = self.type(node.child_by_field_name("type"))
        value = node.child_by_field_name("default_value")
        for declarator in node.children_by_field_name("declarator"):
            name, arrays, function = self.declared(declarator)
            if name is None:
                continue
            pos = self.nodes.pos(name)
            if function is None:
                given = self._default(kind, value)
                yield Variable(self.nodes.text(name), self.listed(kind, arrays, pos), given, pos)
            elif child_of(function, "parenthesized_declarator") is not None:
                yield Variable(self.nodes.text(name), self.type(None), None, pos)

    def _default(self, kind: Expr | None, value: Node | None) -> Expr | None:
        if value is None:
            return None
        return (
            self.made(kind, value, value) if value.type == "initializer_list" and kind else self.expr(value)
        )

    def _members(self, node: Node) -> Iterator[Stmt]:
        """Types and methods that a class only declares; its variables are among its fields."""
        yield from self._of_type(node.child_by_field_name("type"))
        for declarator in node.children_by_field_name("declarator"):
            name, _, function = self.declared(declarator)
            if (
                name is not None
                and function is not None
                and child_of(function, "parenthesized_declarator") is None
            ):
                yield self._function_of(node, name, function, None)

    def _outside(self, node: Node) -> Iterator[Stmt]:
        """A declaration at the top of a namespace: functions without a body, variables, types."""
        yield from self._of_type(node.child_by_field_name("type"))
        declarators = node.children_by_field_name("declarator")
        for declarator in declarators:
            name, _, function = self.declared(declarator)
            if name is not None and function is not None and declarator.type != "init_declarator":
                if name.type != "qualified_identifier":
                    yield self._function_of(node, name, function, None)
                return
        yield from super()._declaration(node)

    def _declaration(self, node: Node) -> Iterator[Stmt]:
        above = node.parent.type if node.parent is not None else ""
        if above in ("translation_unit", "declaration_list", "template_declaration") or above.startswith(
            "preproc"
        ):
            yield from self._outside(node)
        else:
            yield from self._of_type(node.child_by_field_name("type"))
            yield from super()._declaration(node)

    def _definition(self, node: Node) -> Iterator[Stmt]:
        """A function with a body; one of a class, where its name says so, in a class that derives from it."""
        name, _, function = self.declared(node.child_by_field_name("declarator"))
        body = node.child_by_field_name("body")
        if name is None or function is None:
            yield from self.block(body)
            return
        if name.type == "qualified_identifier":
            yield from self._out_of_class(node, name, function, body)
        elif self.nodes.text(name) in FIXTURES:
            listed = named(function.child_by_field_name("parameters"))
            base = self.type(listed[0].child_by_field_name("type")) if listed else None
            yield self._derived(
                base, Function("(test)", None, (), (), self.block(body), self.nodes.pos(name))
            )
        else:
            yield self._function_of(node, name, function, body)

    def _out_of_class(self, node: Node, name: Node, function: Node, body: Node | None) -> Iterator[Stmt]:
        base = self.path(name)
        last = name
        while last.type == "qualified_identifier":
            inner = last.child_by_field_name("name")
            if inner is None:
                break
            last = inner
        owner = base.obj if isinstance(base, Member) else None
        outer, self._class = self._class, ""
        if isinstance(owner, Name | Member):
            self._class = owner.id.removesuffix("::") if isinstance(owner, Name) else owner.name
        made = self._function_of(node, last, function, body)
        self._class = outer
        yield made if owner is None else self._derived(owner, made)

    def _derived(self, base: Expr | None, function: Function) -> Stmt:
        word = f"(of {function.pos[0]}:{function.pos[1]})"
        return Class(word, () if base is None else (base,), (), (function,), function.pos)

    def _function_of(self, node: Node, name: Node, function: Node, body: Node | None) -> Function:
        word, pos = self.nodes.text(name), self.nodes.pos(name)
        templates, self._templates = self._templates, ()
        returns = self.returned(node.child_by_field_name("type"), function)
        made = word == self._class
        outer, self._class = self._class, ""
        opening = self._initialised(node)
        inside = self.block(body)
        self._class = outer
        specifiers = {self.nodes.text(part) for part in function.children if part.type == "virtual_specifier"}
        return Function(
            "__init__" if made else word,
            None,
            _opened(self.parameters(function.child_by_field_name("parameters")), templates),
            () if returns is None or made else (returns,),
            (*opening, *inside),
            pos,
            overrides=bool(specifiers & {"override", "final"}),
            type_parameters=templates,
        )

    def _initialised(self, node: Node) -> tuple[Stmt, ...]:
        """`: stub_(NewStub(channel)), items_{}`"""
        found: list[Stmt] = []
        for part in named(child_of(node, "field_initializer_list")):
            inner = named(part)
            if not inner:
                continue
            outer, self.hoisted = self.hoisted, []
            values = self.exprs(named(inner[-1])) if len(inner) > 1 else ()
            found.extend(self.hoisted)
            self.hoisted = outer
            pos = self.nodes.pos(inner[0])
            if inner[0].type == "field_identifier" and len(values) == 1:
                target = Member(Name("this", pos), self.nodes.text(inner[0]), pos)
                found.append(Bind((target,), None, values, False, pos))
            else:
                found.extend(Do(value) for value in values)
        return tuple(found)

    def _through(self, node: Node) -> Iterator[Stmt]:
        """`#if`, `extern "C"`: what stands inside."""
        for part in named(node):
            if part.type not in ("identifier", "preproc_defined", "string_literal"):
                yield from self.statement(part)


def _opened(parameters: tuple[Parameter, ...], templates: tuple[str, ...]) -> tuple[Parameter, ...]:
    """What a function template takes is what its callers hand in: any member of it may be used."""
    return tuple(
        [
            Parameter(one.name, None, one.pos, one.variadic)
            if isinstance(one.type, Name) and one.type.id in templates
            else one
            for one in parameters
        ]
    )


_Declarations.forms = {
    **Statements.forms,
    "alias_declaration": _Declarations._alias,
    "class_specifier": _Declarations._type,
    "declaration": _Declarations._declaration,
    "declaration_list": _Declarations._through,
    "enum_specifier": _Declarations._type,
    "field_declaration": _Declarations._members,
    "field_declaration_list": _Declarations._through,
    "friend_declaration": Statements._nothing,
    "function_definition": _Declarations._definition,
    "linkage_specification": _Declarations._through,
    "namespace_alias_definition": _Declarations._namespace_alias,
    "namespace_definition": _Declarations._namespace,
    "preproc_call": Statements._nothing,
    "preproc_def": Statements._nothing,
    "preproc_elif": _Declarations._through,
    "preproc_else": _Declarations._through,
    "preproc_function_def": Statements._nothing,
    "preproc_if": _Declarations._through,
    "preproc_ifdef": _Declarations._through,
    "preproc_include": _Declarations._include,
    "struct_specifier": _Declarations._type,
    "template_declaration": _Declarations._templated,
    "type_definition": _Declarations._typedef,
    "union_specifier": _Declarations._type,
    "using_declaration": _Declarations._using,
}
