"""Dapr's multi-app run files: which folder runs under which app id."""

from __future__ import annotations

import re

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Build, Declaration, Facts, Naming, Variable
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, YamlError, documents


def wanted(path: str) -> bool:
    return re.search(r"(?:^|/)dapr[\w.-]*\.ya?ml$", path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """Its apps; other files of Dapr give none."""
    try:
        top = next(documents(data), EMPTY)
    except YamlError:
        return Facts()
    found = []
    for item in top.at("apps").items:
        folder = inside(folder_of(path), item.at("appDirPath").text or ".")
        name = item.at("appID").text
        if folder is None or not re.fullmatch(r"[\w.-]+", name):
            continue
        variables = tuple(
            Variable(key, value.text, Location(path, line))
            for key, (line, value) in item.at("env").members.items()
            if value.text
        )
        port = item.at("appPort").text
        ports = (int(port),) if re.fullmatch(r"\d{2,5}", port) else ()
        found.append(
            Declaration(
                naming=Naming.COMPOSE,
                name=name,
                location=Location(path, item.line),
                build=Build(folder),
                ports=ports,
                published=ports,
                variables=variables,
                side_by_side=True,
            )
        )
    return Facts(declarations=tuple(found))
