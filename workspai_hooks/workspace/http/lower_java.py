"""Java's tree for requests: `+` keeps its operands' order, and what annotations say stands in the classes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.workspace.http.annotations import Annotation, body_index
from workspai_hooks.workspace.http.lower_jvm import (
    base_mark,
    injected,
    name_marks,
    request_mark,
    strategy_marks,
)
from workspai_hooks.workspace.http.trees import joined, summands
from workspai_hooks.workspace.use_sites.java import lowering
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Class,
    Expr,
    Function,
    Name,
    Source,
    Stmt,
    Variable,
)

_TYPES = frozenset({"class_declaration", "interface_declaration", "record_declaration"})
_METHODS = frozenset({"method_declaration", "constructor_declaration", "compact_constructor_declaration"})


def lower(data: bytes) -> Source:
    """The tree of a file."""
    return lowering.lower(data, _Declarations)


class _Declarations(lowering.Declarations):
    """Lowers texts so that they can be put together, and adds marks to classes."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        self._marks: list[Stmt] = []
        """Of the class that is being lowered."""

    def expr(self, node: Node | None) -> Expr:
        if node is not None and node.type == "binary_expression" and self.depth <= DEEPEST:
            put = self._put_together(node)
            if put is not None:
                return put
        return super().expr(node)

    def _put_together(self, node: Node) -> Expr | None:
        operands = summands(self.nodes, node)
        if operands is None:
            return None
        return joined([self.expr(each) for each in operands], self.nodes.pos(node))

    def statement(self, node: Node) -> list[Stmt]:
        """As it is; a class gets the marks of what stands in it, a method what is injected into it."""
        if node.type in _TYPES:
            outer, self._marks = self._marks, []
            found = super().statement(node)
            own, self._marks = self._marks, outer
            own += self._of_class(node)
            return [_marked(each, own) if isinstance(each, Class) else each for each in found]
        found = super().statement(node)
        if node.type in _METHODS:
            return [self._method_with_marks(each, node) for each in found]
        return found

    def _of_class(self, node: Node) -> list[Stmt]:
        annotations, pos = self._annotated(node), self.nodes.pos(node)
        found = [
            *base_mark(annotations, self._value, pos),
            *strategy_marks(annotations, self.nodes.text, pos),
        ]
        for part in named(node.child_by_field_name("parameters")):
            name = part.child_by_field_name("name")
            if name is not None:
                at = self.nodes.pos(name)
                found += name_marks(self._annotated(part), self.nodes.text(name), self._value, at)
        return found

    def _method_with_marks(self, each: Stmt, node: Node) -> Stmt:
        if not isinstance(each, Function):
            return each
        annotations = self._annotated(node)
        listed = [
            part
            for part in named(node.child_by_field_name("parameters"))
            if part.type in ("formal_parameter", "spread_parameter")
        ]
        parameters = [self._annotated(part) for part in listed]
        if node.child_by_field_name("body") is None:
            self._marks += request_mark(annotations, each.name, body_index(parameters), self._value, each.pos)
        if each.name[:3] in ("get", "set") and each.name[3:]:
            member = each.name[3:4].lower() + each.name[4:]
            self._marks += name_marks(annotations, member, self._value, each.pos)
        for part, taken in zip(listed, parameters, strict=True):  # Jackson's creators
            name = part.child_by_field_name("name")
            if each.name == "__init__" and name is not None:
                word = self.nodes.text(name)
                self._marks += name_marks(taken, word, self._value, each.pos)
        return replace(each, body=(*self._opening(listed, parameters), *each.body))

    def _opening(self, listed: list[Node], parameters: list[list[Annotation[Node]]]) -> Iterator[Stmt]:
        """Parameters that the configuration fills."""
        for part, found in zip(listed, parameters, strict=True):
            name = part.child_by_field_name("name")
            value = None if name is None else injected(found, self._value, self.nodes.pos(part))
            if name is not None and value is not None:
                pos = self.nodes.pos(name)
                yield Bind((Name(self.nodes.text(name), pos),), None, (value,), True, pos)

    def _fields(self, node: Node) -> Iterator[Variable]:
        """Fields, with what is injected into them as their value."""
        annotations = self._annotated(node)
        given = injected(annotations, self._value, self.nodes.pos(node)) if annotations else None
        for each in super()._fields(node):
            if annotations:
                self._marks += name_marks(annotations, each.name, self._value, each.pos)
            yield each if given is None else replace(each, value=given)

    def _annotated(self, node: Node) -> list[Annotation[Node]]:
        """The annotations of a declaration."""
        found = []
        for part in named(child_of(node, "modifiers")):
            if part.type not in ("annotation", "marker_annotation"):
                continue
            values: dict[str, Node] = {}
            for each in named(part.child_by_field_name("arguments")):
                if each.type == "element_value_pair":
                    value = each.child_by_field_name("value")
                    if value is not None:
                        values[self.nodes.text(each.child_by_field_name("key"))] = value
                else:
                    values[""] = each
            name = self.nodes.text(part.child_by_field_name("name")).rpartition(".")[2]
            found.append(Annotation(name, values))
        return found

    def _value(self, node: Node) -> Expr:
        """A value of an annotation; of several the first."""
        while node.type == "element_value_array_initializer" and named(node):
            node = named(node)[0]
        return self.expr(node)


def _marked(node: Class, found: list[Stmt]) -> Class:
    return replace(node, body=(*node.body, *found)) if found else node
