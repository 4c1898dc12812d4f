"""Helm templates as YAML that can be read: values filled in where the chart gives them, the rest blanked.

Nothing is rendered: conditions are taken as true, loops are read once, and lines keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents

_COMMENT = re.compile(rb"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_ACTION = re.compile(rb"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_ONLY_ACTIONS = re.compile(rb"^[ \t]*(?:\{\{(?:(?!\}\}).)*\}\}[ \t]*)+$", re.MULTILINE)
_VALUE = re.compile(r"^\$?\.Values\.([\w.]+)\s*(?:\|.*)?$", re.DOTALL)
_DEFAULT = re.compile(r'\bdefault\s+"([^"]*)"')
_FULLNAME = re.compile(r'^(?:include|template)\s+"([\w.-]+)\.(?:full)?name"')
_MAX_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Charts:
    """The values of each chart by its folder: dotted key -> text."""

    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, path: str) -> Mapping[str, str]:
        """The values of the chart that holds `path`."""
        return self.values.get(self.holder(path), {})

    def holder(self, path: str) -> str:
        """The folder of the chart that holds `path`: the innermost where charts are nested."""
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in self.values:
                return folder
        return ""


def flattened(data: bytes) -> dict[str, str]:
    """A values file (or any YAML) as dotted key -> scalar text; empty where it can't be read."""
    flat: dict[str, str] = {}

    def walk(node: Node, prefix: str) -> None:
        for key, (_, value) in node.members.items():
            if len(flat) >= _MAX_VALUES:
                return
            if value.members:
                walk(value, f"{prefix}{key}.")
            elif value.text:
                flat[f"{prefix}{key}"] = value.text

    try:
        for document in documents(data):
            walk(document, "")
    except YamlError:
        return flat
    return flat


def neutralised(data: bytes, values: Mapping[str, str]) -> bytes:
    """The template without actions. What has no value in the chart becomes nothing."""
    if b"{{" not in data:
        return data
    data = _COMMENT.sub(lambda match: b"\n" * match[0].count(b"\n"), data)
    data = _ONLY_ACTIONS.sub(b"", data)
    return _ACTION.sub(lambda match: _filled(match, values), data)


def _filled(match: re.Match[bytes], values: Mapping[str, str]) -> bytes:
    action = match[1].decode("utf-8", "replace").strip()
    lines = b"\n" * match[0].count(b"\n")
    if found := _VALUE.match(action):
        fallback = _DEFAULT.search(action)
        text = values.get(found[1], fallback[1] if fallback else "")
    elif found := _FULLNAME.match(action):
        # `helm create` names these templates after the chart.
        text = found[1].replace(".", "-")
    else:
        text = ""
    if not text and match.string[match.start() - 1 : match.start()] == b":":
        text = "0"  # an image without its tag would end in a colon and be no scalar
    # A value is put where a scalar stands; one that would open other YAML is left out.
    return (text.encode() if re.fullmatch(r"[\w ./:@${},+-]*", text) else b"") + lines
