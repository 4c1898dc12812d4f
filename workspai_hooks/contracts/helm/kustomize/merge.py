"""Strategic merge patches: how kustomize lays one tree over another, lists by the keys of their items.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from workspai_hooks.contracts.helm.nodes import Node, as_text
from workspai_hooks.source import Location

Members = dict[str, tuple[Location, Node]]

MERGE_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "webhooks": ("name",),
    "volumeClaimTemplates": (),
    "ports": ("containerPort", "port"),
}
"""Fields of built-in kinds whose lists are merged by item (`x-kubernetes-patch-merge-key` of Kubernetes' OpenAPI);
all others are replaced as a whole."""

_BUILT_IN = frozenset(
    {
        *(
            "",
            "admissionregistration.k8s.io",
            "apps",
            "autoscaling",
            "batch",
            "extensions",
            "networking.k8s.io",
        ),
        *("policy", "rbac.authorization.k8s.io", "storage.k8s.io"),
    }
)
DELETE = "delete"


def is_built_in(api: str) -> bool:
    """Whether kustomize knows the kind's merge keys; lists of custom resources are replaced."""
    return api.rpartition("/")[0] in _BUILT_IN


def directive(patch: Node) -> str:
    """`$patch` of a mapping."""
    return patch.text("$patch")


def merge(target: Node, patch: Node, *, by_key: bool) -> Node | None:
    """`patch` laid over `target`; None where it says to delete. `by_key`: lists are merged by their items."""
    if directive(patch) == DELETE:
        return None
    if patch.members is None or target.members is None or directive(patch) == "replace":
        return _plain(patch)
    members: Members = dict(target.members)
    for key, (place, inner) in patch.members.items():
        if key.startswith("$"):
            _instruct(members, key, inner)
        elif inner.value is None and inner.members is None and inner.items is None:
            members.pop(key, None)
        elif key in members:
            merged = _merged(key, members[key][1], inner, by_key)
            if merged is None:
                del members[key]
            else:
                members[key] = (
                    place if merged.members is None and merged.items is None else members[key][0],
                    merged,
                )
        elif directive(inner) != DELETE:
            members[key] = (place, _plain(inner))
    return _mapping(target, members)


def _merged(key: str, old: Node, new: Node, by_key: bool) -> Node | None:
    if new.members is not None:
        return merge(old, new, by_key=by_key)
    if new.items is not None and old.items is not None and by_key and key in MERGE_KEYS:
        keys = MERGE_KEYS[key]
        if keys:
            return _list(old, new, keys)
    if new.items is not None and key == "finalizers" and old.items is not None:
        known = {as_text(item.value) for item in old.items}
        return replace(
            old, items=(*old.items, *(one for one in new.items if as_text(one.value) not in known))
        )
    return _plain(new)


def _list(old: Node, new: Node, keys: tuple[str, ...]) -> Node:
    items = list(old.items or ())
    if any(item.text("$patch") == "replace" for item in new.items or ()):
        items = []
    for item in new.items or ():
        if item.text("$patch") == "replace":
            continue
        at = next((place for place, one in enumerate(items) if _same(one, item, keys)), None)
        if at is None:
            if directive(item) != DELETE:
                items.append(_plain(item))
            continue
        merged = merge(items[at], item, by_key=True)
        if merged is None:
            del items[at]
        else:
            items[at] = merged
    return replace(old, items=tuple(items), size=1 + sum(item.size for item in items))


def _same(one: Node, other: Node, keys: tuple[str, ...]) -> bool:
    """Whether items have the same key: the first of `keys` that the patch has, and their protocol."""
    key = next((key for key in keys if other.text(key)), None)
    if key is None or one.text(key) != other.text(key):
        return False
    protocols = {one.text("protocol") or "TCP", other.text("protocol") or "TCP"}
    return key not in ("port", "containerPort") or len(protocols) == 1


def _instruct(members: Members, key: str, value: Node) -> None:
    """`$deleteFromPrimitiveList/args`, `$retainKeys`."""
    name, _, field = key.partition("/")
    if name == "$deleteFromPrimitiveList" and field in members:
        place, old = members[field]
        gone = {as_text(item.value) for item in value.items or ()}
        items = tuple(item for item in old.items or () if as_text(item.value) not in gone)
        members[field] = (place, replace(old, items=items))
    elif name == "$retainKeys":
        kept = {as_text(item.value) for item in value.items or ()}
        for other in [one for one in members if one not in kept]:
            del members[other]


def _plain(node: Node) -> Node:
    """What a patch adds, without its instructions."""
    if node.members is not None:
        kept = {
            key: (place, _plain(inner))
            for key, (place, inner) in node.members.items()
            if not key.startswith("$") and directive(inner) != DELETE
        }
        return _mapping(node, kept)
    if node.items is not None:
        return replace(node, items=tuple(_plain(item) for item in node.items if directive(item) != DELETE))
    return node


def _mapping(node: Node, members: Members) -> Node:
    return replace(node, members=members, size=1 + sum(1 + inner.size for _, inner in members.values()))


def put(node: Node, path: tuple[str, ...], value: Node, *, create: bool = True) -> Node:
    """The tree with a value at a path of keys; as it was where `create` is false and the way is not there."""
    members: Members = dict(node.members or {})
    key, *rest = path
    if not rest:
        if create or key in members:
            same = key in members and (value.members is not None or value.items is not None)
            members[key] = (members[key][0] if same else value.place, value)
        return _mapping(node, members)
    inner = members[key][1] if key in members else None
    if inner is None or inner.members is None:
        if not create:
            return node
        inner = Node(value.place, None, {})
    members[key] = (
        members[key][0] if key in members else value.place,
        put(inner, tuple(rest), value, create=create),
    )
    return _mapping(node, members)
