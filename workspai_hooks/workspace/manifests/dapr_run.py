"""Dapr's multi-app run files, and scripts that start one application: which folder has which app id."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Build, Declaration, Facts, Naming, Registered, Variable
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, YamlError, documents

_MAX_BYTES = 256 * 1024
_RUN = regex(
    rb"\bdapr run\b(?:[^\n;&|]|[`\\^]\r?\n){0,400}?"
    rb"--app-id[ =\t]{1,4}[\"']?([A-Za-z0-9][\w.-]{1,80})(?![\w.$-])"
)


def wanted(path: str) -> bool:
    return re.search(r"(?:^|/)dapr[\w.-]*\.ya?ml$", path) is not None


def is_script(path: str) -> bool:
    return path.endswith((".sh", ".ps1", ".cmd", ".bat", "/package.json", "/Makefile"))


def read_script(path: str, data: bytes, charts: Charts) -> Facts:
    """The app id that a script in an application's folder starts it under, where that is one."""
    names = {match[1].decode() for match in _RUN.finditer(data[:_MAX_BYTES])}
    found = tuple(Registered(name, Location(path)) for name in names) if len(names) == 1 else ()
    return Facts(registered=found)


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
