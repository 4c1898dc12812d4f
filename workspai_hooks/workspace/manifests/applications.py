"""Names that applications register themselves under, and what a catalog of services says of a folder.

`spring.application.name` and its like, Eureka's and Consul's own names, Backstage's `catalog-info.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Facts, Registered
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.yaml_tree import YamlError, documents

CATALOG = re.compile(r"(?:^|/)catalog-info\.ya?ml$")
_FILE = re.compile(
    r"(?:^|/)(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)$"
    r"|(?:^|/)META-INF/microprofile-config\.properties$"
)
_KEYS = (
    *("spring.application.name", "quarkus.application.name", "micronaut.application.name"),
    *("eureka.instance.appname", "eureka.instance.virtual-host-name", "eureka.instance.virtualhostname"),
    *("spring.cloud.consul.discovery.service-name", "spring.cloud.consul.discovery.servicename"),
)
_PAIR = re.compile(r"^(\s*)([A-Za-z][\w.-]*)\s*[=:](?:\s+|(?<==))?(.*?)\s*$")
_DEFAULT = re.compile(r"\$\{[\w.-]+:([^${}]+)\}")
_WRITTEN = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
_PROFILE = ("spring.profiles", "spring.config.activate.on-profile")
_TESTS = ("e2e", "integration", "it", "test", "tests")
_MOST_LINES = 5000


def wanted(path: str) -> bool:
    return (_FILE.search(path) is not None and "/test/" not in path) or CATALOG.search(path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The first name that is written out, or that a placeholder falls back to, for every key."""
    if CATALOG.search(path):
        return Facts(
            registered=tuple(Registered(name, Location(path, line)) for name, line, _ in catalog(data))
        )
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
