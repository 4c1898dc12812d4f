"""Java's written types -> types of the neutral syntax tree."""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.jvm.signatures import functional
from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, child_of, named
from workspai_hooks.workspace.use_sites.syntax import Expr, Generic, Member, Name

ANY = "?"
"""A type that says nothing."""
PREDEFINED = frozenset({"integral_type", "floating_point_type", "boolean_type", "void_type"})


def lower_type(nodes: Nodes, node: Node | None, depth: int = 0) -> Expr | None:
    """A written type; None for `var` and for none at all."""
    if node is None or depth > DEEPEST:
        return None
    pos = nodes.pos(node)
    if node.type in ("type_identifier", "identifier") or node.type in PREDEFINED:
        word = nodes.text(node)
        return None if word == "var" else Name(word, pos)
    parts = [part for part in named(node) if not part.type.endswith("annotation")]
    if node.type in ("scoped_type_identifier", "scoped_identifier", "field_access"):
        outer = lower_type(nodes, parts[0], depth + 1) if len(parts) > 1 else None
        last = parts[-1] if parts else node
        if outer is None:
            return lower_type(nodes, last, depth + 1)
        return Member(outer, nodes.text(last), nodes.pos(last))
    if node.type == "generic_type":
        return _generic(nodes, node, depth)
    if node.type == "array_type":
        item = lower_type(nodes, node.child_by_field_name("element"), depth + 1)
        return Generic(Name("list", pos), () if item is None else (item,), pos)
    if node.type in ("annotated_type", "wildcard", "catch_type", "type_bound"):
        return lower_type(nodes, parts[-1], depth + 1) if parts else Name(ANY, pos)
    return Name(ANY, pos)


def type_arguments(nodes: Nodes, node: Node | None, depth: int = 0) -> tuple[Expr, ...]:
    """The arguments in `<…>`."""
    found = [lower_type(nodes, part, depth + 1) for part in named(node)]
    pos = (1, 1) if node is None else nodes.pos(node)
    return tuple([each or Name(ANY, pos) for each in found])


def _generic(nodes: Nodes, node: Node, depth: int) -> Expr:
    pos = nodes.pos(node)
    parts = named(node)
    base = lower_type(nodes, parts[0], depth + 1) if parts else None
    args = type_arguments(nodes, child_of(node, "type_arguments"), depth)
    if base is None:
        return Name(ANY, pos)
    word = base.id if isinstance(base, Name) else base.name if isinstance(base, Member) else ""
    known = functional(word, args, pos)
    if known is not None:
        return known
    return Generic(base, args, pos) if args else base
