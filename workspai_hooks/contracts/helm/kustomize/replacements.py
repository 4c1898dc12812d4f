"""`replacements`: a value of one resource copied into others.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workspai_hooks.contracts.helm.kustomize.kustomization import Kustomization
from workspai_hooks.contracts.helm.kustomize.patches import Problem, selected
from workspai_hooks.contracts.helm.kustomize.resources import Resource
from workspai_hooks.contracts.helm.nodes import Node, YamlError, as_text, read
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.patterns import regex

_PART = regex(r"((?:\\\.|[^.\[\]]){1,200})|\[([^\]]{1,200})\]")


def replaced(
    side: Side, kustomization: Kustomization, resources: list[Resource], unfollowed: list[Problem]
) -> list[Resource]:
    found = resources
    for item in _all(side, kustomization):
        source = item.at("source")
        value = _source(found, source) if source is not None else None
        if value is None:
            unfollowed.append(Problem(item.place, "the source of its replacement was not found"))
            continue
        targets = item.at("targets")
        for target in (targets.items if targets is not None else None) or ():
            found = [_target(one, target, value) for one in found]
    return found


def _all(side: Side, kustomization: Kustomization) -> Iterator[Node]:
    for item in kustomization.items("replacements"):
        path = item.at("path")
        if path is None:
            yield item
            continue
        named = kustomization.name(side, path)
        if named.path is not None and side.has(named.path):
            try:
                documents = read(named.path, side.bytes_of(named.path)).documents
            except YamlError:
                continue
            for document in documents:
                yield from document.items or (document,)


def _source(resources: list[Resource], source: Node) -> Node | None:
    one = next((one for one in resources if selected(one, source)), None)
    if one is None:
        return None
    path = source.text("fieldPath") or "metadata.name"
    node = next(iter(_nodes(one.node, _steps(path))), None)
    delimiter = source.text("options", "delimiter")
    if node is not None and delimiter and node.value is not None:
        parts = as_text(node.value).split(delimiter)
        at = source.text("options", "index") or "0"
        return Node(node.place, parts[int(at)]) if at.isdigit() and int(at) < len(parts) else None
    return node


def _target(one: Resource, target: Node, value: Node) -> Resource:
    chosen, rejected = target.at("select"), target.at("reject")
    if chosen is None or not selected(one, chosen):
        return one
    if any(selected(one, each) for each in (rejected.items if rejected is not None else None) or ()):
        return one
    paths = target.at("fieldPaths")
    listed = [item.text() for item in (paths.items if paths is not None else None) or ()] or ["metadata.name"]
    node = one.node
    for path in listed:
        node = _put(node, _steps(path), value, target)
    return replace(one, node=node)


def _steps(path: str) -> list[str]:
    return [(key or f"[{item}]").replace("\\.", ".") for key, item in _PART.findall(path[:2000])]


def _fits(item: Node, number: int, step: str) -> bool:
    """Whether a step (`*`, `0`, `[name=web]`) takes an item of a list."""
    inner = step.strip("[]")
    key, equals, wanted = inner.partition("=")
    if equals:
        return (item.text() if not key else item.text(key)) == wanted
    return inner == "*" or inner == str(number)


def _nodes(node: Node, steps: list[str]) -> Iterator[Node]:
    if not steps:
        yield node
    elif node.items is not None:
        for number, item in enumerate(node.items):
            if _fits(item, number, steps[0]):
                yield from _nodes(item, steps[1:])
    elif (inner := node.child(steps[0])) is not None:
        yield from _nodes(inner, steps[1:])


def _put(node: Node, steps: list[str], value: Node, target: Node) -> Node:
    if not steps:
        return _joined(node, value, target)
    step, rest = steps[0], steps[1:]
    if node.items is not None:
        items = tuple(
            _put(item, rest, value, target) if _fits(item, number, step) else item
            for number, item in enumerate(node.items)
        )
        return replace(node, items=items)
    members = node.members or {}
    if step in members:
        place, inner = members[step]
        return replace(node, members={**members, step: (place, _put(inner, rest, value, target))})
    if node.members is not None and target.text("options", "create") == "true" and not step.startswith("["):
        inner = _put(Node(value.place, None, {}), rest, value, target) if rest else value
        return replace(node, members={**members, step: (value.place, inner)})
    return node


def _joined(old: Node, value: Node, target: Node) -> Node:
    """The value in place of the old one, or of one part of it."""
    delimiter, at = target.text("options", "delimiter"), target.text("options", "index") or "0"
    if not delimiter or old.value is None or not at.isdigit():
        return value
    parts = as_text(old.value).split(delimiter)
    if int(at) >= len(parts):
        return value
    parts[int(at)] = as_text(value.value)
    return Node(value.place, delimiter.join(parts))
