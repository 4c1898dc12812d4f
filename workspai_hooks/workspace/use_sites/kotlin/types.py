"""Kotlin's written types -> types of the neutral tree. A function type's receiver is a parameter `this`."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.jvm.signatures import functional
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import (
    Expr,
    Generic,
    Member,
    Name,
    Parameter,
    Signature,
)

ANY = "?"
"""A type that says nothing."""
TYPES = frozenset(
    {
        *("user_type", "nullable_type", "function_type", "parenthesized_type", "not_nullable_type"),
        *("non_nullable_type", "dynamic", "type_projection"),
    }
)


def lower_type(nodes: Nodes, node: Node | None, depth: int = 0) -> Expr | None:
    """A written type; None for none at all."""
    if node is None or depth > DEEPEST:
        return None
    pos = nodes.pos(node)
    if node.type == "user_type":
        return _user(nodes, node, depth)
    if node.type == "function_type":
        return _function(nodes, node, depth)
    if node.type == "identifier":
        return Name(identifier(nodes, node), pos)
    inner = [part for part in named(node) if part.type in TYPES]
    return lower_type(nodes, inner[-1], depth + 1) if inner else Name(ANY, pos)


def written_type(nodes: Nodes, node: Node) -> Expr | None:
    """The type among the children of a declaration."""
    return lower_type(nodes, next((part for part in named(node) if part.type in TYPES), None))


def identifier(nodes: Nodes, node: Node | None) -> str:
    """A name without the backticks of one that is a keyword."""
    return nodes.text(node).strip("`")


def type_arguments(nodes: Nodes, node: Node | None, depth: int = 0) -> tuple[Expr, ...]:
    """The arguments in `<…>`."""
    found = [lower_type(nodes, part, depth + 1) for part in named(node)]
    return tuple([each or Name(ANY, (1, 1)) for each in found])


def _user(nodes: Nodes, node: Node, depth: int) -> Expr:
    """`a.b.Cart<X>`."""
    found: Expr | None = None
    word = ""
    for part in named(node):
        pos = nodes.pos(part)
        if part.type == "identifier":
            word = identifier(nodes, part)
            found = Name(word, pos) if found is None else Member(found, word, pos)
        elif part.type == "type_arguments" and found is not None:
            args = type_arguments(nodes, part, depth)
            found = functional(word, args, pos) or Generic(found, args, nodes.pos(node))
    return found or Name(ANY, nodes.pos(node))


def _function(nodes: Nodes, node: Node, depth: int) -> Expr:
    pos = nodes.pos(node)
    listed = child_of(node, "function_type_parameters")
    parameters: list[Parameter] = []
    result: Expr | None = None
    for part in named(node):
        if part == listed:
            for each in named(part):
                kind = (
                    written_type(nodes, each)
                    if each.type == "parameter"
                    else lower_type(nodes, each, depth + 1)
                )
                parameters.append(Parameter("", kind, nodes.pos(each)))
        elif part.type in TYPES:
            kind = lower_type(nodes, part, depth + 1)
            if listed is not None and part.start_byte < listed.start_byte:
                parameters.insert(0, Parameter("this", kind, nodes.pos(part)))
            else:
                result = kind
    unit = isinstance(result, Name) and result.id == "Unit"
    return Signature(tuple(parameters), () if result is None or unit else (result,), pos)
