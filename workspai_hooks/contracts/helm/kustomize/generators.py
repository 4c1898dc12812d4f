"""ConfigMaps and Secrets that a kustomization makes of literals and files; their names have no hash here."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.kustomize.kustomization import Kustomization
from workspai_hooks.contracts.helm.kustomize.patches import Problem
from workspai_hooks.contracts.helm.kustomize.resources import Resource
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.side import Side, named
from workspai_hooks.disclosure import reference
from workspai_hooks.source import Location

Members = dict[str, tuple[Location, Node]]
_KINDS = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))


def generated(
    side: Side, kustomization: Kustomization, resources: list[Resource], problems: list[Problem]
) -> list[Resource]:
    """The resources with what is generated; `behavior: merge` and `replace` change what a base made."""
    found = list(resources)
    for key, kind in _KINDS:
        for item in kustomization.items(key):
            data = dict(_data(side, kustomization, item, problems))
            name, behavior = item.text("name"), item.text("behavior") or "create"
            if behavior == "create":
                found.append(Resource(_object(item, kind, name, data)))
                continue
            at = next((n for n, one in enumerate(found) if one.kind == kind and name in one.names()), None)
            if at is None:
                does = {"merge": "merges", "replace": "replaces"}.get(behavior, "changes")
                problems.append(Problem(item.place, f"{does} {kind} {name}, which no base makes"))
            else:
                found[at] = _changed(found[at], data, keep=behavior == "merge")
    return found


def _changed(one: Resource, data: Members, *, keep: bool) -> Resource:
    old = one.node.at("data")
    members = {**((old.members if old is not None and keep else None) or {}), **data}
    return one.put(("data",), Node(old.place if old is not None else one.node.place, None, members))


def _object(item: Node, kind: str, name: str, data: Members) -> Node:
    def text(value: str) -> tuple[Location, Node]:
        return item.place, Node(item.place, value)

    metadata: Members = {"name": (item.nearest("name"), Node(item.nearest("name"), name))}
    if namespace := item.text("namespace"):
        metadata["namespace"] = text(namespace)
    members: Members = {
        "apiVersion": text("v1"),
        "kind": text(kind),
        "metadata": (item.place, Node(item.place, None, metadata)),
        "data": (item.place, Node(item.place, None, data)),
    }
    if kind == "Secret":
        members["type"] = text(item.text("type") or "Opaque")
    if item.text("options", "immutable") == "true":
        members["immutable"] = (item.place, Node(item.place, True))
    return Node(item.place, None, members)


def _data(
    side: Side, kustomization: Kustomization, item: Node, problems: list[Problem]
) -> Iterator[tuple[str, tuple[Location, Node]]]:
    for one in _items(item, "literals"):
        key, _, value = one.text().partition("=")
        yield key, (one.place, Node(one.place, value))
    for one in _items(item, "files"):
        name, _, path = one.text().rpartition("=")
        real = named(side, kustomization.folder, path)
        key = name or path.rpartition("/")[2]
        if real is None or not side.has(real):
            problems.append(Problem(one.place, f"file {reference(path)} of its generator is not there"))
            continue
        yield key, (one.place, Node(one.place, f"(content {side.blob(real)})"))
    for one in (*_items(item, "envs"), *((item.at("env"),) if item.at("env") is not None else ())):
        if one is not None:
            yield from _env_file(side, kustomization, one, problems)


def _env_file(
    side: Side, kustomization: Kustomization, one: Node, problems: list[Problem]
) -> Iterator[tuple[str, tuple[Location, Node]]]:
    real = named(side, kustomization.folder, one.text())
    if real is None or not side.has(real):
        problems.append(Problem(one.place, f"file {reference(one.text())} of its generator is not there"))
        return
    rows = side.bytes_of(real).decode("utf-8", "replace").splitlines()
    for number, row in enumerate(rows[:20_000], 1):
        key, equals, value = row.strip().partition("=")
        if equals and not key.startswith("#"):
            place = Location(real, number)
            yield key, (place, Node(place, value))


def _items(item: Node, key: str) -> tuple[Node, ...]:
    found = item.at(key)
    return (found.items if found is not None else None) or ()
