"""C#'s tree for requests: interpolated strings and `+` keep their pieces, attributes stand in the classes
as marks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.workspace.http.annotations import Annotation, body_index
from workspai_hooks.workspace.http.trees import BASE, REQUEST, call_of, joined, named_in_json, summands
from workspai_hooks.workspace.use_sites.csharp import lowering
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import Class, Do, Expr, Function, Source, Stmt, Text

_TYPES = frozenset(
    {
        *("class_declaration", "record_declaration", "struct_declaration", "interface_declaration"),
    }
)
_NAMES = {"JsonPropertyName": (), "JsonProperty": ("PropertyName",), "DataMember": ("Name",)}
_HIDDEN = frozenset({"JsonIgnore", "IgnoreDataMember"})
_REFIT = frozenset({"Get", "Post", "Put", "Delete", "Patch", "Head", "Options"})


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
            if node.type == "interpolated_string_expression":
                return self._interpolated(node)
            if node.type == "binary_expression":
                put = self._put_together(node)
                if put is not None:
                    return put
        return super().expr(node)

    def _interpolated(self, node: Node) -> Expr:
        """`$"{base}/orders/{id}"`."""
        parts: list[Expr] = []
        for part in named(node):
            if part.type == "interpolation":
                inner = [each for each in named(part) if not each.type.startswith("interpolation_")]
                parts.append(self.expr(inner[0] if inner else part))
            elif part.type == "string_content":
                said = self.nodes.text(part).replace("{{", "{").replace("}}", "}")
                parts.append(Text(said, self.nodes.pos(part)))
        return joined(parts, self.nodes.pos(node)) if parts else Text("", self.nodes.pos(node))

    def _put_together(self, node: Node) -> Expr | None:
        operands = summands(self.nodes, node)
        if operands is None:
            return None
        return joined([self.expr(each) for each in operands], self.nodes.pos(node))

    def statement(self, node: Node) -> list[Stmt]:
        """As it is; a class gets the marks of what stands in it."""
        if node.type in _TYPES:
            outer, self._marks = self._marks, []
            found = super().statement(node)
            own, self._marks = self._marks, outer
            own += self._of_class(node)
            return [
                replace(each, body=(*each.body, *own)) if isinstance(each, Class) and own else each
                for each in found
            ]
        found = super().statement(node)
        if node.type in ("property_declaration", "field_declaration"):
            self._note_names(node)
        elif node.type == "method_declaration":
            self._note_request(node, found)
        return found

    def _of_class(self, node: Node) -> Iterator[Stmt]:
        for part in named(child_of(node, "parameter_list")):
            name = part.child_by_field_name("name")
            if name is not None:
                yield from self._named(part, name)
        prefix = next((one for one in self._attributed(node) if one.name in ("Headers", "BasePath")), None)
        given = prefix.first("") if prefix is not None and prefix.name == "BasePath" else None
        if given is not None:
            yield Do(call_of(BASE, [self.expr(given)], self.nodes.pos(node)))

    def _note_names(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            declared = child_of(child_of(node, "variable_declaration") or node, "variable_declarator")
            name = declared.child_by_field_name("name") if declared is not None else None
        if name is not None:
            self._marks += self._named(node, name)

    def _named(self, node: Node, name: Node) -> Iterator[Stmt]:
        """What a property is called in JSON."""
        member, pos = self.nodes.text(name), self.nodes.pos(name)
        for one in self._attributed(node):
            if one.name in _HIDDEN:
                yield named_in_json(member, "", pos)
            elif one.name in _NAMES:
                value = one.first(*_NAMES[one.name], *(("",) if one.name != "DataMember" else ()))
                written = None if value is None else self.expr(value)
                if isinstance(written, Text):
                    yield named_in_json(member, written.value, pos)

    def _note_request(self, node: Node, found: list[Stmt]) -> None:
        """A method of one of Refit's interfaces."""
        asked = next((one for one in self._attributed(node) if one.name in _REFIT), None)
        path = None if asked is None else asked.first("")
        functions = [each for each in found if isinstance(each, Function)]
        if asked is None or path is None or not functions or child_of(node, "block") is not None:
            return
        listed = [part for part in named(node.child_by_field_name("parameters")) if part.type == "parameter"]
        body = body_index([self._attributed(part) for part in listed])
        pos = functions[0].pos
        args = [
            Text(functions[0].name, pos),
            Text(asked.name.upper(), pos),
            Text(str(body), pos),
            self.expr(path),
        ]
        self._marks.append(Do(call_of(REQUEST, args, pos)))

    def _attributed(self, node: Node) -> list[Annotation[Node]]:
        """The attributes of a declaration."""
        found = []
        for listed in (part for part in named(node) if part.type == "attribute_list"):
            for attribute in (part for part in named(listed) if part.type == "attribute"):
                values: dict[str, Node] = {}
                for argument in named(child_of(attribute, "attribute_argument_list")):
                    name = argument.child_by_field_name("name")
                    inner = [each for each in named(argument) if each != name]
                    if inner and inner[0].type == "assignment_expression":
                        left, right = (
                            inner[0].child_by_field_name("left"),
                            inner[0].child_by_field_name("right"),
                        )
                        if right is not None:
                            values[self.nodes.text(left)] = right
                    elif inner:
                        values[self.nodes.text(name) if name is not None else ""] = inner[-1]
                word = self.nodes.text(attribute.child_by_field_name("name")).rpartition(".")[2]
                found.append(Annotation(word.removesuffix("Attribute"), values))
        return found
