"""Kotlin's tree for requests: templates and `+` keep their pieces, annotations stand in classes as marks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.annotations import Annotation, body_index
from workspai_hooks.workspace.http.lower_jvm import (
    base_mark,
    injected,
    name_marks,
    request_mark,
    strategy_marks,
)
from workspai_hooks.workspace.http.trees import joined, summands
from workspai_hooks.workspace.use_sites.kotlin import lowering
from workspai_hooks.workspace.use_sites.kotlin.types import identifier
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Call,
    Class,
    Expr,
    Function,
    Generic,
    Name,
    Pos,
    Source,
    Stmt,
    Text,
    Variable,
)

_STRINGS = frozenset({"string_literal", "multiline_string_literal"})
_SIMPLE = regex(r"\$([A-Za-z_]\w*)")


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
        if node is not None and self.depth <= DEEPEST:
            if node.type in _STRINGS:
                return self._template(node)
            if node.type == "binary_expression":
                put = self._put_together(node) or self._generic_call(node)
                if put is not None:
                    return put
        return super().expr(node)

    def _template(self, node: Node) -> Expr:
        """`"$base/orders/${id}"`; the grammar leaves `$base` among the text."""
        parts: list[Expr] = []
        said = ""
        for part in named(node):
            if part.type == "interpolation":
                parts += self._simple(said, self.nodes.pos(node))
                said = ""
                parts.append(self.inner(part))
            elif part.type == "escape_sequence":
                said += self.nodes.text(part).replace("\\$", "\0").replace("\\", "")
            else:
                said += self.nodes.text(part)
        parts += self._simple(said, self.nodes.pos(node))
        return joined(parts, self.nodes.pos(node)) if parts else Text("", self.nodes.pos(node))

    def _simple(self, said: str, pos: Pos) -> list[Expr]:
        """A text with the names in it; `\\0` stands for a dollar that is none of a name's."""
        found: list[Expr] = []
        last = 0
        for match in _SIMPLE.finditer(said):
            found += [Text(said[last : match.start()].replace("\0", "$"), pos), Name(match[1], pos)]
            last = match.end()
        rest = said[last:].replace("\0", "$")
        return [*found, Text(rest, pos)] if rest or not found else found

    def _put_together(self, node: Node) -> Expr | None:
        operands = summands(self.nodes, node)
        if operands is None:
            return None
        return joined([self.expr(each) for each in operands], self.nodes.pos(node))

    def _generic_call(self, node: Node) -> Expr | None:
        """`rest.getForObject<Order>(url)`, that the grammar takes for two comparisons."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        inner = left if left is not None and left.type == "binary_expression" else None
        if inner is None or right is None or right.type != "parenthesized_expression":
            return None
        signs = [self.nodes.text(each.child_by_field_name("operator")) for each in (inner, node)]
        fn, kind = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if signs != ["<", ">"] or fn is None or kind is None or fn.type != "navigation_expression":
            return None
        pos = self.nodes.pos(node)
        args = tuple([self.expr(each) for each in named(right)])
        return Call(Generic(self.expr(fn), (self.expr(kind),), pos), args, (), pos)

    def _made(self, node: Node, text: str, pos: Pos) -> Class:
        """A class with the marks of what stands in it, and what the configuration fills in."""
        outer, self._marks = self._marks, []
        made = super()._made(node, text, pos)
        own, self._marks = self._marks, outer
        annotations = self._annotated(node)
        own += base_mark(annotations, self._value, pos)
        own += strategy_marks(annotations, self.nodes.text, pos)
        opening: list[Stmt] = []
        listed = child_of(child_of(node, "primary_constructor") or node, "class_parameters")
        for part in named(listed):
            found, word = self._annotated(part), child_of(part, "identifier")
            if word is None or not found:
                continue
            at, name = self.nodes.pos(word), identifier(self.nodes, word)
            own += name_marks(found, name, self._value, at)
            value = injected(found, self._value, at)
            if value is not None:
                opening.append(Bind((Name(name, at),), None, (value,), True, at))
        values = {each.targets[0].id: each.values[0] for each in opening}  # type: ignore[union-attr]
        fields = tuple([replace(each, value=values.get(each.name, each.value)) for each in made.fields])
        return replace(made, fields=fields, body=(*made.body, *own))

    def statement(self, node: Node) -> list[Stmt]:
        found = super().statement(node)
        if node.type == "function_declaration":
            for each in found:
                if isinstance(each, Function) and child_of(node, "function_body") is None:
                    parameters = list(self._parameters(child_of(node, "function_value_parameters")))
                    body = body_index(parameters)
                    self._marks += request_mark(self._annotated(node), each.name, body, self._value, each.pos)
        return found

    def _parameters(self, node: Node | None) -> Iterator[list[Annotation[Node]]]:
        """The annotations of each parameter: the grammar has them before it."""
        before: list[Annotation[Node]] = []
        for part in named(node):
            if part.type == "parameter_modifiers":
                before = self._listed(part)
            elif part.type == "parameter":
                yield before
                before = []

    def _fields(self, node: Node) -> Iterator[Variable]:
        annotations = self._annotated(node)
        given = injected(annotations, self._value, self.nodes.pos(node)) if annotations else None
        for each in super()._fields(node):
            if annotations:
                self._marks += name_marks(annotations, each.name, self._value, each.pos)
            yield each if given is None else replace(each, value=given)

    def _annotated(self, node: Node) -> list[Annotation[Node]]:
        """The annotations of a declaration."""
        modifiers = child_of(node, "modifiers")
        return [] if modifiers is None else self._listed(modifiers)

    def _listed(self, modifiers: Node) -> list[Annotation[Node]]:
        found = []
        for part in named(modifiers):
            if part.type != "annotation":
                continue
            call = child_of(part, "constructor_invocation") or part
            values: dict[str, Node] = {}
            for each in named(child_of(call, "value_arguments")):
                inner = named(each)
                if len(inner) == 2 and inner[0].type == "identifier":
                    values[self.nodes.text(inner[0])] = inner[1]
                elif inner:
                    values[""] = inner[-1]
            name = self.nodes.text(child_of(call, "user_type")).rpartition(".")[2].partition("<")[0]
            found.append(Annotation(name, values))
        return found

    def _value(self, node: Node) -> Expr:
        """A value of an annotation; of several the first."""
        while node.type == "collection_literal" and named(node):
            node = named(node)[0]
        return self.expr(node)
