"""Objects of Kubernetes as values: what they are called, what they say, and where in the user's files it
stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import msgspec

from workspai_hooks.contracts.helm.nodes import Node, Plain, Step
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location

Locate = Callable[[Node, tuple[Step, ...]], Location]
"""The place in the user's files of a path in an object: of its last step that is there."""

_MOVED_GROUPS = {
    ("extensions", kind): group
    for group, kinds in {
        "apps": ("DaemonSet", "Deployment", "ReplicaSet"),
        "networking.k8s.io": ("Ingress", "NetworkPolicy"),
        "policy": ("PodSecurityPolicy",),
    }.items()
    for kind in kinds
}
"""Kinds that went from one API group to another and stayed the same object (Kubernetes 1.16 and 1.22)."""

CLUSTER_SCOPED = frozenset(
    {
        *("APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterIssuer", "ClusterRole"),
        *("ClusterRoleBinding", "ComponentStatus", "CustomResourceDefinition", "FlowSchema", "GatewayClass"),
        *("IngressClass", "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume"),
        *("PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass"),
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"),
        *("VolumeAttachment", "VolumeSnapshotClass"),
    }
)
"""Kinds that have no namespace (`kubectl api-resources --namespaced=false`)."""


class Key(msgspec.Struct, frozen=True, order=True):
    """What tells an object from others: the version of its API is no part of it."""

    kind: str
    group: str
    namespace: str
    name: str


def _in_file(node: Node, path: tuple[Step, ...]) -> Location:
    return node.nearest(*path)


class Object(msgspec.Struct, frozen=True, dict=True):
    """One object. `api` is its apiVersion as written; `node` its tree; `file` what it is written in, which
    `locate` finds lines of."""

    key: Key
    api: str
    node: Node
    file: str
    locate: Locate = _in_file

    @property
    def kind(self) -> str:
        return self.key.kind

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def title(self) -> str:
        """`Service/cart`: the start of every element of it."""
        return f"{self.key.kind}/{self.key.name}"

    @cached_property
    def plain(self) -> dict[str, Plain]:
        """All that it says, without places."""
        value = self.node.plain()
        return value if isinstance(value, dict) else {}

    def get(self, *path: Step) -> Plain:
        """The value there; None where there is none."""
        value: Plain = self.plain
        for step in path:
            if isinstance(step, str) and isinstance(value, dict):
                value = value.get(step)
            elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
                value = value[step]
            else:
                return None
        return value

    def mapping(self, *path: Step) -> Mapping[str, Plain]:
        """The mapping there; empty where there is none."""
        value = self.get(*path)
        return value if isinstance(value, dict) else {}

    def items(self, *path: Step) -> list[Mapping[str, Plain]]:
        """The mappings of the list there; what is no mapping counts as an empty one, so that positions
        stay."""
        value = self.get(*path)
        return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []

    def text(self, *path: Step) -> str:
        """The scalar there as text."""
        return self.node.text(*path)

    def place(self, *path: Step) -> Location:
        """Where the path stands in the user's files; where it does not exist, its nearest part."""
        return self.locate(self.node, path)

    def annotation(self, name: str) -> str:
        """An annotation's text."""
        return self.text("metadata", "annotations", name)

    def labels(self) -> dict[str, str]:
        return texts(self.get("metadata", "labels"))


class Build(msgspec.Struct, frozen=True, dict=True):
    """What one way to install gives: a chart with one set of values, an overlay, a folder of manifests.

    `label` names it for a person; `unfollowed` are its parts that could not be worked out (remote bases).
    `is_whole`: all of it is certainly installed at once; files that only lie side by side may be a choice.
    """

    label: str
    objects: tuple[Object, ...]
    unfollowed: tuple[Undecided, ...] = ()
    is_whole: bool = True

    @cached_property
    def by_key(self) -> Mapping[Key, Object]:
        return {one.key: one for one in self.objects}

    def of(self, *kinds: str) -> Iterator[Object]:
        """Its objects of these kinds."""
        return (one for one in self.objects if one.key.kind in kinds)


def objects_of(
    node: Node, locate: Locate = _in_file, namespace: str = "", file: str = ""
) -> Iterator[Object]:
    """The object of a document, or those of a `List`; nothing where it is no object.

    `namespace` is where objects without one go: it is theirs, whether they name it or not.
    """
    kind, api = node.text("kind"), node.text("apiVersion")
    if kind.endswith("List") and node.at("items") is not None:
        items = node.at("items")
        for number, item in enumerate((items.items if items else None) or ()):
            yield from objects_of(item, _inside(locate, node, ("items", number)), namespace, file)
        return
    name = node.text("metadata", "name") or node.text("metadata", "generateName")
    if not kind or not api or not name:
        return
    own = node.text("metadata", "namespace")
    key = key_of(kind, api, name, "" if own in (namespace, "default") else own)
    yield Object(key, api, node, file or node.place.path, locate)


def key_of(kind: str, api: str, name: str, namespace: str) -> Key:
    group = api.rpartition("/")[0]
    group = _MOVED_GROUPS.get((group, kind), group)
    return Key(kind, group, "" if kind in CLUSTER_SCOPED else namespace, name)


def _inside(locate: Locate, outer: Node, head: tuple[Step, ...]) -> Locate:
    if locate is _in_file:
        return _in_file
    return lambda _node, path: locate(outer, (*head, *path))


def texts(value: Plain) -> dict[str, str]:
    """The scalars of a mapping as text: labels, selectors."""
    if not isinstance(value, dict):
        return {}
    return {
        key: ("true" if inner else "false") if isinstance(inner, bool) else str(inner)
        for key, inner in value.items()
        if inner is not None and not isinstance(inner, (dict, list))
    }
