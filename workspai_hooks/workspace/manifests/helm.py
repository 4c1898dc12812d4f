"""Helm templates as YAML that can be read: values filled in where the chart gives them, the rest blanked.

Nothing is rendered: conditions are taken as true, and lines keep their numbers. A chart is read once for each
set of values that it is installed with: its own, those that a chart around it gives it under its name or an
alias, and those of files for environments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.yaml_tree import Node, YamlError, documents

_COMMENT = regex(rb"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_ACTION = regex(rb"\{\{-?\s*+((?:(?!\{\{).){0,4000}?)\s{0,200}-?\}\}", re.DOTALL)
_ONLY_ACTIONS = regex(rb"^[ \t]*(?:\{\{(?:(?!\}\}).)*\}\}[ \t]*)+$", re.MULTILINE)
_VALUE = regex(r"^\(?\s*\$?\.Values\.([\w.-]+)\s*\)?\s*(?:\|.*)?$", re.DOTALL)
_TEMPLATED = regex(r"^(?:tpl|toString|quote|lower)\s+(\$?\.Values\.[\w.-]+)\b")
_FALLS_BACK = regex(r"^default\s+(\S+)\s+(\$?\.Values\.[\w.-]+)$")
_INNER = regex(r"\{\{-?\s*([^{}]*?)\s*-?\}\}")
_OTHER_DEFAULT = regex(r"\bdefault\s+\(?\s*\$?\.Values\.([\w.-]+)")
_PRINTF = regex(r'^\(?\s*printf\s+"([^"]*)"\s+([^|]*)')
_CHART = regex(r"^\$?\.Chart\.Name\b")
_DEFAULT = regex(r'\bdefault\s+"([^"]*)"')
_FULLNAME = regex(r'^(?:include|template)\s+"([\w.-]+)\.(?:full)?name"')
_MAX_VALUES = 20_000
_MAX_VISITS = 100_000
_MAX_DEPTH = 3
_MAX_TEMPLATE = 500
CHART_NAME = "\0chart"
"""The key among a chart's values of the chart's own name, or of the alias that it is installed under."""


class Charts(msgspec.Struct, frozen=True):
    """The values of each chart by its folder: dotted key -> text. `others` are further sets of them."""

    values: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    others: Mapping[str, Sequence[Mapping[str, str]]] = msgspec.field(default_factory=dict)

    def of(self, path: str) -> Mapping[str, str]:
        """The values of the chart that holds `path`."""
        return self.values.get(self.holder(path), {})

    def every(self, path: str) -> tuple[Mapping[str, str], ...]:
        """Each set of values that the chart that holds `path` is installed with, its own first."""
        holder = self.holder(path)
        return (self.values.get(holder, {}), *self.others.get(holder, ()))

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
    try:
        for document in documents(data):
            for visited, (key, node) in enumerate(_below(document, "")):
                if len(flat) >= _MAX_VALUES or visited >= _MAX_VISITS:
                    return flat
                if node.text:
                    flat[key] = node.text
    except YamlError:
        return flat
    return flat


def _below(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """All nodes of a tree with their dotted keys, in their order; an item's key is its number."""
    waiting = [(key, node)]
    while waiting:
        key, node = waiting.pop()
        yield key, node
        head = f"{key}." if key else ""
        inner = [(head + name, value) for name, (_, value) in node.members.items()]
        inner += [(f"{head}{number}", value) for number, value in enumerate(node.items)]
        waiting += reversed(inner)


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
    text = _text(action, values)
    if not text and match.string[match.start() - 1 : match.start()] == b":":
        text = "0"  # an image without its tag would end in a colon and be no scalar
    # A value is put where a scalar stands; one that would open other YAML is left out.
    return (text.encode() if re.fullmatch(r"[\w ./:@${},+-]*", text) else b"") + lines


def _text(action: str, values: Mapping[str, str], depth: int = 0) -> str:
    """What an action prints, as far as values tell."""
    if found := _PRINTF.match(action):
        return _printed(found[1], found[2], values)
    if found := _FALLS_BACK.match(action):
        action = f"{found[2]} | default {found[1]}"
    if found := _TEMPLATED.match(action):
        action = found[1]
    if found := _VALUE.match(action):
        fallback, other = _DEFAULT.search(action), _OTHER_DEFAULT.search(action)
        text = values.get(found[1]) or (values.get(other[1], "") if other else "")
        return _templated(text or (fallback[1] if fallback else ""), values, depth)
    if found := _FULLNAME.match(action):
        # `helm create` names these templates after the chart.
        return found[1].replace(".", "-")
    return values.get(CHART_NAME, "") if _CHART.match(action) else ""


def _templated(text: str, values: Mapping[str, str], depth: int) -> str:
    """A value with what it refers to, as `tpl` fills it in."""
    if "{{" not in text or depth >= _MAX_DEPTH or len(text) > _MAX_TEMPLATE:
        return text
    return _INNER.sub(lambda match: _text(match[1], values, depth + 1), text)


def _printed(form: str, arguments: str, values: Mapping[str, str]) -> str:
    """`printf "%s-cart" .Values.x`; what isn't known is left out."""
    texts = [
        one.strip('"') if one.startswith('"') else _text(one, values)
        for one in re.findall(r'"[^"]*"|\([^)]*\)|[^\s()]+', arguments)
    ]
    filled = iter(texts)
    return re.sub(r"%[sdvq]", lambda _: next(filled, ""), form)
