"""JavaScript and TypeScript source, with JSX -> the neutral syntax tree (parsed by tree-sitter).

A file's grammar is found out: the one with JSX, unless casts like `<T>x` make it stumble. What a module hands
out under another name than its own is a variable `export <name>`, all of `module.exports` is `export =`. A
constructor is a Function named `__init__`; a getter one that is decorated `property`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter_typescript
from tree_sitter import Language, Node

from workspai_hooks.workspace.use_sites.ecmascript.patterns import nothing
from workspai_hooks.workspace.use_sites.ecmascript.statements import Statements
from workspai_hooks.workspace.use_sites.infer.program import EXPORT
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Do,
    Expr,
    Function,
    Generic,
    Import,
    Member,
    Name,
    Pos,
    Record,
    Source,
    Stmt,
    Struct,
    Text,
    Variable,
)

WITH_JSX = Language(tree_sitter_typescript.language_tsx())
WITHOUT_JSX = Language(tree_sitter_typescript.language_typescript())

LARGEST = 2_000_000
"""Bytes of a source that are looked at: bundles are longer."""
LONGEST_LINE = 20_000
"""Minified code has no lines."""
CALLS = frozenset({"GrpcMethod", "GrpcStreamMethod", "GrpcStreamCall"})
"""NestJS: decorators that name the rpc which a method handles."""
DECLARED = frozenset({"class_declaration", "abstract_class_declaration", "class"})


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    if len(data) > LARGEST or re.search(rb"[^\n]{%d}" % LONGEST_LINE, data):
        return Source("ecmascript", "", (), ())
    nodes = Nodes(data, WITH_JSX)
    if nodes.root.has_error:
        other = Nodes(data, WITHOUT_JSX)
        if not other.root.has_error or _broken(other.root) < _broken(nodes.root):
            nodes = other
    lowering = (kind or Declarations)(nodes)
    body = lowering.block(nodes.root)
    return Source("ecmascript", "", tuple(lowering.imports), body)


def _broken(root: Node) -> int:
    """Bytes in errors."""
    count = 0
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "ERROR":
            count += node.end_byte - node.start_byte
        elif node.has_error:
            stack.extend(node.children)
    return count


class Declarations(Statements):
    """Lowers the declarations of one file and collects its imports."""

    # -- modules

    def _import(self, node: Node) -> Iterator[Stmt]:
        source = node.child_by_field_name("source")
        required = child_of(node, "import_require_clause")
        if required is not None:
            source = required.child_by_field_name("source")
        if source is None:
            return
        path = self.nodes.text(source)[1:-1]
        if required is not None:
            alias = child_of(required, "identifier")
            self.imports.append(Import(path, self.nodes.text(alias), (), self.nodes.pos(alias or node)))
        for part in named(child_of(node, "import_clause")):
            self._imported(path, part)
        yield from ()

    def _imported(self, path: str, node: Node) -> None:
        pos = self.nodes.pos(node)
        if node.type == "identifier":
            self.imports.append(Import(path, None, (("default", self.nodes.text(node)),), pos))
        elif node.type == "namespace_import":
            self.imports.append(Import(path, self.nodes.text(child_of(node, "identifier")), (), pos))
        for part in named(node) if node.type == "named_imports" else []:
            name = self.nodes.text(part.child_by_field_name("name")).strip("'\"")
            alias = self.nodes.text(part.child_by_field_name("alias")) or name
            self.imports.append(Import(path, None, ((name, alias),), self.nodes.pos(part)))

    def _export(self, node: Node) -> Iterator[Stmt]:
        source = node.child_by_field_name("source")
        clause = child_of(node, "export_clause", "namespace_export")
        if source is not None:
            self._reexport(self.nodes.text(source)[1:-1], clause, self.nodes.pos(node))
        elif clause is not None:
            for part in named(clause):
                name = part.child_by_field_name("name") or part
                alias = self.nodes.text(part.child_by_field_name("alias")).strip("'\"")
                if alias and alias != self.nodes.text(name):
                    yield self._handed_out(alias, self.name(name), self.nodes.pos(name))
        else:
            for part in node.children_by_field_name("decorator"):
                yield Do(self.inner(part))
            yield from self._exported(node)

    def _reexport(self, path: str, clause: Node | None, pos: Pos) -> None:
        if clause is None:
            self.imports.append(Import(path, None, (("*", "*"),), pos))
        elif clause.type == "namespace_export":
            self.imports.append(Import(path, self.nodes.text(named(clause)[0]), (), pos))
        else:
            for part in named(clause):
                name = self.nodes.text(part.child_by_field_name("name"))
                alias = self.nodes.text(part.child_by_field_name("alias")) or name
                self.imports.append(Import(path, None, ((name, alias),), self.nodes.pos(part)))

    def _exported(self, node: Node) -> Iterator[Stmt]:
        """`export` before a declaration, `export default`, `export =`."""
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            name = declaration.child_by_field_name("name")
            yield from self.statement(declaration)
            if default and name is not None:
                yield self._handed_out("default", self.name(name), self.nodes.pos(name))
        elif value is not None:
            yield from self._whole("default", value)
        elif any(child.type == "=" for child in node.children):
            for part in named(node):
                yield from self._whole("=", part)

    def _whole(self, name: str, value: Node) -> Iterator[Stmt]:
        pos = self.nodes.pos(value)
        if value.type == "class":
            inner = value.child_by_field_name("name")
            word = self.nodes.text(inner) or f"(class {pos[0]}:{pos[1]})"
            yield from self.class_named(word, self.nodes.pos(inner or value), value)
            yield self._handed_out(name, Name(word, pos), pos)
            return
        made = self.value_named(name, pos, value)
        yield self._handed_out(name, made, pos)
        if name == "=" and isinstance(made, Record):
            for key, held in made.entries:
                if isinstance(key, Text) and isinstance(held, Name) and held.id != key.value:
                    yield self._handed_out(key.value, held, key.pos)

    def _handed_out(self, name: str, value: Expr, pos: Pos) -> Bind:
        return Bind((Name(EXPORT + name, pos),), None, (value,), True, pos)

    def _statement(self, node: Node) -> Iterator[Stmt]:
        """`module.exports = x`, `exports.a = x`, `this` and prototypes; any other expression."""
        for part in named(node):
            left = part.child_by_field_name("left") if part.type == "assignment_expression" else None
            right = part.child_by_field_name("right")
            words = (
                self.nodes.text(left).split(".")
                if left is not None and left.type == "member_expression"
                else []
            )
            while right is not None and right.type == "assignment_expression":
                right = right.child_by_field_name("right")  # exports = module.exports = x
            if words == ["module", "exports"] and right is not None:
                yield from self._whole("=", right)
            elif (
                words
                and words[:-1] in (["exports"], ["module", "exports"])
                and right is not None
                and left is not None
            ):
                name = left.child_by_field_name("property") or left
                pos = self.nodes.pos(name)
                if right.type in ("identifier", "undefined") and self.nodes.text(right) in (
                    words[-1],
                    "undefined",
                ):
                    continue
                yield self._handed_out(words[-1], self.value_named(words[-1], pos, right), pos)
            else:
                yield from self._expression(node)
                return

    # -- functions and types

    def _function_declaration(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        text = self.nodes.text(name) if name is not node else f"{EXPORT}default"
        yield self.function_named(text, self.nodes.pos(name), node)

    def _interface(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        bases = [self.type(part) for part in named(child_of(node, "extends_type_clause"))]
        fields = self.properties(node.child_by_field_name("body"))
        known = tuple([base for base in bases if base is not None])
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        yield Class(text, known, tuple(fields), (), pos, type_parameters=self.type_parameters(node))

    def _alias(self, node: Node) -> Iterator[Stmt]:
        """`type X = {…}` is a class of its own, as an interface is."""
        name = node.child_by_field_name("name") or node
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        value = self.type(node.child_by_field_name("value")) or Name("any", pos)
        generic = self.type_parameters(node)
        if isinstance(value, Struct):
            yield Class(text, value.bases, value.fields, (), pos, type_parameters=generic)
        else:
            yield Class(text, (), (), (), pos, alias=value, type_parameters=generic)

    def _enum(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        text, pos = self.nodes.text(name), self.nodes.pos(name)
        fields = []
        for part in named(node.child_by_field_name("body")):
            word = part.child_by_field_name("name") or part
            value = part.child_by_field_name("value")
            given = nothing(pos) if value is None else self.expr(value)
            fields.append(Variable(self.nodes.text(word).strip("'\""), None, given, self.nodes.pos(word)))
        yield Class(text, (), tuple(fields), (), pos)

    def _namespace(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.block(node.child_by_field_name("body")))

    # -- classes

    def _class(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name")
        pos = self.nodes.pos(name or node)
        yield from self.class_named(self.nodes.text(name) or f"{EXPORT}default", pos, node)

    def class_named(self, name: str, pos: Pos, node: Node) -> Iterator[Stmt]:
        """A class under a name, and its decorators for effect."""
        for part in node.children_by_field_name("decorator"):
            yield Do(self.inner(part))
        fields: list[Variable] = []
        body: list[Stmt] = []
        bases = self._bases(node)
        decorators: list[Node] = []
        for part in named(node.child_by_field_name("body")):
            if part.type == "decorator":
                decorators.append(part)
                continue
            for decorator in (*decorators, *part.children_by_field_name("decorator")):
                body.append(Do(self._decorator(decorator, part, bases)))
            decorators = []
            self._member_of_class(part, fields, body)
        yield Class(
            name, tuple(bases), tuple(fields), tuple(body), pos, type_parameters=self.type_parameters(node)
        )

    def _bases(self, node: Node) -> list[Expr]:
        bases: list[Expr] = []
        for clause in named(child_of(node, "class_heritage")):
            if clause.type == "implements_clause":
                bases.extend(base for part in named(clause) if (base := self.type(part)) is not None)
                continue
            value = clause.child_by_field_name("value")
            base = self.expr(value or clause)
            arguments = child_of(clause, "type_arguments")
            if arguments is not None:
                bases.append(Generic(base, self.type_arguments(arguments), self.nodes.pos(clause)))
            else:
                bases.append(base)
        return bases

    def _decorator(self, node: Node, method: Node, bases: list[Expr]) -> Expr:
        """A decorator; one that names an rpc says that the class implements its service."""
        parts = named(node)
        call = parts[0] if parts else node
        word = self.nodes.text(call.child_by_field_name("function")).rpartition(".")[2]
        args = named(call.child_by_field_name("arguments"))
        if word not in CALLS or not args or args[0].type != "string":
            return self.inner(node)
        service, pos = self.nodes.text(args[0])[1:-1], self.nodes.pos(args[-1])
        name = self.nodes.text(method.child_by_field_name("name"))
        rpc = self.nodes.text(args[1])[1:-1] if len(args) > 1 else name[:1].upper() + name[1:]
        base = Member(Name("(services)", pos), service, self.nodes.pos(args[0]))
        if all(not isinstance(one, Member) or one.name != service for one in bases):
            bases.append(base)
        return Call(Name("(handles)", pos), (Text(f"{service}/{rpc}", pos),), (), pos)

    def _member_of_class(self, part: Node, fields: list[Variable], body: list[Stmt]) -> None:
        name = part.child_by_field_name("name")
        if name is None:
            if part.type == "class_static_block":
                body.extend(self.block(part.child_by_field_name("body")))
            return
        text, pos = self.nodes.text(name).strip("'\""), self.nodes.pos(name)
        if part.type == "method_definition":
            self._method(text, pos, part, fields, body)
        elif part.type == "public_field_definition":
            value = part.child_by_field_name("value")
            kind = self.annotation(part)
            if value is not None and value.type in ("arrow_function", "function_expression") and kind is None:
                body.append(self.function_named(text, pos, value))
            else:
                held = None if value is None else self.value_named(text, pos, value)
                fields.append(Variable(text, kind, held, pos))
        elif part.type in ("abstract_method_signature", "method_signature"):
            fields.append(Variable(text, self.method_type(part, pos), None, pos))

    def _method(self, text: str, pos: Pos, node: Node, fields: list[Variable], body: list[Stmt]) -> None:
        function = self.function_named("__init__" if text == "constructor" else text, pos, node)
        opening: list[Stmt] = []
        for part in named(node.child_by_field_name("parameters")) if text == "constructor" else []:
            pattern = part.child_by_field_name("pattern")
            if pattern is not None and any(
                child.type in ("accessibility_modifier", "readonly") for child in part.children
            ):
                word, at = self.nodes.text(pattern), self.nodes.pos(pattern)
                fields.append(Variable(word, self.annotation(part), None, at))
                opening.append(
                    Bind((Member(Name("this", at), word, at),), None, (Name(word, at),), False, at)
                )
        kinds = {child.type for child in node.children}
        if "set" in kinds:
            text = f"set {text}"
        body.append(
            Function(
                text if text != "constructor" else "__init__",
                None,
                function.parameters,
                function.returns,
                (*opening, *function.body),
                pos,
                type_parameters=function.type_parameters,
                decorators=("property",) if "get" in kinds else (),
            )
        )

    def _class_value(self, node: Node) -> Expr:
        """A class as a value stands before the statement."""
        name = node.child_by_field_name("name")
        pos = self.nodes.pos(node)
        hidden = f"({self.nodes.text(name) or 'class'} {pos[0]}:{pos[1]})"
        self.hoisted.extend(self.class_named(hidden, pos, node))
        return Name(hidden, pos)


Declarations.forms = {**Statements.forms, "class": Declarations._class_value}
Declarations.statements = {
    **Statements.statements,
    "abstract_class_declaration": Declarations._class,
    "ambient_declaration": Declarations._other,
    "class_declaration": Declarations._class,
    "enum_declaration": Declarations._enum,
    "export_statement": Declarations._export,
    "expression_statement": Declarations._statement,
    "function_declaration": Declarations._function_declaration,
    "function_signature": Declarations._nothing,
    "generator_function_declaration": Declarations._function_declaration,
    "import_statement": Declarations._import,
    "interface_declaration": Declarations._interface,
    "internal_module": Declarations._namespace,
    "module": Declarations._namespace,
    "type_alias_declaration": Declarations._alias,
}
