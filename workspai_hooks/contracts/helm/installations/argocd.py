"""Argo CD: `Application` and `ApplicationSet`, with one source or several.

https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.installations.values import (
    Installation,
    chart_at,
    from_files,
    name_at,
    sets_of,
)
from workspai_hooks.contracts.helm.nodes import Node, YamlError, read_inside
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.values import Setting, assignments

HINTS = (b"kind: Application", b'"Application')


def find(side: Side, path: str) -> Iterator[Installation]:
    for one in side.objects(path):
        if one.kind == "Application":
            yield from _sources(side, path, one.node, one.name)
        elif one.kind == "ApplicationSet" and (inner := one.node.at("spec", "template")) is not None:
            yield from _sources(side, path, inner, one.name)


def _sources(side: Side, path: str, node: Node, name: str) -> Iterator[Installation]:
    many = node.at("spec", "sources")
    sources = (many.items if many is not None else None) or ()
    single = node.at("spec", "source")
    for source in (*sources, *((single,) if single is not None else ())):
        yield from _source(side, path, node, source, name)


def _source(side: Side, path: str, node: Node, source: Node, name: str) -> Iterator[Installation]:
    helm = source.at("helm")
    at, chart = source.text("path"), source.text("chart")
    folder = chart_at(side, [""], at) if at else None
    if folder is None and not chart:
        return
    listed = helm.at("valueFiles") if helm is not None else None
    # `$ref/path` is seen from the top of the repository that another source names.
    texts = [item.text() for item in (listed.items if listed is not None else None) or ()]
    texts = [f"/{text.partition('/')[2]}" if text.startswith("$") else text for text in texts]
    files = [text.lstrip("/") if text.startswith("/") else f"{folder or ''}/{text}" for text in texts]
    read = helm.at("fileParameters") if helm is not None else None
    named = [
        (f"{item.text('name')}={item.text('path')}", item.place)
        for item in (read.items if read is not None else None) or ()
    ]
    contents, reads = from_files(side, [folder or ""], named)
    for number, each in enumerate(sets_of(side, [""], files)):
        yield Installation(
            f"Argo CD application {name}" + (f" ({each[-1]})" if number and each else ""),
            source.place,
            folder or "",
            name_at(chart) if folder is None else "",
            (helm.text("releaseName") if helm is not None else "") or name,
            node.text("spec", "destination", "namespace"),
            each,
            tuple(_inline(path, helm)),
            (*_parameters(helm), *contents),
            reads,
        )


def _inline(path: str, helm: Node | None) -> Iterator[Node]:
    if helm is None:
        return
    text = helm.at("values")
    if text is not None and isinstance(text.value, str):
        yield from text_values(path, text)
    if (inline := helm.at("valuesObject")) is not None:
        yield inline


def text_values(path: str, node: Node) -> Iterator[Node]:
    """Values that stand as text in another file (`values: |`)."""
    try:
        yield from read_inside(path, node).documents[:1]
    except YamlError:
        return


def _parameters(helm: Node | None) -> Iterator[Setting]:
    listed = helm.at("parameters") if helm is not None else None
    for item in (listed.items if listed is not None else None) or ():
        strings = item.text("forceString") == "true"
        text = f"{item.text('name')}={item.text('value').replace(',', chr(92) + ',')}"
        yield from assignments(text, item.place, strings=strings)
