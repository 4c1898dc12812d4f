"""Configuration as dotted names: YAML (several documents, lists) and Java properties."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Setting
from workspai_hooks.workspace.evidence.text import plain_json
from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents

MOST = 5000
MAX_BYTES = 256 * 1024
_PROFILE = frozenset({"spring.profiles", "spring.config.activate.on-profile"})
_TESTS = frozenset({"e2e", "integration", "integration-test", "integrationtest", "it", "test", "testing"})
_BUILD_VALUE = regex(rb"(?<=[\s:])@([\w.-]{1,80})@")
_PROPERTY = regex(r"^\s*([A-Za-z%][^\s=:]{0,200}(?::[^\s=:]{1,80})?)\s*[=:]\s*(\S.*?)\s*$")


def flat(data: bytes) -> list[Setting]:
    """The settings of a file, in its order; empty where it is neither. JSON is YAML."""
    if len(data) > MAX_BYTES:
        return []
    found = _properties(data) if _is_properties(data) else _yaml(data)
    return [setting for one in found if (setting := _of_any_profile(one))]


def _of_any_profile(setting: Setting) -> Setting | None:
    """Quarkus' `%prod.a.b` is `a.b`; what only tests see is nothing."""
    if not setting.name.startswith("%"):
        return setting
    profile, _, name = setting.name[1:].partition(".")
    return None if profile.lower() in _TESTS or not name else Setting(name, setting.value, setting.line)


def _is_properties(data: bytes) -> bool:
    """By its first line that says something: `a.b=c` is no YAML, `a: b` is read as such."""
    for line in data.splitlines():
        line = line.strip()
        if line and not line.startswith((b"#", b"!", b"---")):
            name, equals, _ = line.partition(b"=")
            return bool(equals) and re.fullmatch(rb"[\w.%\[\]\"/-]+\s*", name) is not None
    return False


def _properties(data: bytes) -> list[Setting]:
    found = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if not line.lstrip().startswith(("#", "!")) and (match := _PROPERTY.match(line)):
            found.append(Setting(match[1].replace("\\", ""), match[2], number))
    return found[:MOST]


def _yaml(data: bytes) -> list[Setting]:
    found: list[Setting] = []
    try:
        # A value that the build fills in begins with a character that YAML keeps for itself.
        for document in documents(_BUILD_VALUE.sub(rb"_\1_", plain_json(data))):
            inner = _scalars(document, MOST - len(found))
            if not any(one.name in _PROFILE and one.value.lower() in _TESTS for one in inner):
                found += inner
    except YamlError:
        return found
    return found


def _scalars(top: Node, most: int) -> list[Setting]:
    """The scalars below a node. The bound is on nodes: aliases can make few of them look like very many."""
    found: list[Setting] = []
    waiting = [("", top)]
    for _ in range(4 * MOST):
        if not waiting or len(found) >= most:
            break
        name, node = waiting.pop()
        if node.text:
            found.append(Setting(name, node.text, node.line))
        inner = [(f"{name}.{key}" if name else key, value) for key, (_, value) in node.members.items()]
        inner += [(f"{name}[{number}]", item) for number, item in enumerate(node.items)]
        waiting += reversed(inner)
    return found
