"""A chart written to a private folder, so that helm can render it: from git objects, links resolved inside only."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from workspai_hooks.changes.snapshot import SYMLINK
from workspai_hooks.contracts.helm.charts import (
    Chart,
    Dependency,
    inputs,
    parts,
    read_chart,
    within,
)
from workspai_hooks.contracts.helm.side import CHART, Side, holds
from workspai_hooks.errors import UndecidedError

MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 5_000
_MOST_DEPTH = 8
_STRUCTURE = ("templates/", "crds/", "charts/")
_FILES = (
    "Chart.yaml",
    "Chart.lock",
    "values.yaml",
    "values.schema.json",
    "requirements.yaml",
    "requirements.lock",
    ".helmignore",
)


class Laid(msgspec.Struct, frozen=True):
    """`path` is the chart's folder on disk; `folders` says for the way to each chart inside (by what helm calls
    it) which folder of the repository that is; `missing` are dependencies that are not here.
    """

    path: Path
    folders: dict[tuple[str, ...], str]
    missing: tuple[Dependency, ...] = ()


class _Budget:
    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._bytes = self._files = 0

    def spend(self, size: int) -> None:
        self._bytes += size
        self._files += 1
        if self._bytes > MAX_BYTES or self._files > MAX_FILES:
            why = f"is too large to be rendered: over {MAX_BYTES >> 20} MiB or {MAX_FILES} files"
            raise UndecidedError(self._chart.path, why, "leave out what it does not need in .helmignore")


def lay_out(side: Side, chart: Chart, target: Path) -> Laid:
    """Write a chart and what it takes in below `target`; raises `UndecidedError` for one that is too large."""
    folders: dict[tuple[str, ...], str] = {}
    missing: list[Dependency] = []
    try:
        _write(side, chart, target, (), folders, missing, _Budget(chart))
    except OSError as error:
        why = f"could not be written to a temporary folder: {error.strerror}"
        raise UndecidedError(chart.path, why, "make room, or shorten the names of its files") from error
    return Laid(target, folders, tuple(missing))


def _write(
    side: Side,
    chart: Chart,
    target: Path,
    way: tuple[str, ...],
    folders: dict[tuple[str, ...], str],
    missing: list[Dependency],
    budget: _Budget,
) -> None:
    folders[way] = chart.folder
    inside = [one for one in chart.dependencies if one.folder]
    apart = [one.folder for one in inside]
    paths = [path for path in inputs(side, chart) if holds(chart.folder, path)]
    paths = [
        path for path in paths if not any(holds(folder, path) for folder in apart if folder != chart.folder)
    ]
    if not _reads_files(side, chart, paths):
        paths = [path for path in paths if _is_structure(path[len(chart.folder) :].lstrip("/"))]
    side.load(paths)
    for path in sorted(paths):
        data = _content(side, path)
        if data is not None:
            budget.spend(len(data))
            place = target / path[len(chart.folder) :].lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    written: dict[str, Path] = {}
    for number, dependency in enumerate(inside):
        inner = read_chart(side, dependency.folder)
        if inner is not None and len(way) < _MOST_DEPTH and inner.folder != chart.folder:
            if dependency.folder in written:  # once more, under another alias
                _name(side, inner, (*way, dependency.call), folders)
                continue
            place = written[dependency.folder] = target / "charts" / f"{number:03}"
            _write(side, inner, place, (*way, dependency.call), folders, missing, budget)
    missing += [one for one in chart.dependencies if not one.is_here]
    if any(one.version or one.repository or one.condition for one in chart.dependencies):
        _describe(chart, target, [one for one in chart.dependencies if one.is_here])


def _name(side: Side, chart: Chart, way: tuple[str, ...], folders: dict[tuple[str, ...], str]) -> None:
    for further, part in parts(side, chart):
        folders[(*way, *further)] = part.folder


def _is_structure(name: str) -> bool:
    return name.startswith(_STRUCTURE) or name in _FILES


def _reads_files(side: Side, chart: Chart, paths: list[str]) -> bool:
    templates = [path for path in paths if path.startswith(within(chart.folder, "templates/"))]
    side.load(templates)
    return any(b".Files" in side.bytes_of(path) for path in templates)


def _content(side: Side, path: str) -> bytes | None:
    """A file's content; of a link, that of what it leads to inside of the repository."""
    if side.snapshot.entries[path].mode != SYMLINK:
        return side.bytes_of(path)
    real = side.resolve(path)
    return side.bytes_of(real) if real is not None and side.has(real) else None


def _describe(chart: Chart, target: Path, here: list[Dependency]) -> None:
    """Chart.yaml with the dependencies that are here: helm renders nothing while one is missing."""
    plain = chart.node.plain()
    if isinstance(plain, dict):
        wanted = [
            {
                "name": one.name,
                "version": ">=0.0.0-0",
                "repository": "",
                **({"alias": one.call} if one.call != one.name else {}),
                **({"condition": one.condition} if one.condition else {}),
            }
            for one in here
        ]
        told = plain.get("dependencies")
        tags = {
            str(item.get("alias") or item.get("name")): item
            for item in (told if isinstance(told, list) else [])
            if isinstance(item, dict)
        }
        for each in wanted:
            item = tags.get(str(each.get("alias") or each["name"]), {})
            each.update({key: item[key] for key in ("tags", "import-values", "enabled") if key in item})
        described = {**plain, "apiVersion": "v2", "dependencies": wanted}
        (target / CHART).write_text(json.dumps(described))
    for name in ("requirements.yaml", "requirements.lock", "Chart.lock"):
        (target / name).unlink(missing_ok=True)
