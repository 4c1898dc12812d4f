"""Rust source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

A module with a body is a Source of its own among `inner`, its `package` the path inside the file (`a::b`).
Imports have paths of names that `::` joins, read in the module before the `|` (`a::b|super::pb`); `mod x;` is
Import("self::x", "x"), with `#[path]` Import("path:…", "x"); what a macro includes is Import("include:…",
None, everything). An `impl` is a part of its type's class where the type stands in the same module; else a
class of its own that derives from the type, and its methods extend the type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.rust.macros import LANGUAGE
from workspai_hooks.workspace.use_sites.rust.statements import Statements
from workspai_hooks.workspace.use_sites.rust.uses import imports_of
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Class,
    Do,
    Expr,
    Function,
    Generic,
    Import,
    Name,
    Parameter,
    Source,
    Stmt,
    Variable,
)

EVERYTHING = (("*", "*"),)
TYPES = frozenset({"struct_item", "enum_item", "union_item", "trait_item"})
_INCLUDED = regex(r'"([^"]*)"')


def lower(data: bytes) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    nodes = Nodes(data, LANGUAGE)
    return _Items(nodes).source(nodes.root, "", False)


class _Items(Statements):
    """Lowers the items of one module and collects what it imports."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self._imports: list[Import] = []
        self._inner: list[Source] = []
        self._declared: set[str] = set()
        self._package = ""
        self._test = False

    def source(self, node: Node, package: str, test: bool) -> Source:
        """A module: a whole file, or what stands between the brackets of `mod x { … }`."""
        self._package, self._test = package, test
        items = named(node)
        for item in items:
            if item.type in TYPES:
                self._declared.add(self.nodes.text(item.child_by_field_name("name")))
        body: list[Stmt] = []
        attributes: list[Node] = []
        for item in items:
            if item.type == "attribute_item":
                attributes.append(item)
                continue
            if item.type == "mod_item":
                self._module(item, attributes)
            else:
                body.extend(self.statement(item))
            attributes = []
        imports = tuple([_within(package, imported) for imported in self._imports])
        return Source("rust", package, imports, tuple(body), tuple(self._inner), test)

    def _module(self, node: Node, attributes: list[Node]) -> None:
        name = node.child_by_field_name("name") or node
        word, pos = self.word(name), self.nodes.pos(name)
        body = node.child_by_field_name("body")
        written = " ".join(self.nodes.text(each) for each in attributes)
        if body is None:
            path = re.search(r'\bpath\s*=\s*"([^"]*)"', written)
            self._imports.append(Import(f"path:{path[1]}" if path else f"self::{word}", word, (), pos))
            return
        self._imports.append(Import(f"self::{word}", word, (), pos))
        test = self._test or re.search(r"\bcfg\s*\(\s*test\b", written) is not None
        package = f"{self._package}::{word}" if self._package else word
        self._inner.append(_Items(self.nodes).source(body, package, test))

    def macro(self, node: Node) -> Expr:
        """`tonic::include_proto!("pkg")` and `include!(…)` bring what a generator wrote."""
        word = self.nodes.text(node.child_by_field_name("macro")).rpartition("::")[2]
        if word in ("include_proto", "include"):
            texts = _INCLUDED.findall(self.nodes.text(child_of(node, "token_tree")))
            if texts:
                path = f"include:{texts[-1]}" if word == "include" else f"include:{texts[-1]}.rs"
                self._imports.append(Import(path, None, EVERYTHING, self.nodes.pos(node)))
        return super().macro(node)

    def _use(self, node: Node) -> Iterator[Stmt]:
        self._imports.extend(imports_of(self.nodes, node.child_by_field_name("argument")))
        yield from ()

    def _function(self, node: Node) -> Iterator[Stmt]:
        yield self._function_of(node, None, False)

    def _function_of(self, node: Node, receiver: Parameter | None, extends: bool) -> Function:
        """A function; methods have a receiver, also those without `self`, as they are found by their type."""
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        name = node.child_by_field_name("name") or node
        parameters, opening = self.parameters(node.child_by_field_name("parameters"))
        returns = self.type(node.child_by_field_name("return_type"))
        around, self.inside_value = self.inside_value, 0
        body = (*opening, *self.body(node.child_by_field_name("body")))
        self.inside_value = around
        self.bounds = outer
        return Function(
            self.word(name),
            receiver,
            parameters,
            () if returns is None else (returns,),
            body,
            self.nodes.pos(name),
            type_parameters=open_ones,
            extends=extends,
        )

    def _structure(self, node: Node) -> Iterator[Stmt]:
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        name = node.child_by_field_name("name") or node
        fields = tuple(self._fields(node.child_by_field_name("body")))
        yield Class(self.nodes.text(name), (), fields, (), self.nodes.pos(name), type_parameters=open_ones)
        self.bounds = outer

    def _fields(self, node: Node | None) -> Iterator[Variable]:
        """Named fields; those of a tuple are called `0`, `1`, …"""
        if node is not None and node.type == "ordered_field_declaration_list":
            for number, part in enumerate(node.children_by_field_name("type")):
                yield Variable(str(number), self.type(part), None, self.nodes.pos(part))
            return
        for part in named(node):
            name = part.child_by_field_name("name")
            if part.type == "field_declaration" and name is not None:
                kind = self.type(part.child_by_field_name("type"))
                yield Variable(self.word(name), kind, None, self.nodes.pos(name))

    def _enumeration(self, node: Node) -> Iterator[Stmt]:
        """Variants are classes inside their enum, and one of them is the enum."""
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        name = node.child_by_field_name("name") or node
        variants: list[Stmt] = []
        for part in named(node.child_by_field_name("body")):
            word = part.child_by_field_name("name")
            if part.type == "enum_variant" and word is not None:
                fields = tuple(self._fields(part.child_by_field_name("body")))
                kind = Name(self.nodes.text(name), self.nodes.pos(name))
                at = self.nodes.pos(word)
                variants.append(Class(self.nodes.text(word), (kind,), fields, (), at))
        self.bounds = outer
        pos = self.nodes.pos(name)
        yield Class(self.nodes.text(name), (), (), tuple(variants), pos, type_parameters=open_ones)

    def _trait(self, node: Node) -> Iterator[Stmt]:
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        name = node.child_by_field_name("name") or node
        word, pos = self.nodes.text(name), self.nodes.pos(name)
        self.bounds["Self"] = Name(word, pos)
        bounds = named(node.child_by_field_name("bounds"))
        bases = [self.type(part) for part in bounds if part.type != "lifetime"]
        body = tuple(self._members(node.child_by_field_name("body"), False, False))
        known = tuple([base for base in bases if base is not None])
        yield Class(word, known, (), body, pos, type_parameters=open_ones)
        self.bounds = outer

    def _impl(self, node: Node) -> Iterator[Stmt]:
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        kind = self.type(node.child_by_field_name("type"))
        trait = self.type(node.child_by_field_name("trait"))
        pos = self.nodes.pos(node)
        if kind is not None:
            self.bounds["Self"] = kind
        plain = kind.base if isinstance(kind, Generic) else kind
        here = isinstance(plain, Name) and plain.id in self._declared
        body = tuple(self._members(node.child_by_field_name("body"), trait is not None, not here))
        bases = () if trait is None else (trait,)
        if here and isinstance(plain, Name):
            words = (
                tuple([arg.id for arg in kind.args if isinstance(arg, Name)])
                if isinstance(kind, Generic)
                else ()
            )
            yield Class(plain.id, bases, (), body, plain.pos, type_parameters=words)
        else:
            derived = (*bases, kind) if kind is not None else bases
            yield Class(f"(impl {pos[0]}:{pos[1]})", derived, (), body, pos, type_parameters=open_ones)
        self.bounds = outer

    def _members(self, node: Node | None, of_trait: bool, extends: bool) -> Iterator[Stmt]:
        """What stands in an `impl` or a trait. A type that a trait demands is demanded like a method, so it
        is a Function, too, that does nothing."""
        for part in named(node):
            name = part.child_by_field_name("name") or part
            pos = self.nodes.pos(name)
            if part.type in ("function_item", "function_signature_item"):
                selfish = child_of(part.child_by_field_name("parameters") or part, "self_parameter")
                own = self.bounds.get("Self")
                word = "self" if selfish is not None else ""
                yield self._function_of(part, Parameter(word, own, pos), extends)
            elif part.type in ("type_item", "associated_type"):
                alias = self.type(part.child_by_field_name("type"))
                word = self.nodes.text(name)
                yield Class(word, (), (), (), pos, alias=alias)
                if of_trait:
                    yield Function(word, Parameter("", None, pos), (), (), (), pos)
            elif part.type == "const_item":
                yield Do(self.expr(part.child_by_field_name("value")))
            elif part.type == "macro_invocation":
                yield Do(self.expr(part))

    def _alias(self, node: Node) -> Iterator[Stmt]:
        outer = dict(self.bounds)
        open_ones = self.type_parameters(node)
        name = node.child_by_field_name("name") or node
        kind = self.type(node.child_by_field_name("type"))
        pos = self.nodes.pos(name)
        yield Class(self.nodes.text(name), (), (), (), pos, alias=kind, type_parameters=open_ones)
        self.bounds = outer

    def _constant(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        kind = self.type(node.child_by_field_name("type"))
        value = node.child_by_field_name("value")
        values = () if value is None else (self.expr(value),)
        pos = self.nodes.pos(name)
        yield Bind((Name(self.word(name), pos),), kind, values, True, pos)

    def _nothing(self, node: Node) -> Iterator[Stmt]:
        yield from ()

    def _foreign(self, node: Node) -> Iterator[Stmt]:
        """Items inside functions: a module there is looked through."""
        yield from self.block(node.child_by_field_name("body"))


def _within(package: str, imported: Import) -> Import:
    """An import of a module inside a file: its path is read there."""
    if not package or imported.path.startswith(("include:", "path:")):
        return imported
    return Import(f"{package}|{imported.path}", imported.alias, imported.names, imported.pos)


_Items.forms = {
    **Statements.forms,
    "associated_type": _Items._nothing,
    "const_item": _Items._constant,
    "enum_item": _Items._enumeration,
    "extern_crate_declaration": _Items._nothing,
    "foreign_mod_item": _Items._nothing,
    "function_item": _Items._function,
    "function_signature_item": _Items._function,
    "impl_item": _Items._impl,
    "macro_definition": _Items._nothing,
    "mod_item": _Items._foreign,
    "static_item": _Items._constant,
    "struct_item": _Items._structure,
    "trait_item": _Items._trait,
    "type_item": _Items._alias,
    "union_item": _Items._structure,
    "use_declaration": _Items._use,
}
