"""Helmfile: `releases` of `helmfile.yaml` and of the files in `helmfile.d`. https://helmfile.readthedocs.io

Their own templates are not carried out: what one would print stands for anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.documents import without_expressions
from workspai_hooks.contracts.helm.installations.values import (
    Installation,
    chart_at,
    from_files,
    name_at,
    sets_of,
)
from workspai_hooks.contracts.helm.nodes import Node, YamlError, read
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.values import Setting, assignments
from workspai_hooks.patterns import regex

HINTS = (b"releases:",)
_NAME = regex(
    r"(?:^|/)(?:[\w.-]*helmfile[\w.-]*\.ya?ml(?:\.gotmpl)?|helmfile\.d/[\w./-]+\.ya?ml(?:\.gotmpl)?)$"
)


def find(side: Side, path: str) -> Iterator[Installation]:
    if not _NAME.search(path):
        return
    try:
        documents = read(path, without_expressions(side.bytes_of(path))).documents
    except YamlError:
        return
    folder = path.rpartition("/")[0]
    for document in documents:
        for release in _items(document, "releases"):
            yield from _release(side, folder, release)


def _release(side: Side, folder: str, release: Node) -> Iterator[Installation]:
    text, name = release.text("chart"), release.text("name")
    if not text:
        return
    local = chart_at(side, [folder], text) if text.startswith(".") or "/" not in text else None
    files, inline = [], []
    for key in ("values", "valuesTemplate"):
        for item in _items(release, key):
            if isinstance(item.value, str):
                files.append(item.value)
            elif item.members:
                inline.append(item)
    if local is None and text.startswith("."):
        return
    texts = [
        (f"{item.text('name')}={item.text('file')}", item.place)
        for item in _items(release, "set")
        if item.text("file")
    ]
    contents, reads = from_files(side, [folder], texts)
    for number, each in enumerate(sets_of(side, [folder], files)):
        yield Installation(
            f"helmfile release {name}" + (f" ({each[-1]})" if number and each else ""),
            release.place,
            local or "",
            "" if local is not None else name_at(text),
            name,
            release.text("namespace"),
            each,
            tuple(inline),
            (*_settings(release), *contents),
            reads,
        )


def _settings(release: Node) -> Iterator[Setting]:
    for key in ("set", "setString"):
        for item in _items(release, key):
            text = f"{item.text('name')}={item.text('value')}"
            if not item.text("file"):
                yield from assignments(text, item.place, strings=key == "setString")


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.at(key)
    return (found.items if found is not None else None) or ()
