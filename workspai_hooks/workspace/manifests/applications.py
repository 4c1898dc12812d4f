"""Names that applications register themselves under, and what a catalog of services says of a folder.

`spring.application.name` and its like, Eureka's and Consul's own names, definitions of services for Consul,
kratos' names in code and build scripts, Backstage's `catalog-info.yaml`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Facts, Registered
from workspai_hooks.workspace.manifests.hcl import rows
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.yaml_tree import YamlError, documents

CATALOG = regex(r"(?:^|/)catalog-info\.ya?ml$")
_FILE = regex(
    r"(?:^|/)(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)$"
    r"|(?:^|/)META-INF/microprofile-config\.properties$"
)
_KEYS = (
    *("spring.application.name", "quarkus.application.name", "micronaut.application.name"),
    *("eureka.instance.appname", "eureka.instance.virtual-host-name", "eureka.instance.virtualhostname"),
    *("spring.cloud.consul.discovery.service-name", "spring.cloud.consul.discovery.servicename"),
)
_PAIR = regex(r"^(\s*)([A-Za-z][\w.-]*)\s*[=:](?:\s+|(?<==))?(.*?)\s*$")
_DEFAULT = regex(r"\$\{[\w.-]+:([^${}]+)\}")
_WRITTEN = regex(r"[A-Za-z0-9][\w.-]{0,99}")
_PROFILE = ("spring.profiles", "spring.config.activate.on-profile")
_TESTS = ("e2e", "integration", "it", "test", "tests")
_MOST_LINES = 5000


_CONSUL = regex(r"(?:^|/)(?:[\w.-]*consul[\w.-]*(?:/[\w.-]+)*|[\w.-]*service[\w.-]*)\.(?:json|hcl)$")
_KRATOS = regex(r"(?:^|/)main\.go$|(?:^|/)(?:Makefile|[\w.-]+\.mk|Dockerfile)$")
_LINKED = regex(r"-X\s+[\"']?main\.Name=([\w.-]+)")
_KRATOS_NAME = regex(r"\bkratos\.Name\(\s*(?:\"([^\"]+)\"|(\w+))\s*\)")


def wanted(path: str) -> bool:
    if "/test/" in path:
        return False
    return any(pattern.search(path) for pattern in (_FILE, CATALOG, _CONSUL, _KRATOS))


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The first name that is written out, or that a placeholder falls back to, for every key."""
    if CATALOG.search(path):
        return Facts(
            registered=tuple(Registered(name, Location(path, line)) for name, line, _ in catalog(data))
        )
    if _KRATOS.search(path):
        return _of(path, _kratos(data.decode("utf-8", "replace")))
    if _CONSUL.search(path):
        return _of(path, _consul(path, data.decode("utf-8", "replace")))
    found: dict[str, Registered] = {}
    for document in _documents(data.decode("utf-8", "replace")):
        pairs = list(_pairs(document))
        if any(key in _PROFILE and value.lower() in _TESTS for key, value, _ in pairs):
            continue
        for key, value, line in pairs:
            if key.lower() in _KEYS and (name := _name(value)):
                found.setdefault(key.lower(), Registered(name, Location(path, line)))
    ordered = sorted(found.items(), key=lambda item: _KEYS.index(item[0]))
    return Facts(registered=tuple(dict.fromkeys(one for _, one in ordered)))


def _of(path: str, names: list[tuple[str, int]]) -> Facts:
    return Facts(
        registered=tuple(
            Registered(name, Location(path, line)) for name, line in names if _WRITTEN.fullmatch(name)
        )
    )


def _kratos(text: str) -> list[tuple[str, int]]:
    """`kratos.Name("cart")`, also through a constant or variable of the file, or set when it is linked."""
    found = _LINKED.search(text)
    if not found and "kratos.Name(" in text and (called := _KRATOS_NAME.search(text)):
        if called[1]:
            found = called
        else:
            found = re.search(rf"\b{called[2]}\b(?:\s+string)?\s*=\s*\"([^\"\n]+)\"", text)
    return [(found[1], text.count("\n", 0, found.start(1)) + 1)] if found else []


def _consul(path: str, text: str) -> list[tuple[str, int]]:
    """The names in a definition of services for Consul's agent."""
    if path.endswith(".hcl"):
        return [
            (row.text, row.line)
            for row in rows(text)
            if row.key == "name" and row.kinds in (("service",), ("services",))
        ]
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return []
    written = [top.get("service"), *_list(top.get("services"))] if isinstance(top, dict) else []
    names = [one.get("name") for one in written if isinstance(one, dict) and _is_definition(one)]
    return [(name, 1) for name in names if isinstance(name, str)]


def _is_definition(one: dict[str, object]) -> bool:
    return any(key in one for key in ("port", "address", "check", "checks", "connect", "tags"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _documents(text: str) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines, by document."""
    lines = list(enumerate(text.splitlines()[:_MOST_LINES], 1))
    for separator, group in groupby(lines, key=lambda row: row[1].startswith("---")):
        if not separator:
            yield list(group)


def _pairs(lines: list[tuple[int, str]]) -> Iterator[tuple[str, str, int]]:
    """Dotted keys with their texts. By lines: such files are often templates that no parser reads."""
    above: list[tuple[int, str]] = []
    for number, line in lines:
        match = _PAIR.match(line)
        if not match or line.lstrip().startswith("#"):
            continue
        depth = len(match[1])
        while above and above[-1][0] >= depth:
            above.pop()
        above.append((depth, match[2]))
        if match[3]:
            yield ".".join(key for _, key in above), match[3], number


def _name(value: str) -> str:
    value = re.sub(r"\s+#.*$", "", value).strip("\"'")
    value = _DEFAULT.sub(lambda match: match[1], value)
    return value if _WRITTEN.fullmatch(value) else ""


def catalog(data: bytes) -> list[tuple[str, int, str]]:
    """The components of a Backstage catalog: name, line, owner (empty where none is said)."""
    found = []
    try:
        for document in documents(data):
            name = document.at("metadata", "name")
            if document.at("kind").text == "Component" and _WRITTEN.fullmatch(name.text):
                found.append((name.text, name.line, document.at("spec", "owner").text))
    except YamlError:
        return found
    return found
