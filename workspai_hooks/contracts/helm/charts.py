"""Charts as they describe themselves: name, version, dependencies, and which files belong to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.changes.snapshot import SYMLINK
from workspai_hooks.contract_files import CHART
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.side import Side, holds, inside
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location

_MOST_DEPTH = 8
_MOST_LINKED = 2000
"""Charts in charts, so many levels deep."""


class Dependency(msgspec.Struct, frozen=True):
    """A chart that another one takes in. `folder` is where it stands in this repository, `archive` its packed
    form; empty where it is not here. `call` is what its values stand under: its alias, else its name.
    """

    name: str
    call: str
    version: str
    repository: str
    condition: str
    place: Location
    folder: str = ""
    archive: str = ""

    @property
    def is_here(self) -> bool:
        return bool(self.folder or self.archive)

    @property
    def asked(self) -> tuple[str, str, str]:
        """What is fetched for it."""
        return self.name, self.version, self.repository


class Chart(msgspec.Struct, frozen=True):
    """A folder with a Chart.yaml. `node` is its tree, `path` that file."""

    folder: str
    name: str
    version: str
    type: str
    kube_version: str
    node: Node
    dependencies: tuple[Dependency, ...] = ()

    @property
    def path(self) -> str:
        return within(self.folder, CHART)

    def file(self, name: str) -> str:
        """A file of it, by its path inside."""
        return within(self.folder, name)


def within(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


_NO_MAPPING = "is no mapping of keys to values, so that nothing is known of the chart"


def read_chart(side: Side, folder: str) -> Chart | None:
    """The chart in a folder; None where there is none, or where its Chart.yaml can't be read (a problem
    then)."""
    path = within(folder, CHART)
    node = side.tree(path) if side.has(path) else None
    if node is None or node.members is None:
        if side.has(path):
            side.problems.setdefault(path, Undecided(path, _NO_MAPPING, "mend the file and stage it"))
        return None
    listed = [
        *_items(node),
        *_items(
            side.tree(within(folder, "requirements.yaml"))
            if side.has(within(folder, "requirements.yaml"))
            else None
        ),
    ]
    chart = Chart(
        folder,
        node.text("name") or folder.rpartition("/")[2] or "chart",
        node.text("version"),
        node.text("type") or "application",
        node.text("kubeVersion"),
        node,
    )
    declared = [_dependency(side, folder, item) for item in listed]
    names = {each.name for each in declared}
    vendored = [one for one in _vendored(side, folder) if one.name not in names]
    return msgspec.structs.replace(chart, dependencies=(*declared, *vendored))


def _items(node: Node | None) -> tuple[Node, ...]:
    found = node.at("dependencies") if node is not None else None
    return (found.items if found is not None else None) or ()


def _dependency(side: Side, folder: str, item: Node) -> Dependency:
    name, repository = item.text("name"), item.text("repository")
    found, archive = "", ""
    if repository.startswith("file://"):
        where = inside(folder, repository.removeprefix("file://"))
        if where is not None and (real := side.resolve(where)) is not None and real in side.charts:
            found = real
    if not found:
        found, archive = _in_charts(side, folder, name)
    call = item.text("alias") or name
    return Dependency(
        name, call, item.text("version"), repository, item.text("condition"), item.place, found, archive
    )


def _in_charts(side: Side, folder: str, name: str) -> tuple[str, str]:
    """Where `charts/` holds a chart of this name: as a folder, or as `<name>-<version>.tgz`."""
    charts = within(folder, "charts")
    for path in side.charts:
        if path.rpartition("/")[0] == charts and _name_of(side, path) == name:
            return path, ""
    for path in side.below(charts):
        file = path.rpartition("/")[2]
        if (
            path.endswith(".tgz")
            and file.startswith(f"{name}-")
            and file[len(name) + 1 : len(name) + 2].isdigit()
        ):
            return "", path
    return "", ""


def _name_of(side: Side, folder: str) -> str:
    node = side.tree(within(folder, CHART))
    return node.text("name") if node is not None else ""


def _vendored(side: Side, folder: str) -> Iterator[Dependency]:
    """Charts in `charts/` that no list names: helm takes them in, too."""
    charts = within(folder, "charts")
    for path in sorted(side.charts):
        if path.rpartition("/")[0] == charts:
            name = _name_of(side, path) or path.rpartition("/")[2]
            yield Dependency(name, name, "", "", "", Location(within(path, CHART)), path)


def parts(side: Side, chart: Chart, depth: int = 0) -> Iterator[tuple[tuple[str, ...], Chart]]:
    """A chart and all that it takes in and that is here as folders: what each is called on the way, and
    it."""
    yield (), chart
    if depth < _MOST_DEPTH:
        for dependency in chart.dependencies:
            inner = read_chart(side, dependency.folder) if dependency.folder else None
            if inner is not None and inner.folder != chart.folder:
                for way, found in parts(side, inner, depth + 1):
                    yield (dependency.call, *way), found


def own_files(side: Side, chart: Chart) -> dict[str, str]:
    """A chart's own files, those of charts inside left out: path in the chart -> the repository's file that
    is read for it, which for a link is what it leads to."""
    apart = tuple(f"{one}/" for one in side.charts if one != chart.folder and holds(chart.folder, one))
    found: dict[str, str] = {}
    start = len(chart.folder) + 1 if chart.folder else 0
    for path in side.below(chart.folder):
        if path.startswith(apart):
            continue
        name = path[start:]
        if side.snapshot.entries[path].mode != SYMLINK:
            found[name] = path
        elif (real := side.resolve(path)) is not None:
            if side.has(real):
                found[name] = real
            elif not holds(real, path):  # a folder; one that holds the link would have no end
                inside_of = [one for one in side.below(real) if side.has(one)][:_MOST_LINKED]
                found.update({f"{name}/{one[len(real) + 1 :]}": one for one in inside_of})
    return found


def inputs(side: Side, chart: Chart) -> frozenset[str]:
    """All files that the chart is rendered from: its own, links and what they lead to, those of charts that
    it takes in."""
    found: set[str] = set()
    for _, part in parts(side, chart):
        found.update(own_files(side, part).values())
        found.update(path for path in side.links if holds(part.folder, path))
    return frozenset(found | {one.archive for one in chart.dependencies if one.archive})


def takers(side: Side) -> Mapping[str, tuple[tuple[Chart, Dependency], ...]]:
    """Chart folder -> the charts that take it in directly."""
    found: dict[str, list[tuple[Chart, Dependency]]] = {}
    for folder in sorted(side.charts):
        chart = read_chart(side, folder)
        for dependency in chart.dependencies if chart is not None else ():
            if dependency.folder and chart is not None:
                found.setdefault(dependency.folder, []).append((chart, dependency))
    return {folder: tuple(each) for folder, each in found.items()}
