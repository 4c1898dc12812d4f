"""JSON patches (RFC 6902) on trees."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from workspai_hooks.contracts.helm.nodes import Node

_ANNOTATIONS = ("metadata", "annotations")


class PatchError(ValueError):
    """An operation that can't be carried out; kustomize stops there."""


def apply(target: Node, operations: Sequence[Node]) -> Node:
    """Carry out all operations in their order."""
    for operation in operations:
        name, path = operation.text("op"), _pointer(operation.text("path"))
        match name:
            case "add" | "replace":
                value = operation.at("value") or Node(operation.place)
                annotates = len(path) == 3 and path[:2] == _ANNOTATIONS
                target = _annotated(target) if annotates else target
                target = _put(target, path, value, insert=name == "add" or annotates)
            case "remove":
                target = _drop(target, path)
            case "move" | "copy":
                source = _pointer(operation.text("from"))
                value = _get(target, source)
                target = _put(_drop(target, source) if name == "move" else target, path, value, insert=True)
            case "test":
                wanted = operation.at("value")
                if _get(target, path).plain() != (wanted.plain() if wanted is not None else None):
                    raise PatchError(f"test of {operation.text('path')} fails")
            case _:
                raise PatchError(f"unknown operation {name or '(none)'}")
    return target


def _annotated(target: Node) -> Node:
    """kustomize keeps annotations of its own on each resource while it builds, so that a patch of one never
    misses them (`kustomize build` 5.6)."""
    metadata = target.at("metadata")
    if metadata is None or metadata.members is None or metadata.child("annotations") is not None:
        return target
    empty = Node(metadata.place, None, {})
    members = {**metadata.members, "annotations": (metadata.place, empty)}
    return _with(target, "metadata", replace(metadata, members=members))


def _pointer(text: str) -> tuple[str, ...]:
    if text and not text.startswith("/"):
        raise PatchError(f"path {text} does not start with a slash")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _get(node: Node, path: tuple[str, ...]) -> Node:
    for part in path:
        node = _child(node, part)
    return node


def _child(node: Node, part: str) -> Node:
    if node.members is not None and part in node.members:
        return node.members[part][1]
    if node.items is not None:
        return node.items[_index(node, part, len(node.items) - 1)]
    raise PatchError(f"there is no {part}")


def _index(node: Node, part: str, most: int) -> int:
    items = node.items or ()
    if part.isdigit() and len(part) < 7 and int(part) <= most:
        return int(part)
    if part == "-" and most == len(items):
        return len(items)
    raise PatchError(f"there is no item {part}")


def _put(node: Node, path: tuple[str, ...], value: Node, *, insert: bool) -> Node:
    if not path:
        return value
    key, *rest = path
    if rest:
        return _with(node, key, _put(_child(node, key), tuple(rest), value, insert=insert))
    if node.items is not None:
        at = _index(node, key, len(node.items) - (0 if insert else 1))
        items = [*node.items[:at], value, *node.items[at + (0 if insert else 1) :]]
        return replace(node, items=tuple(items))
    if node.members is None or (not insert and key not in node.members):
        raise PatchError(f"there is no {key}")
    return replace(node, members={**node.members, key: (value.place, value)})


def _with(node: Node, key: str, inner: Node) -> Node:
    if node.items is not None:
        at = _index(node, key, len(node.items) - 1)
        return replace(node, items=(*node.items[:at], inner, *node.items[at + 1 :]))
    members = node.members or {}
    return replace(node, members={**members, key: (members[key][0], inner)})


def _drop(node: Node, path: tuple[str, ...]) -> Node:
    if not path:
        raise PatchError("the whole object can't be removed")
    key, *rest = path
    if rest:
        return _with(node, key, _drop(_child(node, key), tuple(rest)))
    if node.items is not None:
        at = _index(node, key, len(node.items) - 1)
        return replace(node, items=(*node.items[:at], *node.items[at + 1 :]))
    if node.members is None or key not in node.members:
        raise PatchError(f"there is no {key}")
    return replace(node, members={name: inner for name, inner in node.members.items() if name != key})
