"""Elements of what is deployed by name: `Service/cart:port/7070`, `chart:shop:values.service.port`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm import installations as installing
from workspai_hooks.contracts.helm.charts import read_chart
from workspai_hooks.contracts.helm.kustomize.build import build
from workspai_hooks.contracts.helm.kustomize.kustomization import Graph
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.reads import reads_of
from workspai_hooks.contracts.helm.rendering import Reader, render
from workspai_hooks.contracts.helm.side import MANIFEST_SUFFIXES, Side
from workspai_hooks.contracts.helm.values import dotted, leaves
from workspai_hooks.errors import UsageError
from workspai_hooks.exploration.naming import nearest
from workspai_hooks.findings import Surface
from workspai_hooks.patterns import regex
from workspai_hooks.source import IN_FILE, Location
from workspai_hooks.tools.helm import resolve_helm

ELEMENT = regex(r"(?:(?P<path>.+)::)?(?P<name>chart:[^:/\s]+:.+|[A-Z][A-Za-z]+/[a-z0-9][a-z0-9.-]*(?::.+)?)")
_KEYED = frozenset({"ConfigMap", "Secret"})


def is_one(element: str) -> bool:
    """Whether a name may be one of an object of Kubernetes or of a chart's values."""
    return ELEMENT.fullmatch(element) is not None


def found(snapshot: Snapshot, wanted: Sequence[str]) -> list[tuple[str, Break]]:
    """Each element with the break that its removal would be; `UsageError` for an unknown one,
    `UndecidedError` where there are charts and no helm."""
    known: dict[str, set[str]] = {}
    for home, name in _all(Side(snapshot)):
        known.setdefault(name, set()).add(home)
    return [(element, _gone(element, known)) for element in wanted]


def _gone(element: str, known: Mapping[str, set[str]]) -> Break:
    named = ELEMENT.fullmatch(element)
    assert named is not None
    name = named["name"]
    homes = sorted(home for home in known.get(name, ()) if named["path"] in (None, home))
    if not homes:
        raise UsageError(f"{element}: no such element; {nearest(name, known)}")
    # The same object in several ways to install is one: who asks for it asks for it in each.
    surfaces = (Surface.SOURCE,) if name.startswith("chart:") else (Surface.WIRE,)
    shown = f"{named['path']}{IN_FILE}{name}" if named["path"] else name
    return Break("", shown, "", (), surfaces, Location(homes[0]), contract=homes[0])


def _all(side: Side) -> Iterator[tuple[str, str]]:
    """Everything that can be named: file, name."""
    for path in side.paths:
        if path.endswith(MANIFEST_SUFFIXES) and side.is_manifest(path):
            for one in side.objects(path):
                yield from ((path, name) for name in _names(one))
    graph = Graph(side)
    for folder in sorted(graph.roots()):
        for one in build(side, folder).build.objects:
            yield from ((one.place().path, name) for name in _names(one))
    if side.charts:
        yield from _of_charts(side)


def _of_charts(side: Side) -> Iterator[tuple[str, str]]:
    helm, known, reader = resolve_helm(), installing.find(side), Reader()
    for folder in sorted(side.charts):
        chart = read_chart(side, folder)
        if chart is None:
            continue
        values = chart.file("values.yaml")
        declared = [key for key, _, _ in leaves(side.tree(values) if side.has(values) else None)]
        for key in (*declared, *reads_of(side, chart, widely=True).paths):
            yield chart.path, f"chart:{chart.name}:values.{dotted(key)}"
        if chart.type == "library":
            continue
        rendered = render(helm, side, chart, installing.of_chart(side, chart, known))
        for each in rendered.renderings:
            for one in reader.build(side, rendered, each, {}, ()).objects:
                yield from ((one.place().path, name) for name in _names(one))


def _names(one: Object) -> Iterator[str]:
    """An object, and what of it others ask for."""
    yield one.title
    if one.kind == "Service":
        yield from (
            f"{one.title}:port/{port['port']}" for port in one.items("spec", "ports") if "port" in port
        )
    if one.kind in _KEYED:
        for part in ("data", "stringData", "binaryData"):
            yield from (f"{one.title}:key/{key}" for key in one.mapping(part))
    if one.mapping("spec", "selector") or one.mapping("spec", "template"):
        yield f"{one.title}:selector"
    for rule in one.items("spec", "rules"):
        if "host" in rule:
            yield f"{one.title}:host/{rule['host']}"
