"""Rust's `use` trees -> imports, one a name."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import DEEPEST, Nodes, named
from workspai_hooks.workspace.use_sites.syntax import Import


def imports_of(nodes: Nodes, node: Node | None, path: str = "", depth: int = 0) -> Iterator[Import]:
    """`a::{b::C, d::*, self as e}`: C of a::b, everything of a::d, a as e."""
    if node is None or depth > DEEPEST:
        return
    if node.type == "use_list":
        for part in named(node):
            yield from imports_of(nodes, part, path, depth + 1)
    elif node.type == "scoped_use_list":
        inner = _joined(path, nodes, node.child_by_field_name("path"))
        yield from imports_of(nodes, node.child_by_field_name("list"), inner, depth + 1)
    elif node.type == "use_wildcard":
        parts = named(node)
        inner = _joined(path, nodes, parts[0] if parts else None)
        yield Import(inner, None, (("*", "*"),), nodes.pos(node))
    elif node.type == "use_as_clause":
        target, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
        yield from _one(nodes, target, path, nodes.text(alias))
    else:
        yield from _one(nodes, node, path, None)


def _one(nodes: Nodes, node: Node | None, path: str, alias: str | None) -> Iterator[Import]:
    if node is None:
        return
    full = path if node.type == "self" and path else _joined(path, nodes, node)
    owner, _, word = full.rpartition("::")
    last = node.child_by_field_name("name") or node
    pos = nodes.pos(last)
    if owner:
        yield Import(owner, None, ((word, alias or word),), pos)
    else:
        yield Import(full, alias or full, (), pos)


def _joined(path: str, nodes: Nodes, node: Node | None) -> str:
    """The path as written, without spaces and the marks of raw identifiers."""
    written = "".join(nodes.text(node).split()).replace("r#", "")
    return f"{path}::{written}".removeprefix("::") if path and written else written.removeprefix("::") or path
