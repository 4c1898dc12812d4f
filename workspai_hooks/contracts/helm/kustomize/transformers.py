"""What a kustomization does to all of its resources: names, namespace, labels, images, replicas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from workspai_hooks.contracts.helm.kustomize.kustomization import Kustomization
from workspai_hooks.contracts.helm.kustomize.resources import Resource, rewritten
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.workloads import TEMPLATE_OF

_SELECTING: Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]] = {
    "CronJob": ((("spec", "jobTemplate", "spec", "selector", "matchLabels"), False),),
    "DaemonSet": ((("spec", "selector", "matchLabels"), True),),
    "Deployment": ((("spec", "selector", "matchLabels"), True),),
    "Job": ((("spec", "selector", "matchLabels"), False),),
    "NetworkPolicy": ((("spec", "podSelector", "matchLabels"), False),),
    "PodDisruptionBudget": ((("spec", "selector", "matchLabels"), False),),
    "ReplicaSet": ((("spec", "selector", "matchLabels"), True),),
    "ReplicationController": ((("spec", "selector"), True),),
    "Service": ((("spec", "selector"), True),),
    "StatefulSet": ((("spec", "selector", "matchLabels"), True),),
}
"""Kind -> where labels go into selectors, and whether that is made where there is none
(kustomize, api/internal/konfig/builtinpluginconsts/commonlabels.go)."""

_NO_PREFIX = frozenset({"APIService", "CustomResourceDefinition", "Namespace"})


def namespace(resources: Iterable[Resource], name: str, place: Node) -> list[Resource]:
    """All namespaced ones in one namespace; accounts that bindings name follow."""
    found = []
    for one in resources:
        if one.is_namespaced:
            moved = one.put(("metadata", "namespace"), Node(place.place, name))
            found.append(replace(moved, before=(*one.before, (one.namespace, one.name))))
        elif one.kind == "Namespace" and one.name != name:
            found.append(one)
        else:
            found.append(_subjects(one, name, place) if one.kind == "ClusterRoleBinding" else one)
    return found


def _subjects(one: Resource, name: str, place: Node) -> Resource:
    subjects = one.node.at("subjects")
    items = []
    for item in (subjects.items if subjects is not None else None) or ():
        if (
            item.text("kind") == "ServiceAccount"
            and item.text("name") == "default"
            and item.members is not None
        ):
            item = replace(
                item, members={**item.members, "namespace": (place.place, Node(place.place, name))}
            )
        items.append(item)
    if subjects is None:
        return one
    return one.put(("subjects",), replace(subjects, items=tuple(items)))


def affixes(kustomization: Kustomization, resources: Iterable[Resource]) -> list[Resource]:
    """`namePrefix` and `nameSuffix`."""
    node = kustomization.node
    prefix, suffix = node.text("namePrefix"), node.text("nameSuffix")
    place = node.nearest("namePrefix" if prefix else "nameSuffix")
    return [
        one if one.kind in _NO_PREFIX or not one.name else one.called(f"{prefix}{one.name}{suffix}", place)
        for one in resources
    ]


def labels(kustomization: Kustomization, resources: Iterable[Resource]) -> list[Resource]:
    """`commonLabels`, and `labels` with what they include."""
    found = list(resources)
    common = kustomization.node.at("commonLabels")
    if common is not None:
        found = [_labelled(one, common, selectors=True, templates=True) for one in found]
    for item in kustomization.items("labels"):
        pairs = item.at("pairs")
        if pairs is not None:
            selectors = item.text("includeSelectors") == "true"
            templates = selectors or item.text("includeTemplates") == "true"
            found = [_labelled(one, pairs, selectors=selectors, templates=templates) for one in found]
    return found


def _labelled(one: Resource, pairs: Node, *, selectors: bool, templates: bool) -> Resource:
    for key, (_, value) in (pairs.members or {}).items():
        one = one.put(("metadata", "labels", key), value)
        template = TEMPLATE_OF.get(one.kind)
        if templates and template:
            one = one.put((*template, "metadata", "labels", key), value)
            if one.kind == "CronJob":
                one = one.put(("spec", "jobTemplate", "metadata", "labels", key), value)
        for path, create in _SELECTING.get(one.kind, ()) if selectors else ():
            if create or one.node.at(*path) is not None:
                one = one.put((*path, key), value)
        if templates and one.kind == "StatefulSet":
            one = _claims_labelled(one, key, value)
    return one


def _claims_labelled(one: Resource, key: str, value: Node) -> Resource:
    claims = one.node.at("spec", "volumeClaimTemplates")
    if claims is None or claims.items is None:
        return one
    items = tuple(Resource(item).put(("metadata", "labels", key), value).node for item in claims.items)
    return one.put(("spec", "volumeClaimTemplates"), replace(claims, items=items))


def annotated(resources: Iterable[Resource], pairs: Node) -> list[Resource]:
    found = []
    for one in resources:
        for key, (_, value) in (pairs.members or {}).items():
            one = one.put(("metadata", "annotations", key), value)
        found.append(one)
    return found


def images(kustomization: Kustomization, resources: Iterable[Resource]) -> list[Resource]:
    """`images`: another name, tag or digest for containers that have an image."""
    wanted = {item.text("name"): item for item in kustomization.items("images")}
    if not wanted:
        return list(resources)

    def change(path: tuple[str, ...], node: Node) -> Node:
        if path[-2:] not in (("containers", "image"), ("initContainers", "image")) or not isinstance(
            node.value, str
        ):
            return node
        name, tag = _parted(node.value)
        item = wanted.get(name)
        if item is None:
            return node
        new = item.text("newName") or name
        if digest := item.text("digest"):
            return Node(item.place, f"{new}@{digest}")
        tag = f":{item.text('newTag')}" if item.text("newTag") else tag
        return Node(item.place, f"{new}{tag}{item.text('tagSuffix')}")

    return [replace(one, node=rewritten(one.node, change)) for one in resources]


def _parted(image: str) -> tuple[str, str]:
    """An image's name, and its tag or digest with the sign before it."""
    name, at, digest = image.partition("@")
    if at:
        return name, at + digest
    head, colon, tag = name.rpartition(":")
    return (head, colon + tag) if colon and "/" not in tag else (name, "")


def replicas(kustomization: Kustomization, resources: Iterable[Resource]) -> list[Resource]:
    found = list(resources)
    for item in kustomization.items("replicas"):
        count = item.at("count")
        if count is not None:
            found = [
                one.put(("spec", "replicas"), count)
                if one.kind in ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
                and item.text("name") in one.names()
                else one
                for one in found
            ]
    return found


_POINTERS: Mapping[tuple[str, ...], str] = {
    ("configMapRef", "name"): "ConfigMap",
    ("configMapKeyRef", "name"): "ConfigMap",
    ("configMap", "name"): "ConfigMap",
    ("secretRef", "name"): "Secret",
    ("secretKeyRef", "name"): "Secret",
    ("secret", "name"): "Secret",
    ("secret", "secretName"): "Secret",
    ("tls", "secretName"): "Secret",
    ("imagePullSecrets", "name"): "Secret",
    ("secrets", "name"): "Secret",
    ("spec", "serviceAccountName"): "ServiceAccount",
    ("persistentVolumeClaim", "claimName"): "PersistentVolumeClaim",
    ("service", "name"): "Service",
    ("backend", "serviceName"): "Service",
    ("spec", "serviceName"): "Service",
    ("defaultBackend", "serviceName"): "Service",
}
"""The last keys on the way to a name -> the kind that it names
(kustomize, api/internal/konfig/builtinpluginconsts/namereference.go)."""


def references(resources: Iterable[Resource]) -> list[Resource]:
    """Names that refer to renamed resources follow them."""
    everything = list(resources)
    renamed = {(one.kind, old): one.name for one in everything for _, old in one.before if old != one.name}
    if not renamed:
        return everything

    def follow(one: Resource) -> Resource:
        def change(path: tuple[str, ...], node: Node) -> Node:
            kind = _POINTERS.get(path[-2:])
            new = renamed.get((kind, str(node.value))) if kind else None
            return Node(node.place, new) if new else node

        return replace(one, node=_with_kinds(rewritten(one.node, change), renamed))

    return [follow(one) for one in everything]


def _with_kinds(node: Node, renamed: Mapping[tuple[str, str], str]) -> Node:
    """References that name the kind beside the name: `scaleTargetRef`, `roleRef`, `subjects`."""
    for path in (("spec", "scaleTargetRef"), ("roleRef",), ("subjects",)):
        target = node.at(*path)
        if target is None:
            continue
        if target.items is not None:
            new = replace(target, items=tuple(_followed(item, renamed) for item in target.items))
        else:
            new = _followed(target, renamed)
        node = Resource(node).put(path, new).node
    return node


def _followed(node: Node, renamed: Mapping[tuple[str, str], str]) -> Node:
    new = renamed.get((node.text("kind"), node.text("name")))
    if new is None or node.members is None:
        return node
    place = node.members["name"][0]
    return replace(node, members={**node.members, "name": (place, Node(place, new))})
