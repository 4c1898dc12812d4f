"""Service configs in Go: the text that `grpc.WithDefaultServiceConfig` is given, as a literal or by a name
that is given one in the same file. grpc-go alone reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec.structs import replace
from tree_sitter import Node

from workspai_hooks.resilience.deadlines.site import SourceFile
from workspai_hooks.resilience.grpc.code import Held, nodes_of, of_text, read_of, template
from workspai_hooks.resilience.grpc.values import Kind, Runtime
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.workspace.files import is_own
from workspai_hooks.workspace.use_sites.syntax import UnparsableError

_CALL = "WithDefaultServiceConfig"
MARKS = (_CALL.encode(),)
_LIFTED = b"WithMaxCallAttempts"
"""The option that lets a client make more than five tries."""
_STRINGS = ("raw_string_literal", "interpreted_string_literal")
_DECLARES = ("const_spec", "var_spec", "short_var_declaration", "assignment_statement")


def wanted(path: str) -> bool:
    """Whether it is a source of a program's own."""
    return path.endswith(".go") and is_own(path)


def read(path: str, data: bytes) -> Read:
    """What a file's calls say."""
    from workspai_hooks.workspace.use_sites.go.lowering import GO

    try:
        file = SourceFile(path, data, GO)
    except UnparsableError:
        return Read()
    held: list[Held] = []
    questions: list[Read] = []
    for literal in sorted(set(_literals(file)), key=lambda node: node.start_byte):
        text = file.nodes.text(literal)
        if literal.type == "call_expression":
            if "methodConfig" in text:
                questions.append(template(path, literal.start_point[0] + 1))
        else:
            held.append(_held(path, file, literal, text, lifted=_LIFTED in data))
    return joined([read_of(path, held, (Runtime.GO,)), *questions])


def _held(path: str, file: SourceFile, literal: Node, text: str, *, lifted: bool) -> Held:
    line, column = file.nodes.pos(literal)
    if text.startswith("`"):
        found = of_text(path, text[1:-1].replace("\r", ""), (line, column + 1), verbatim=True)
    else:
        found = of_text(path, _unquoted(text), (line, column), verbatim=False)
    if not lifted:
        return found
    faults = tuple(
        one
        for one in found.config.faults
        if not (one.kind is Kind.IGNORED and one.at and one.at[-1] == "maxAttempts")
    )
    return replace(found, config=replace(found.config, faults=faults))


def _unquoted(text: str) -> str:
    """Go's escapes in a config are those of JSON; any others are left as they stand."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _literals(file: SourceFile) -> Iterator[Node]:
    """The literals that configs are, or the calls that make one."""
    for call in file.calls(_CALL):
        arguments = file.arguments(call)
        node: Node | None = arguments[0] if len(arguments) == 1 else None
        if node is not None and node.type == "identifier":
            node = _given(file, file.nodes.text(node))
        if node is not None and (node.type in _STRINGS or _is_formatted(file, node)):
            yield node


def _is_formatted(file: SourceFile, node: Node) -> bool:
    return node.type == "call_expression" and file.called(node) in ("Sprintf", "Sprint")


def _given(file: SourceFile, name: str) -> Node | None:
    """What a name is given, where that is one thing in the whole file."""
    found: list[Node] = []
    for node in nodes_of(file):
        if node.type not in _DECLARES:
            continue
        left = node.child_by_field_name("name") or node.child_by_field_name("left")
        right = node.child_by_field_name("value") or node.child_by_field_name("right")
        if left is not None and file.nodes.text(left).strip() == name and right is not None:
            values = right.named_children if right.type == "expression_list" else [right]
            found += values[:1] if len(values) == 1 else [right]
    return found[0] if len(found) == 1 else None
