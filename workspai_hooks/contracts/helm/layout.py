"""A chart written to a private folder, so that helm can render it: from git objects, links resolved inside
only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from workspai_hooks.contract_files import CHART
from workspai_hooks.contracts.helm.charts import Chart, Dependency, own_files, read_chart
from workspai_hooks.contracts.helm.led_out import MAX_BYTES, MAX_FILES, led_out
from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.errors import UndecidedError

_MOST_DEPTH = 8
_ENCLOSE = "let the schema hold all that it needs, below $defs, as JSON"
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


def lay_out(side: Side, chart: Chart, target: Path) -> None:
    """Write a chart and what it takes in below `target`, dependencies that are not here left out; raises
    `UndecidedError` for one that is too large."""
    try:
        _write(side, chart, target, 0, _Budget(chart))
    except OSError as error:
        why = f"could not be written to a temporary folder: {error.strerror}"
        raise UndecidedError(chart.path, why, "make room, or shorten the names of its files") from error


def _write(side: Side, chart: Chart, target: Path, depth: int, budget: _Budget) -> None:
    files = own_files(side, chart)
    if not _reads_files(side, chart, files):
        files = {name: path for name, path in files.items() if _is_structure(name)}
    side.load(files.values())
    for name, path in sorted(files.items()):
        data = side.bytes_of(path)
        if path in side.broken and (problem := side.problems.get(path)) is not None and not data:
            raise UndecidedError(problem.what, problem.why, problem.remedy)
        if (why := led_out(name, data)) is not None:
            raise UndecidedError(path, why, _ENCLOSE)
        budget.spend(len(data))
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    written: set[str] = set()
    for number, dependency in enumerate(chart.dependencies):
        inner = read_chart(side, dependency.folder) if dependency.folder else None
        if inner is not None and depth < _MOST_DEPTH and inner.folder not in (chart.folder, *written):
            written.add(inner.folder)  # under another alias helm takes the same one again
            _write(side, inner, target / "charts" / f"{number:03}", depth + 1, budget)
    if any(one.version or one.repository or one.condition for one in chart.dependencies):
        _describe(chart, target, [one for one in chart.dependencies if one.is_here])


def _is_structure(name: str) -> bool:
    return name.startswith(_STRUCTURE) or name in _FILES


def _reads_files(side: Side, chart: Chart, files: Mapping[str, str]) -> bool:
    """Whether a template may read other files of the chart."""
    templates = [path for name, path in files.items() if name.startswith("templates/")]
    side.load(templates)
    return any(b".Files" in side.bytes_of(path) for path in templates)


def _describe(chart: Chart, target: Path, here: list[Dependency]) -> None:
    """Chart.yaml with the dependencies that are here: helm renders nothing while one is missing."""
    plain = chart.node.plain()
    if isinstance(plain, dict):
        wanted: list[dict[str, Plain]] = [
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
