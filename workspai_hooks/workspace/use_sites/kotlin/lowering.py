"""Kotlin source -> the neutral syntax tree (parsed by tree-sitter, so a syntax error costs a statement only).

`import a.b.c as d` is Import("a.b.c", "d"), `import a.b.*` Import("a.b", names=(("*", "*"),)). A constructor
is a Function named `__init__`, a computed property one that is decorated `property`; what a companion object
holds stands in its class; an extension's receiver is called `this`.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_kotlin
from tree_sitter import Language, Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.kotlin.statements import Statements
from workspai_hooks.workspace.use_sites.kotlin.types import ANY, TYPES, identifier, lower_type, written_type
from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named, utf8
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
    Source,
    Stmt,
    Variable,
)

LANGUAGE = Language(tree_sitter_kotlin.language())

MOST_UNCLOSED = 200
"""Comments nest in Kotlin, and its grammar looks for the end of one that has none from each of them again: a
file of nothing but `/*` takes a minute. One with so many is no Kotlin."""
COMMENT = regex(rb"/\*|\*/")
ON_ONE_LINE = regex(rb"(?<=[^\s{;]) \}")
"""The grammar wants a line end or `;` behind a declaration; `class A { val b = 1 }` has neither."""


def lower(data: bytes, kind: type[Declarations] | None = None) -> Source:
    """The neutral tree of a file; never raises, what can't be parsed is left out."""
    lowering = (kind or Declarations)(_parsed(data))
    body = lowering.body(named(lowering.nodes.root))
    kept = tuple([each for each in body if not isinstance(each, Do)])
    return Source("kotlin", lowering.package, tuple(lowering.imports), kept)


def _parsed(data: bytes) -> Nodes:
    """The file as parsed; where that fails, with `;` in front of `}` of one line, if that helps."""
    if data.count(b"/*") > MOST_UNCLOSED and _unclosed(data) > MOST_UNCLOSED:
        data = data.replace(b"/*", b"  ")
    nodes = Nodes(data, LANGUAGE)
    if not nodes.root.has_error:
        return nodes
    other = Nodes(ON_ONE_LINE.sub(b";}", utf8(data)), LANGUAGE)
    return other if _broken(other.root) < _broken(nodes.root) else nodes


def _unclosed(data: bytes) -> int:
    """How many comments have no end."""
    depth = 0
    for sign in COMMENT.findall(data):
        depth = depth + 1 if sign == b"/*" else max(0, depth - 1)
    return depth


def _broken(root: Node) -> int:
    """How many bytes of a file stand in errors."""
    found = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR":
            found += node.end_byte - node.start_byte
        elif node.has_error:
            waiting.extend(node.children)
    return found


class Declarations(Statements):
    """Lowers the declarations of one file and collects its imports."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self.imports: list[Import] = []
        self.package = ""

    def _path(self, node: Node) -> str:
        target = child_of(node, "qualified_identifier", "identifier")
        return "".join(self.nodes.text(target).split()).replace("`", "")

    def _package(self, node: Node) -> Iterator[Stmt]:
        self.package = self._path(node)
        yield from ()

    def _import(self, node: Node) -> Iterator[Stmt]:
        parts = named(node)
        if parts:
            alias = identifier(self.nodes, parts[-1]) if len(parts) > 1 else None
            everything = any(part.type == "*" for part in node.children)
            names = (("*", "*"),) if everything else ()
            self.imports.append(Import(self._path(node), alias, names, self.nodes.pos(parts[0])))
        yield from ()

    # -- classes

    def _class(self, node: Node) -> Iterator[Stmt]:
        """Classes, interfaces, objects, enums."""
        name = node.child_by_field_name("name") or child_of(node, "identifier") or node
        pos = self.nodes.pos(name)
        text = identifier(self.nodes, name) if name is not node else "Companion"
        yield self._made(node, text, pos)

    def _made(self, node: Node, text: str, pos: tuple[int, int]) -> Class:
        listed = child_of(child_of(node, "primary_constructor") or node, "class_parameters")
        taken = self.parameters(listed)
        fields = [Variable(each.name, each.type, None, each.pos) for each in taken]
        body: list[Stmt] = []
        first: list[Stmt] = [Do(value) for value in self._defaults(listed)]
        bases = self._bases(node, first)
        if taken or first:
            body.append(Function("__init__", None, taken, (), tuple(first), pos))
        self._members(child_of(node, "class_body", "enum_class_body"), Name(text, pos), fields, body)
        return Class(
            text, bases, tuple(fields), tuple(body), pos, type_parameters=self._type_parameters(node)
        )

    def _defaults(self, node: Node | None) -> Iterator[Expr]:
        """Values of parameters that callers may leave out."""
        for part in named(node):
            value = self.initial(part) if part.type == "class_parameter" else None
            if value is not None:
                yield value
            elif (
                node is not None and node.type == "function_value_parameters" and part.type not in _PARAMETERS
            ):
                yield self.expr(part)

    def _bases(self, node: Node, first: list[Stmt]) -> tuple[Expr, ...]:
        """What a class derives from; constructor arguments and delegates are evaluated in `first`."""
        found = []
        for each in named(child_of(node, "delegation_specifiers")):
            for part in named(each):
                invoked = part.type in ("constructor_invocation", "explicit_delegation")
                kind = written_type(self.nodes, part) if invoked else lower_type(self.nodes, part)
                if kind is not None:
                    found.append(kind)
                if part.type == "constructor_invocation":
                    args: list[Expr] = []
                    for arguments in (one for one in named(part) if one.type == "value_arguments"):
                        self._arguments(arguments, args, [])
                    at = self.nodes.pos(part)
                    if args:
                        first.append(Do(Call(Member(Name("super", at), "__init__", at), tuple(args), (), at)))
                elif part.type == "explicit_delegation":
                    first.extend(Do(self.expr(one)) for one in named(part) if one.type not in TYPES)
        return tuple(found)

    def _members(self, node: Node | None, itself: Name, fields: list[Variable], body: list[Stmt]) -> None:
        """What stands in a class's braces."""
        for part in named(node):
            outer, self.hoisted = self.hoisted, []
            if part.type == "property_declaration" and not self._receiver(part):
                fields.extend(self._fields(part))
                body.extend(self._computed(part))
            elif part.type == "companion_object":
                inner = self._made(part, "Companion", self.nodes.pos(part))
                fields.extend(inner.fields)
                body.extend(inner.body)
            elif part.type == "enum_entry":
                self._enum_entry(part, itself, fields, body)
            elif part.type in ("anonymous_initializer", "block"):
                inside = self.body(named(child_of(part, "block") or part))
                body.append(Function("(init)", None, (), (), inside, self.nodes.pos(part)))
            else:
                body.extend(self.statement(part))
            body.extend(self._initializing(part))
            self.hoisted = outer

    def _initializing(self, node: Node) -> list[Stmt]:
        """What a field's value needs: classes without names stay in the class, the rest runs once."""
        classes: list[Stmt] = [each for each in self.hoisted if isinstance(each, Class)]
        rest = tuple([each for each in self.hoisted if not isinstance(each, Class)])
        at = self.nodes.pos(node)
        return [*classes, Function("(init)", None, (), (), rest, at)] if rest else classes

    def _fields(self, node: Node) -> Iterator[Variable]:
        value = self.initial(node)
        for part in named(node):
            if part.type == "variable_declaration":
                name = child_of(part, "identifier") or part
                kind = written_type(self.nodes, part)
                yield Variable(identifier(self.nodes, name), kind, value, self.nodes.pos(name))

    def _computed(self, node: Node) -> Iterator[Stmt]:
        """`get() = …`, `set(value) { … }`."""
        declared = child_of(node, "variable_declaration")
        if declared is None:
            return
        name = identifier(self.nodes, child_of(declared, "identifier"))
        kind = written_type(self.nodes, declared)
        receiver = self._receiver(node)
        for part in named(node):
            pos = self.nodes.pos(part)
            body = (
                self.function_body(child_of(part, "function_body"))
                if part.type in ("getter", "setter")
                else ()
            )
            if part.type == "getter" and body:
                returns = (kind or Name(ANY, pos),)
                at = self.nodes.pos(declared)
                yield Function(name, receiver, (), returns, body, at, decorators=("property",))
            elif part.type == "setter" and body:
                word = child_of(part, "identifier")
                given = (Parameter(self.nodes.text(word) or "value", kind, pos),)
                yield Function(f"set_{name}", receiver, given, (), body, pos)

    def _enum_entry(self, node: Node, itself: Name, fields: list[Variable], body: list[Stmt]) -> None:
        word = child_of(node, "identifier")
        if word is None:
            return
        at = self.nodes.pos(word)
        fields.append(Variable(identifier(self.nodes, word), itself, None, at))
        args: list[Expr] = []
        for arguments in (one for one in named(node) if one.type == "value_arguments"):
            self._arguments(arguments, args, [])
        if args:
            made = (Do(Call(itself, tuple(args), (), at)),)
            body.append(Function("(constant)", None, (), (), made, at))
        self._members(child_of(node, "class_body"), itself, [], body)

    def anonymous(self, node: Node) -> Expr:
        """`object : T { … }`."""
        pos = self.nodes.pos(node)
        name = f"(class {pos[0]}:{pos[1]})"
        outer, self.hoisted = self.hoisted, []
        before, self.lambdas = self.lambdas, 0
        made = self._made(node, name, pos)
        self.lambdas = before
        self.hoisted = [*outer, *self.hoisted, made]
        return Call(Name(name, pos), (), (), pos)

    # -- functions

    def _receiver(self, node: Node) -> Parameter | None:
        """The type before the dot of an extension's name."""
        dot = next((part for part in node.children if part.type == "."), None)
        before = [
            part for part in named(node) if part.type in TYPES and dot and part.end_byte <= dot.start_byte
        ]
        if not before:
            return None
        return Parameter("this", lower_type(self.nodes, before[-1]), self.nodes.pos(before[-1]))

    def _function_declaration(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("name") or node
        pos = self.nodes.pos(name)
        listed = child_of(node, "function_value_parameters")
        after = [
            part
            for part in named(node)
            if part.type in TYPES and listed and part.start_byte > listed.end_byte
        ]
        written = lower_type(self.nodes, after[-1]) if after else None
        body = child_of(node, "function_body")
        if written is None and body is not None and any(part.type == "=" for part in body.children):
            written = Name(ANY, pos)  # what the expression is
        before, self.lambdas = self.lambdas, 0
        opening = tuple([Do(value) for value in self._defaults(listed)])
        inside = (*opening, *self.function_body(body))
        self.lambdas = before
        yield Function(
            identifier(self.nodes, name),
            self._receiver(node),
            self.parameters(listed),
            () if written is None else (written,),
            inside,
            pos,
            overrides="override" in self.nodes.text(child_of(node, "modifiers")).split(),
            type_parameters=self._type_parameters(node),
        )

    def _constructor(self, node: Node) -> Iterator[Stmt]:
        listed = child_of(node, "function_value_parameters")
        opening: list[Stmt] = []
        delegated = child_of(node, "constructor_delegation_call")
        pos = self.nodes.pos(node)
        if delegated is not None:
            args: list[Expr] = []
            for arguments in (one for one in named(delegated) if one.type == "value_arguments"):
                self._arguments(arguments, args, [])
            word = "super" if self.nodes.text(delegated).startswith("super") else "this"
            opening.append(Do(Call(Member(Name(word, pos), "__init__", pos), tuple(args), (), pos)))
        body = self.body(named(child_of(node, "block")))
        yield Function("__init__", None, self.parameters(listed), (), (*opening, *body), pos)

    def _type_parameters(self, node: Node) -> tuple[str, ...]:
        listed = named(child_of(node, "type_parameters"))
        return tuple([self.nodes.text(child_of(part, "identifier")) for part in listed])

    def _alias(self, node: Node) -> Iterator[Stmt]:
        name = node.child_by_field_name("type") or node
        kind = written_type(self.nodes, node)
        if kind is not None:
            yield Class(identifier(self.nodes, name), (), (), (), self.nodes.pos(name), alias=kind)

    def _extension_property(self, node: Node) -> Iterator[Stmt]:
        """A property of a file or a function."""
        if self._receiver(node) is None:
            yield from self._property(node)
        yield from self._computed(node)

    def _loose(self, node: Node) -> Iterator[Stmt]:
        """What the grammar could not place."""
        for part in named(node):
            yield from self.statement(part)


_PARAMETERS = frozenset({"parameter", "parameter_modifiers"})
Declarations.forms = {
    **Statements.forms,
    "ERROR": Declarations._loose,
    "class_declaration": Declarations._class,
    "companion_object": Declarations._class,
    "file_annotation": Statements._nothing,
    "function_declaration": Declarations._function_declaration,
    "import": Declarations._import,
    "object_declaration": Declarations._class,
    "package_header": Declarations._package,
    "property_declaration": Declarations._extension_property,
    "secondary_constructor": Declarations._constructor,
    "type_alias": Declarations._alias,
}
