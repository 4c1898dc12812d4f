"""Names that applications register themselves under: `spring.application.name` and its like."""

from __future__ import annotations

import re

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Facts, Registered
from workspai_hooks.workspace.manifests.helm import Charts

_FILE = re.compile(r"(?:^|/)(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)$")
_KEYS = ("spring.application.name", "quarkus.application.name", "micronaut.application.name")
_PROPERTY = re.compile(rf"^\s*({'|'.join(map(re.escape, _KEYS))})\s*[=:]\s*(\S+)\s*$")
_FRAMEWORK = re.compile(r"^(spring|quarkus|micronaut)\s*:\s*$")
_NESTED = re.compile(r"^(\s+)application(?:\.name\s*:\s*(\S+)|\s*:)\s*$")
_NAME = re.compile(r"^(\s+)name\s*:\s*(\S+)\s*$")


def wanted(path: str) -> bool:
    return _FILE.search(path) is not None and "/test/" not in path


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The first name that is written out; a placeholder is none. By lines: such files are often templates."""
    framework, depth = False, 0
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        name = ""
        if found := _PROPERTY.match(line):
            name = found[2]
        elif line[:1].strip():
            framework, depth = _FRAMEWORK.match(line) is not None, 0
        elif framework and (found := _NESTED.match(line)):
            name, depth = found[2] or "", len(found[1])
        elif framework and depth and (found := _NAME.match(line)) and len(found[1]) > depth:
            name = found[2]
        name = name.strip("\"'")
        if name and "$" not in name and "@" not in name:
            return Facts(registered=(Registered(name, Location(path, number)),))
    return Facts()
