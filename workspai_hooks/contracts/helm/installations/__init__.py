"""Who installs which chart with which values: one file a tool; `find` asks all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workspai_hooks.changes.deployed import INSTALLERS
from workspai_hooks.contracts.helm.charts import Chart, within
from workspai_hooks.contracts.helm.installations import argocd, commands, flux, helmfile, skaffold
from workspai_hooks.contracts.helm.installations.values import Installation
from workspai_hooks.contracts.helm.side import Side, holds
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

__all__ = ["Installation", "find", "of_chart"]

Find = Callable[[Side, str], Iterator[Installation]]

FINDERS: tuple[tuple[tuple[bytes, ...], Find], ...] = (
    (argocd.HINTS, argocd.find),
    (flux.HINTS, flux.find),
    (helmfile.HINTS, helmfile.find),
    (skaffold.HINTS, skaffold.find),
    (commands.HINTS, commands.find),
)
"""What a file's bytes must have for a finder to look into it, and the finder."""

_MOST_BYTES = 1024 * 1024
_MOST_FILES = 20_000
_VALUES = regex(
    r"(?:^|/)(?:values[._-][\w.-]+|[\w.-]+[._-]values|(?:ci|values|environments?|envs?|config)/[\w./-]+)\.ya?ml$"
)


def find(side: Side) -> tuple[Installation, ...]:
    """All installations that the repository's files tell of, sorted by their place."""
    paths = [path for path in side.paths if path.endswith(INSTALLERS) and "/templates/" not in path]
    del paths[_MOST_FILES:]
    side.load(paths)
    found: list[Installation] = []
    for path in paths:
        data = side.bytes_of(path)
        if len(data) <= _MOST_BYTES:
            for hints, finder in FINDERS:
                if any(hint in data for hint in hints):
                    found += finder(side, path)
    return tuple(sorted(found, key=lambda one: (one.place, one.label)))


def of_chart(side: Side, chart: Chart, known: Sequence[Installation]) -> list[Installation]:
    """The installations of a chart: with its own values alone, those that are told, and one for each further
    values file in its folder that none of them names (those of chart-testing's `ci/` included). Two that give
    it the same are one: it is rendered once.
    """
    plain = Installation("its own values", Location(within(chart.folder, "values.yaml")), chart.folder)
    every = [plain, *_told(side, chart, known)]
    return list({_given(one): one for one in reversed(every)}.values())[::-1]


def _told(side: Side, chart: Chart, known: Sequence[Installation]) -> list[Installation]:
    """Everything that gives a chart other values than its own."""
    mine = [one for one in known if one.chart == chart.folder and one.chart_name == ""]
    named = {path for one in mine for path in one.files}
    alone = [
        Installation(f"values file {path}", Location(path), chart.folder, files=(path,))
        for path in side.below(chart.folder)
        if _is_values(side, chart, path) and path not in named
    ]
    return [*mine, *alone]


def _given(one: Installation) -> tuple[object, ...]:
    """What the chart gets: two that give it the same are rendered once."""
    settings = tuple((setting.key, repr(setting.value)) for setting in one.settings)
    inline = tuple(repr(node.plain()) for node in one.inline)
    return one.release, one.namespace, one.files, inline, settings


def _is_values(side: Side, chart: Chart, path: str) -> bool:
    inner = path[len(chart.folder) :].lstrip("/")
    if (
        not side.has(path)
        or not _VALUES.search(inner)
        or inner.startswith(("templates/", "crds/", "charts/"))
    ):
        return False
    closest = max((folder for folder in side.charts if holds(folder, path)), key=len)
    return closest == chart.folder and not side.is_manifest(path)


def setters(side: Side, chart: Chart, known: Sequence[Installation]) -> list[Installation]:
    """All that give a chart values, by its folder or by its name: who has to follow when a key changes."""
    named = [one for one in known if one.chart_name == chart.name]
    return [*_told(side, chart, known), *named]
