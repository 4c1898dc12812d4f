"""Tye's manifests: .NET projects, containers and programs that run beside each other on one machine."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Build, Declaration, Facts, Naming, Variable
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, Node, YamlError, documents

_FILE = regex(r"(?:^|/)tye(?:[-_.][\w.-]{1,60})?\.ya?ml$")
_PORT = regex(r"\d{2,5}")


def wanted(path: str) -> bool:
    return _FILE.search(path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The services of one file; one that is `external` runs somewhere else."""
    try:
        top = next(documents(data), EMPTY)
    except YamlError:
        return Facts()
    return Facts(
        declarations=tuple(
            _service(path, item)
            for item in top.at("services").items
            if re.fullmatch(r"[\w.-]+", item.at("name").text) and item.at("external").text != "true"
        )
    )


def _service(path: str, node: Node) -> Declaration:
    bindings = node.at("bindings").items
    outside = [port for one in bindings if (port := _port(one, "port"))]
    return Declaration(
        naming=Naming.COMPOSE,
        name=node.at("name").text,
        location=Location(path, node.line),
        images=(node.at("image").text,) if node.at("image") else (),
        build=_build(folder_of(path), node),
        ports=tuple(port for one in bindings if (port := _port(one, "containerPort") or _port(one, "port"))),
        published=tuple(outside),
        variables=tuple(_variables(path, node.at("env"))),
        commands=node.at("args").text,
        side_by_side=True,
    )


def _build(folder: str, node: Node) -> Build | None:
    """What it is built from: a project, a Dockerfile, or the folder that a program starts in."""
    if project := inside(folder, node.at("project").text):
        return Build(folder_of(project))
    if dockerfile := inside(folder, node.at("dockerFile").text):
        context = inside(folder, node.at("dockerFileContext").text or ".") if folder_of(dockerfile) else ""
        return Build(context if context is not None else folder_of(dockerfile), dockerfile)
    started = inside(folder, node.at("workingDirectory").text)
    return Build(started) if started else None


def _port(node: Node, key: str) -> int:
    text = node.at(key).text
    return int(text) if _PORT.fullmatch(text) else 0


def _variables(path: str, node: Node) -> list[Variable]:
    found = []
    for item in node.items:
        name, equals, value = item.text.partition("=")
        name, value = (name, value) if equals else (item.at("name").text, item.at("value").text)
        if name and value:
            found.append(Variable(name.strip(), value, Location(path, item.line)))
    return found
