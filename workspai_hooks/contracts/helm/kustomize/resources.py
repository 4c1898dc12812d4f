"""Resources on their way through a kustomization: trees with the names that they had before."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from workspai_hooks.contracts.helm.kustomize.merge import put
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.objects import CLUSTER_SCOPED
from workspai_hooks.source import Location

Names = tuple[str, str]
"""Namespace and name."""


class Resource(msgspec.Struct, frozen=True):
    """A tree, and what it was called at earlier stages: patches and references may still say that."""

    node: Node
    before: tuple[Names, ...] = ()

    @property
    def kind(self) -> str:
        return self.node.text("kind")

    @property
    def api(self) -> str:
        return self.node.text("apiVersion")

    @property
    def name(self) -> str:
        return self.node.text("metadata", "name")

    @property
    def namespace(self) -> str:
        return self.node.text("metadata", "namespace")

    @property
    def is_namespaced(self) -> bool:
        return self.kind not in CLUSTER_SCOPED

    def names(self) -> set[str]:
        """All names that it has or had."""
        return {self.name, *(name for _, name in self.before)}

    def called(self, name: str, place: Location) -> Resource:
        """The same under another name, which stands at `place`."""
        if name == self.name:
            return self
        value = Node(place, name)
        return Resource(
            put(self.node, ("metadata", "name"), value), (*self.before, (self.namespace, self.name))
        )

    def put(self, path: tuple[str, ...], value: Node, *, create: bool = True) -> Resource:
        return replace(self, node=put(self.node, path, value, create=create))


def rewritten(node: Node, change: Callable[[tuple[str, ...], Node], Node]) -> Node:
    """A tree with every scalar under keys given to `change`, with the keys on the way to it."""
    return _rewritten(node, (), change)


def _rewritten(node: Node, path: tuple[str, ...], change: Callable[[tuple[str, ...], Node], Node]) -> Node:
    if node.members is not None:
        members = {
            key: (place, _rewritten(inner, (*path, key), change))
            for key, (place, inner) in node.members.items()
        }
        return replace(node, members=members)
    if node.items is not None:
        return replace(node, items=tuple(_rewritten(item, path, change) for item in node.items))
    return change(path, node)


def expand(nodes: Iterable[Node]) -> list[Resource]:
    """The objects of documents, those of a `List` one by one."""
    found = []
    for node in nodes:
        items = node.at("items")
        if node.text("kind").endswith("List") and items is not None and items.items is not None:
            found += expand(items.items)
        elif node.text("kind"):
            found.append(Resource(node))
    return found
