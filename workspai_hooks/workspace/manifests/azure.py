"""Azure Container Apps in Bicep and ARM templates, and the folders that `azure.yaml` deploys.

A template's application may be a module's, whose name, image and environment another file gives: it is kept
open here and filled in `workspace/blueprints.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.bicep_tree import Statement, statements
from workspai_hooks.workspace.manifests.facts import (
    Blueprint,
    Build,
    Declaration,
    Facts,
    ModuleCall,
    Naming,
    OpenApp,
    Variable,
)
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.manifests.yaml_tree import EMPTY, Node, YamlError, documents

_APP = regex(r"(?i)microsoft\.(?:app|web)/containerapps(?:@|$)")
_ARM = b"/containerApps"
_ARM_FILE = regex(
    r"(?i)(?:^|/)(?:main|[\w.-]{0,60}(?:template|deploy|containerapp)[\w.-]{0,60})\.json$"
    r"|(?:^|/)(?:arm|azure|bicep|deploy|deployments?|infra|infrastructure|iac)/(?:[\w.-]{1,80}/){0,4}[\w.-]{1,80}\.json$"
)
_ARM_NAME = regex(r"(?i)\[\s{0,4}(?:parameters|variables)\(\s{0,4}'(\w{1,80})'\s{0,4}\)\s{0,4}\]")
_MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 30
_SERVICE_TAG = "azd-service-name"


def is_bicep(path: str) -> bool:
    return path.endswith(".bicep")


def read_bicep(path: str, data: bytes, charts: Charts) -> Facts:
    """The applications of a file and the modules that it fills."""
    return _facts(path, statements(data.decode("utf-8", "replace")))


def may_be_arm(path: str) -> bool:
    return _ARM_FILE.search(path) is not None


def read_arm(path: str, data: bytes, charts: Charts) -> Facts:
    """The applications of an ARM template; deployments that are nested in it are not looked into."""
    if _ARM not in data or len(data) > _MAX_BYTES:
        return Facts()
    try:
        top = json.loads(data)
    except (ValueError, RecursionError):
        return Facts()
    return _facts(path, _of_arm(top)) if isinstance(top, dict) else Facts()


def _of_arm(top: dict[str, object]) -> Iterator[Statement]:
    parameters, variables, resources = (top.get(key) for key in ("parameters", "variables", "resources"))
    if isinstance(parameters, dict):
        for name, one in parameters.items():
            if isinstance(one, dict):
                yield Statement("param", str(name), "", 1, _node(one.get("defaultValue"), 0))
    if isinstance(variables, dict):
        for name, value in variables.items():
            yield Statement("var", str(name), "", 1, _node(value, 0))
    listed = resources.values() if isinstance(resources, dict) else resources
    for place, one in enumerate(listed if isinstance(listed, Iterable) else ()):
        if isinstance(one, dict) and isinstance(kind := one.get("type"), str):
            yield Statement("resource", f"resource{place}", kind, 1, _node(one, 0))


def _node(value: object, depth: int) -> Node:
    """JSON as a tree without lines; a template's expressions keep a place or have no text."""
    if depth > _MAX_DEPTH:
        return EMPTY
    if isinstance(value, dict):
        return Node(members={str(key): (1, _node(each, depth + 1)) for key, each in value.items()})
    if isinstance(value, list):
        return Node(items=tuple(_node(each, depth + 1) for each in value))
    text = str(value) if isinstance(value, str | int) else ""
    if name := _ARM_NAME.fullmatch(text):
        return Node(text=f"${{{name[1]}}}")
    return EMPTY if text.startswith("[") else Node(text=text)


def _facts(path: str, found: Iterable[Statement]) -> Facts:
    values: dict[str, str] = {}
    lists: dict[str, tuple[Variable, ...]] = {}
    apps, calls = [], []
    for one in found:
        if one.kind in ("param", "var"):
            values[one.name] = one.value.text
            lists[one.name] = tuple(_variables(path, one.value))
        elif one.kind == "resource" and _APP.match(one.target):
            apps.append(_app(path, one))
        elif one.kind == "module" and (target := inside(folder_of(path), one.target)):
            given = one.value.at("params").members
            texts = {name: node.text for name, (_, node) in given.items() if node.text}
            more = {name: tuple(_variables(path, node)) for name, (_, node) in given.items() if node.items}
            calls.append(ModuleCall(one.name, target, texts, more))
    if not apps and not calls:
        return Facts()
    lists = {name: each for name, each in lists.items() if each}
    return Facts(blueprints=(Blueprint(path, values, lists, tuple(apps), tuple(calls)),))


def _app(path: str, one: Statement) -> OpenApp:
    configuration = one.value.at("properties", "configuration")
    containers = one.value.at("properties", "template", "containers").items
    port = configuration.at("ingress", "targetPort").text or configuration.at("dapr", "appPort").text
    app_id = configuration.at("dapr", "appId").text
    tag = one.value.at("tags", _SERVICE_TAG).text
    names = (one.value.at("name").text, app_id, tag, *(each.at("name").text for each in containers))
    variables = [each for container in containers for each in _variables(path, container.at("env"))]
    lists = [text for container in containers for text in _named(container.at("env"))]
    declaration = Declaration(
        naming=Naming.WORKLOAD,
        name="",
        location=Location(path, one.line),
        images=tuple(text for each in containers if (text := each.at("image").text)),
        hosts=tuple(text for text in (app_id, tag) if text),
        variables=tuple(variables),
    )
    return OpenApp(one.name, tuple(name for name in names if name), declaration, port, tuple(lists))


def _variables(path: str, node: Node) -> Iterator[Variable]:
    for item in node.items:
        name, value = item.at("name").text, item.at("value").text
        if name and value:
            yield Variable(name, value, Location(path, item.line))


def _named(node: Node) -> Iterator[str]:
    """The parameters and variables whose lists a list is, or is joined of."""
    for text in (node.text, *(item.text for item in node.items)):
        if found := re.fullmatch(r"\$\{(\w+)\}", text):
            yield found[1]


def is_azd(path: str) -> bool:
    return path.rpartition("/")[2] in ("azure.yaml", "azure.yml")


def read_azd(path: str, data: bytes, charts: Charts) -> Facts:
    """The services that `azd` builds and deploys, each from its project's folder."""
    try:
        top = next(documents(data), EMPTY)
    except YamlError:
        return Facts()
    found = []
    for name, (line, node) in top.at("services").members.items():
        project = inside(folder_of(path), node.at("project").text or ".")
        if project and re.fullmatch(r"[\w.-]+", name):
            folder = folder_of(project) if project.endswith("proj") else project
            found.append(Declaration(Naming.COMPOSE, name, Location(path, line), build=Build(folder)))
    return Facts(declarations=tuple(found))
