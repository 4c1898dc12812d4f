"""TypeScript's written types -> the neutral syntax tree.

`null` and `undefined` are left out of unions; `A & B` is a struct that embeds both; `Pick<T, "a">` is T and
uses `T["a"]`; an indexed access `T["a"]` is an Index.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Either,
    Expr,
    Generic,
    Index,
    Member,
    Name,
    Parameter,
    Pos,
    Signature,
    Struct,
    Text,
    Variable,
)

ABSENT = frozenset({"null", "undefined", "void", "never"})


class Types:
    """Lowers the types of one file."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.depth = 0

    def annotation(self, node: Node | None, field: str = "type") -> Expr | None:
        """The type after a colon."""
        written = None if node is None else node.child_by_field_name(field)
        return None if written is None else self.type(written)

    def type(self, node: Node | None) -> Expr | None:
        """A type; None where it says nothing that is of use."""
        if node is None or self.depth > DEEPEST:
            return None
        self.depth += 1
        try:
            return self._of(node)
        finally:
            self.depth -= 1

    def type_arguments(self, node: Node | None) -> tuple[Expr, ...]:
        """`<A, B>`."""
        pos = (1, 1) if node is None else self.nodes.pos(node)
        return tuple([self.type(part) or Name("any", pos) for part in named(node)])

    def type_parameters(self, node: Node) -> tuple[str, ...]:
        """The names that `<T extends X>` declares."""
        listed = named(node.child_by_field_name("type_parameters"))
        return tuple([self.nodes.text(part.child_by_field_name("name") or part) for part in listed])

    def _of(self, node: Node) -> Expr | None:
        pos = self.nodes.pos(node)
        match node.type:
            case "type_identifier" | "identifier" | "predefined_type" | "property_identifier":
                return Name(self.nodes.text(node), pos)
            case "nested_type_identifier" | "nested_identifier" | "member_expression":
                return self._qualified(node)
            case "generic_type":
                return self._generic(node)
            case "union_type":
                return self._union(node)
            case "intersection_type":
                return self._intersection(node)
            case "array_type":
                return Generic(Name("list", pos), self.type_arguments(node), pos)
            case "tuple_type":
                return Generic(Name("tuple", pos), self.type_arguments(node), pos)
            case "object_type" | "interface_body":
                return self._object_type(node)
            case "function_type" | "constructor_type":
                result = self.annotation(node, "return_type")
                parameters = self.signature_parameters(node.child_by_field_name("parameters"))
                return Signature(parameters, () if result is None else (result,), pos)
            case "lookup_type":
                return self._lookup(node)
            case "type_query":
                parts = named(node)
                inner = self._value(parts[0]) if parts else None
                return None if inner is None else Generic(Name("typeof", pos), (inner,), pos)
            case "conditional_type":
                branches = [self.annotation(node, field) for field in ("consequence", "alternative")]
                return Either(tuple([one for one in branches if one is not None]), (), pos)
            case "literal_type" | "template_literal_type" | "index_type_query":
                return Name("string", pos)
            case "type_predicate" | "type_predicate_annotation" | "asserts" | "asserts_annotation":
                return Name("boolean", pos)
            case "this_type" | "infer_type":
                return None
            case _:
                parts = named(node)
                return self.type(parts[0]) if len(parts) == 1 else None

    def _qualified(self, node: Node) -> Expr | None:
        first, *rest = [part for part in named(node) if part.type != "type_arguments"] or [node]
        value = self.type(first)
        for part in rest:
            if value is not None:
                value = Member(value, self.nodes.text(part), self.nodes.pos(part))
        return value

    def _value(self, node: Node) -> Expr | None:
        """What `typeof` is asked of."""
        if node.type == "this":
            return Name("this", self.nodes.pos(node))
        return self._qualified(node) if named(node) else Name(self.nodes.text(node), self.nodes.pos(node))

    def _generic(self, node: Node) -> Expr | None:
        base = self.type(node.child_by_field_name("name"))
        arguments = child_of(node, "type_arguments")
        args = self.type_arguments(arguments)
        pos = self.nodes.pos(node)
        if base is None:
            return None
        if isinstance(base, Name) and base.id in ("Pick", "Extract") and len(args) == 2:
            keys = self._strings(named(arguments)[1])
            return Either((args[0],), tuple([Index(args[0], key, key.pos) for key in keys]), pos)
        return Generic(base, args, pos)

    def _strings(self, node: Node) -> list[Text]:
        """The literal types in a union."""
        found = []
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type == "string":
                found.append(Text(self.nodes.text(current).strip("'\"`"), self.nodes.pos(current)))
            else:
                stack.extend(reversed(named(current)))
        return found

    def _union(self, node: Node) -> Expr | None:
        choices: list[Expr] = []
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type == "union_type":
                stack.extend(reversed(named(current)))
            elif self.nodes.text(current) not in ABSENT and (one := self.type(current)) is not None:
                choices.append(one)
        if len(choices) == 1:
            return choices[0]
        pos = self.nodes.pos(node)
        return Either(tuple(choices), (), pos) if choices else Name("undefined", pos)

    def _intersection(self, node: Node) -> Expr:
        bases: list[Expr] = []
        fields: list[Variable] = []
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type == "intersection_type":
                stack.extend(reversed(named(current)))
            elif current.type == "object_type":
                fields.extend(self.properties(current))
            elif (one := self.type(current)) is not None:
                bases.append(one)
        return Struct(tuple(bases), tuple(fields), self.nodes.pos(node))

    def _object_type(self, node: Node) -> Expr:
        pos = self.nodes.pos(node)
        members = named(node)
        signatures = [one for one in members if one.type == "index_signature"]
        if signatures and len(signatures) == len(members):
            value = self.annotation(signatures[0]) or Name("any", pos)
            return Generic(Name("map", pos), (Name("string", pos), value), pos)
        return Struct((), tuple(self.properties(node)), pos)

    def properties(self, node: Node | None) -> list[Variable]:
        """The members of an object type or an interface; methods have a Signature as type."""
        found = []
        for part in named(node):
            name = part.child_by_field_name("name")
            if name is None:
                continue
            text, pos = self.nodes.text(name).strip("'\""), self.nodes.pos(name)
            if part.type == "property_signature":
                found.append(Variable(text, self.annotation(part), None, pos))
            elif part.type in ("method_signature", "abstract_method_signature"):
                found.append(Variable(text, self.method_type(part, pos), None, pos))
        return found

    def method_type(self, node: Node, pos: Pos) -> Signature:
        """A method without a body."""
        result = self.annotation(node, "return_type")
        parameters = self.signature_parameters(node.child_by_field_name("parameters"))
        return Signature(parameters, () if result is None else (result,), pos)

    def signature_parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """Parameters of a function type."""
        found = []
        for part in named(node):
            pattern = part.child_by_field_name("pattern")
            variadic = pattern is not None and pattern.type == "rest_pattern"
            kind = self.annotation(part)
            if variadic and isinstance(kind, Generic) and kind.base == Name("list", kind.base.pos):
                kind = kind.args[0] if kind.args else None
            found.append(Parameter("", kind, self.nodes.pos(part), variadic))
        return tuple(found)

    def _lookup(self, node: Node) -> Expr | None:
        parts = named(node)
        base = self.type(parts[0]) if parts else None
        if base is None or len(parts) < 2:
            return base
        keys = self._strings(parts[1])
        pos = self.nodes.pos(parts[1])
        if not keys:
            return Index(base, Name("number", pos), pos)
        found = [Index(base, key, key.pos) for key in keys]
        return found[0] if len(found) == 1 else Either(tuple(found), (), pos)
