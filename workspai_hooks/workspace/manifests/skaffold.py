"""skaffold.yaml: which image is built from which folder."""

from __future__ import annotations

import re

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Artifact, Build, Facts
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents


def wanted(path: str) -> bool:
    return re.search(r"(?:^|/)skaffold[\w.-]*\.ya?ml$", path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The artifacts of every build section, profiles included; one that can't be read gives none."""
    artifacts = []
    try:
        for node in documents(data):
            sections = [node, *node.at("profiles").items]
            for section in sections:
                artifacts += _artifacts(path, section.at("build", "artifacts"))
    except YamlError:
        return Facts()
    return Facts(artifacts=tuple(artifacts))


def _artifacts(path: str, node: Node) -> list[Artifact]:
    found = []
    for item in node.items:
        image = item.at("image").text
        context = inside(folder_of(path), item.at("context").text or ".")
        if not image or context is None:
            continue
        docker = item.at("docker")
        written = docker.at("dockerfile").text
        dockerfile = (inside(context, written) or "") if written else ""
        main = item.at("ko", "main").text
        hints = (*docker.at("buildArgs").scalars().values(), *([main] if main else []))
        found.append(Artifact(image, Build(context, dockerfile, hints), Location(path, item.line)))
    return found
