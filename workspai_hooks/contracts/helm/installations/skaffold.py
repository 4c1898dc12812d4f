"""Skaffold: `deploy.helm.releases` and `manifests.helm.releases`. https://skaffold.dev/docs/references/yaml/"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.installations.values import (
    Installation,
    chart_at,
    from_files,
    name_at,
    sets_of,
)
from workspai_hooks.contracts.helm.nodes import Node, YamlError, as_text, read
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.values import Setting, assignments

HINTS = (b"skaffold/",)


def find(side: Side, path: str) -> Iterator[Installation]:
    try:
        documents = read(path, side.bytes_of(path)).documents
    except YamlError:
        return
    folder = path.rpartition("/")[0]
    for document in documents:
        if document.text("apiVersion").startswith("skaffold/"):
            profiles = document.at("profiles")
            for part in (document, *((profiles.items if profiles is not None else None) or ())):
                for where in ("deploy", "manifests"):
                    listed = part.at(where, "helm", "releases")
                    for release in (listed.items if listed is not None else None) or ():
                        yield from _release(side, folder, release)


def _release(side: Side, folder: str, release: Node) -> Iterator[Installation]:
    local = chart_at(side, [folder], release.text("chartPath")) if release.text("chartPath") else None
    remote = release.text("remoteChart")
    if local is None and not remote:
        return
    listed = release.at("valuesFiles")
    files = [item.text() for item in (listed.items if listed is not None else None) or ()]
    overrides = release.at("overrides")
    named = release.at("setFiles")
    texts = [
        (f"{name}={as_text(value.value)}", place)
        for name, (place, value) in ((named.members if named is not None else None) or {}).items()
    ]
    contents, reads = from_files(side, [folder], texts)
    for each in sets_of(side, [folder], files):
        yield Installation(
            f"Skaffold release {release.text('name')}",
            release.place,
            local or "",
            "" if local is not None else name_at(remote),
            release.text("name"),
            release.text("namespace"),
            each,
            (overrides,) if overrides is not None else (),
            (*_settings(release), *contents),
            reads,
        )


def _settings(release: Node) -> Iterator[Setting]:
    for key in ("setValues", "setValueTemplates"):
        given = release.at(key)
        for name, (place, value) in ((given.members if given is not None else None) or {}).items():
            yield from assignments(f"{name}={as_text(value.value)}", place)
