"""Flux: `HelmRelease`. https://fluxcd.io/flux/components/helm/helmreleases/"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.installations.argocd import text_values
from workspai_hooks.contracts.helm.installations.values import Installation, chart_at, name_at, sets_of
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.side import Side, ancestors

HINTS = (b"helm.toolkit.fluxcd.io",)


def find(side: Side, path: str) -> Iterator[Installation]:
    for one in side.objects(path):
        if one.kind == "HelmRelease":
            yield from _release(side, path, one)


def _release(side: Side, path: str, one: Object) -> Iterator[Installation]:
    at = ("spec", "chart", "spec")
    text = one.text(*at, "chart")
    if not text:
        return
    local = one.text(*at, "sourceRef", "kind") in ("GitRepository", "Bucket")
    folder = chart_at(side, ["", *ancestors(path)], text) if local else None
    listed = one.get(*at, "valuesFiles")
    files = [str(item) for item in listed] if isinstance(listed, list) else []
    inline = one.node.at("spec", "values")
    for each in sets_of(side, [""], files):
        yield Installation(
            f"Flux release {one.name}",
            one.place("metadata", "name"),
            folder or "",
            "" if folder is not None else name_at(text),
            one.text("spec", "releaseName") or one.name,
            one.text("spec", "targetNamespace") or one.key.namespace,
            each,
            (*_from_maps(side, path, one), *((inline,) if inline is not None else ())),
        )


def _from_maps(side: Side, path: str, one: Object) -> Iterator[Node]:
    """`valuesFrom` ConfigMaps that stand in the same file."""
    wanted = {
        str(item.get("name")): str(item.get("valuesKey") or "values.yaml")
        for item in one.items("spec", "valuesFrom")
        if item.get("kind") == "ConfigMap"
    }
    for other in side.objects(path) if wanted else ():
        if other.kind == "ConfigMap" and other.name in wanted:
            text = other.node.at("data", wanted[other.name])
            if text is not None and isinstance(text.value, str):
                yield from text_values(path, text)
