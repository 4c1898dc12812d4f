"""C++'s written types -> types of the neutral syntax tree.

A pointer, a reference, a smart pointer, an optional and an iterator are what they lead to.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Expr,
    Generic,
    Member,
    Name,
    Opaque,
    Parameter,
    Pos,
    Signature,
)

WRAPPERS = frozenset(
    {
        *("unique_ptr", "shared_ptr", "weak_ptr", "optional", "reference_wrapper", "StatusOr", "atomic"),
        *("future", "promise", "shared_future", "scoped_refptr", "not_null", "scoped_ptr", "Nullable"),
        *("Nonnull", "remove_reference_t", "decay_t", "remove_cvref_t", "enable_shared_from_this"),
    }
)
LISTS = frozenset(
    {
        *("vector", "list", "deque", "set", "unordered_set", "array", "span", "Span", "initializer_list"),
        *(
            "queue",
            "stack",
            "RepeatedPtrField",
            "RepeatedField",
            "priority_queue",
            "multiset",
            "forward_list",
        ),
        *("InlinedVector", "flat_hash_set", "node_hash_set", "FixedArray", "forward_list"),
    }
)
MAPS = frozenset(
    {
        *("map", "unordered_map", "Map", "flat_hash_map", "node_hash_map", "btree_map", "multimap"),
        *("unordered_multimap", "flat_map"),
    }
)
TUPLES = frozenset({"pair", "tuple"})
FUNCTIONS = frozenset({"function", "AnyInvocable", "FunctionRef", "move_only_function"})
STREAMS = frozenset(
    {
        *("ServerReader", "ServerWriter", "ClientReader", "ClientWriter", "ClientReaderInterface"),
        *("ClientWriterInterface", "ServerAsyncWriter", "ServerAsyncReader", "ServerAsyncResponseWriter"),
        *("ClientAsyncResponseReader", "ClientAsyncReader", "ClientAsyncWriter", "ServerReaderWriter"),
        *("ClientReaderWriter", "ServerAsyncReaderWriter", "ClientAsyncReaderWriter", "ServerWriteReactor"),
        *("ServerReadReactor", "ServerBidiReactor", "ClientReadReactor", "ClientWriteReactor"),
        *("ClientBidiReactor", "ClientAsyncResponseReaderInterface", "ClientReaderWriterInterface"),
    }
)
"""Streams and reactors: what goes through them has its type written where it is read or written."""
AROUND = frozenset(
    {
        "pointer_declarator",
        "reference_declarator",
        "abstract_pointer_declarator",
        "abstract_reference_declarator",
    }
)
NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "operator_name", "destructor_name"})


class Types:
    """Lowers the written types and declarators of one file."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    def expr(self, node: Node | None) -> Expr:
        """Any expression; those who lower expressions know how."""
        raise NotImplementedError

    def type(self, node: Node | None) -> Expr | None:
        """A written type; None for `auto` and for none at all."""
        if node is None or node.type in ("placeholder_type_specifier", "auto", "dependent_type"):
            return self.type(named(node)[0]) if node is not None and node.type == "dependent_type" else None
        pos = self.nodes.pos(node)
        if node.type in ("type_identifier", "primitive_type", "sized_type_specifier", "identifier"):
            return Name(self.nodes.text(node), pos)
        if node.type in ("namespace_identifier", "field_identifier"):
            return Name(self.nodes.text(node), pos)
        if node.type in ("qualified_identifier", "template_type", "template_function", "template_method"):
            return self.path(node)
        if node.type == "type_descriptor":
            return self._described(node)
        if node.type in ("class_specifier", "struct_specifier", "enum_specifier", "union_specifier"):
            return self.type(node.child_by_field_name("name"))
        return Opaque((), pos) if node.type != "decltype" else None

    def _described(self, node: Node) -> Expr | None:
        """A type with what stands around it: `const Item*`, `int(const Item&)`."""
        inner = self.type(node.child_by_field_name("type"))
        declarator = node.child_by_field_name("declarator")
        while declarator is not None and declarator.type in AROUND:
            declarator = next(iter(declarator.named_children), None)
        if declarator is not None and declarator.type == "abstract_function_declarator":
            taken = self.parameters(declarator.child_by_field_name("parameters"))
            return Signature(taken, () if inner is None else (inner,), self.nodes.pos(node))
        return inner

    def path(self, node: Node, scope: Expr | None = None) -> Expr | None:
        """`a::B`, `a::B<C>`, with `scope` before it."""
        if node.type == "qualified_identifier":
            first, name = node.child_by_field_name("scope"), node.child_by_field_name("name")
            if first is not None:
                scope = self._qualifier(first, scope)
            return scope if name is None else self.path(name, scope)
        if node.type in ("template_type", "template_function", "template_method"):
            return self._template(node, scope)
        if node.type == "dependent_name":
            parts = named(node)
            return self.path(parts[0], scope) if parts else scope
        word, pos = self.nodes.text(node), self.nodes.pos(node)
        return Name(word, pos) if scope is None else Member(scope, word, pos)

    def _qualifier(self, node: Node, scope: Expr | None) -> Expr | None:
        """What stands before `::`. The first name is marked: variables may be called like it."""
        found = self.path(node, scope)
        return Name(f"{found.id}::", found.pos) if isinstance(found, Name) else found

    def arguments(self, node: Node | None) -> tuple[Expr, ...]:
        """What stands in `<…>`."""
        found = []
        for part in named(node):
            kind = self.type(part) if part.type == "type_descriptor" else None
            found.append(kind or Opaque((Name("auto", self.nodes.pos(part)),), self.nodes.pos(part)))
        return tuple(found)

    def _template(self, node: Node, scope: Expr | None) -> Expr | None:
        name = node.child_by_field_name("name")
        listed = node.child_by_field_name("arguments")
        arguments = self.arguments(listed)
        pos = self.nodes.pos(name or node)
        word = self.nodes.text(name)
        if node.type == "template_type":
            if word in WRAPPERS and arguments:
                return arguments[0]
            if word in FUNCTIONS and arguments:
                return arguments[0]
            if word in STREAMS:
                return Generic(Name(word, pos), arguments, pos)
            if word in (*LISTS, *MAPS, *TUPLES):
                kind = "list" if word in LISTS else "map" if word in MAPS else "tuple"
                taken = {"list": arguments[:1], "map": arguments[:2]}.get(kind, arguments)
                return Generic(Name(kind, pos), taken, pos)
        base = Name(word, pos) if scope is None else Member(scope, word, pos)
        return Generic(base, arguments, pos)

    # -- declarators

    def declared(self, node: Node | None) -> tuple[Node | None, int, Node | None]:
        """The name that a declarator declares, how many array brackets it has, and its function part."""
        arrays, function = 0, None
        while node is not None and node.type not in NAMES and node.type != "qualified_identifier":
            if node.type == "structured_binding_declarator":
                return node, arrays, function
            if node.type == "array_declarator":
                arrays += 1
            if node.type == "function_declarator":
                function = node
            inner = node.child_by_field_name("declarator")
            if inner is None:
                parts = [part for part in named(node) if not part.type.endswith("qualifier")]
                inner = parts[-1] if parts else None
            node = inner
        return node, arrays, function

    def listed(self, kind: Expr | None, arrays: int, pos: Pos) -> Expr | None:
        """The type of an array."""
        if kind is None or not arrays:
            return kind
        return self.listed(Generic(Name("list", pos), (kind,), pos), arrays - 1, pos)

    def returned(self, node: Node | None, function: Node) -> Expr | None:
        """What a function returns: before its name, or behind it."""
        trailing = child_of(function, "trailing_return_type")
        if trailing is not None:
            return self.type(next(iter(named(trailing)), None))
        return self.type(node)

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a function, a lambda or a function type."""
        found = []
        for part in self._parameter_nodes(node):
            name, arrays, function = self.declared(part.child_by_field_name("declarator"))
            pos = self.nodes.pos(name or part)
            kind = self.listed(self.type(part.child_by_field_name("type")), arrays, pos)
            if function is not None:
                taken = self.parameters(function.child_by_field_name("parameters"))
                kind = Signature(taken, () if kind is None else (kind,), pos)
            variadic = part.type == "variadic_parameter_declaration"
            found.append(Parameter(self.nodes.text(name), kind, pos, variadic=variadic))
        return tuple(found)

    def _parameter_nodes(self, node: Node | None) -> Iterator[Node]:
        for part in named(node):
            if part.type.endswith("parameter_declaration"):
                yield part
