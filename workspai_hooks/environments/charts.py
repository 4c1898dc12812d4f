"""Workloads of charts as helm renders them with the values of each environment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.contracts.helm import installations as installing
from workspai_hooks.contracts.helm.charts import Chart, inputs, parts, read_chart, takers
from workspai_hooks.contracts.helm.installations import Installation
from workspai_hooks.contracts.helm.nodes import Plain, Step, as_text
from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.contracts.helm.rendering import Reader, Rendered, Rendering, render, told
from workspai_hooks.contracts.helm.side import Side, holds
from workspai_hooks.contracts.helm.values import Keys
from workspai_hooks.environments.compared import are_told_apart
from workspai_hooks.environments.gaps import Gap, Given, gaps
from workspai_hooks.environments.images import image_of
from workspai_hooks.environments.objects import workloads
from workspai_hooks.environments.stages import ASIDE, stage_of, stage_of_words
from workspai_hooks.environments.values import Means, Stage, Workload
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.tools.helm import Helm, resolve_helm
from workspai_hooks.workspace.files import is_for_show, is_for_tests

MOST_CHARTS = 200
MOST_INSTALLATIONS = 8
"""So many of each chart are rendered, 0.05 to 0.1 s each."""

APART = frozenset({Stage.PRODUCTION, Stage.STAGING})
_NAME = regex(rb"\b(?:[A-Z][A-Z0-9_]{2,80}|\w{2,60}__\w{2,60})\b")
_MORE = regex(
    r"(?i)(?:extra|additional|custom)?_?(?:env|envs|envvars?|environment|environmentvariables|envfrom|extraenvvars\w*"
    r"|config|configuration|secrets?|envsecrets?|secretenv|settings)"
)
"""Keys of values under which whoever installs a chart puts variables of his own."""


class Unknown(msgspec.Struct, frozen=True, order=True):
    """Why the workloads of the chart in a folder are not known; of all charts where `folder` is empty."""

    folder: str
    why: Undecided


class Charts(msgspec.Struct):
    """What charts run, which flags the values of an environment lack, and what is not known."""

    workloads: list[Workload] = msgspec.field(default_factory=list)
    gaps: list[Gap] = msgspec.field(default_factory=list)
    unknown: list[Unknown] = msgspec.field(default_factory=list)


def of_charts(side: Side, wanted: Collection[str]) -> Charts:
    """The charts that `wanted` files are part of, and those that are installed in several environments."""
    answer = Charts()
    apart = bool(side.charts) and are_told_apart(side.paths)
    if not side.charts or not (wanted or apart):
        return answer
    taken = takers(side)
    known: tuple[Installation, ...] | None = None
    helm: Helm | None = None
    for folder in sorted(side.charts)[:MOST_CHARTS]:
        chart = read_chart(side, folder)
        if chart is None or chart.type == "library" or is_for_tests(chart.path) or is_for_show(chart.path):
            continue
        runs = any(holds(part.folder, path) for _, part in parts(side, chart) for path in wanted)
        if folder in taken or not (runs or apart):
            continue  # one that is taken in is rendered with what takes it
        known = installing.find(side) if known is None else known
        chosen = list(_chosen(installing.of_chart(side, chart, known)))
        if not chosen or not (runs or len([stage for _, stage in chosen if stage in APART]) > 1):
            continue
        try:
            helm = helm or resolve_helm()
            rendered = render(helm, side, chart, [one for one, _ in chosen])
        except UndecidedError as error:
            answer.unknown.append(Unknown(folder if helm is not None else "", error.undecided))
            if helm is None:
                return answer
            continue
        _add(side, chart, rendered, [stage for _, stage in chosen], answer)
    return answer


def _chosen(every: Iterable[Installation]) -> Iterator[tuple[Installation, Stage]]:
    """The installations that tell an environment, those for production first; of others the chart's own
    values alone."""
    staged: list[tuple[Installation, Stage]] = []
    for one in every:
        stage = _stage(one)
        if stage == ASIDE or is_for_tests(one.place.path):
            continue
        staged.append((one, Stage(stage) if stage else Stage.DEFAULT))
    order = (Stage.PRODUCTION, Stage.DEFAULT, Stage.STAGING, Stage.LOCAL)
    staged.sort(key=lambda row: order.index(row[1]))
    yield from staged[:MOST_INSTALLATIONS]


def _stage(one: Installation) -> str:
    named = [*reversed(one.files), one.place.path]
    found = [stage for path in named if (stage := stage_of(path))]
    found += [stage for word in (one.namespace, one.release) if (stage := stage_of_words(word))]
    return found[0] if found else ""


def _add(side: Side, chart: Chart, rendered: Rendered, stages: list[Stage], answer: Charts) -> None:
    reader = Reader()
    templates = [path for path in inputs(side, chart) if "/templates/" in f"/{path}"]
    side.load(templates)
    texts = [side.bytes_of(path) for path in templates]
    may_set = tuple(sorted({match[0].decode() for text in texts for match in _NAME.finditer(text)}))
    rows = list(zip(rendered.renderings, stages, strict=True))
    faults = [one for each, _ in rows for one in each.faults]
    lost = any(one.faults and stage is Stage.PRODUCTION for one, stage in rows)
    for rendering, stage in rows:
        # Where production's values do not render, the chart's own do not stand for them.
        if rendering.faults or (lost and stage is Stage.DEFAULT):
            continue
        build = reader.build(side, rendered, rendering, {}, ())
        build = Build(f"chart {chart.name} with {rendering.installation.label}", build.objects)
        values = _Values(rendered, rendering)
        for one in workloads(build, Means.CHART, stage, values.locate):
            is_open = one.is_open or values.takes_more(values.way(one.place.path), one.name)
            found = replace(one, is_open=is_open, may_set=may_set if stage is Stage.DEFAULT else ())
            answer.workloads.append(found)
    given = [
        Given(one.installation.label, _place(one.installation), stage, one.values)
        for one, stage in rows
        if stage in APART
    ]
    answer.gaps += gaps(chart.name, given, texts)
    # A chart that renders in one way says enough; why it does not in another is not asked here.
    if faults and (lost or all(one.faults for one, _ in rows)):
        answer.unknown.append(Unknown(chart.folder, told(rendered, faults[0])))


def _place(one: Installation) -> Location:
    return Location(one.files[-1]) if one.files else one.place


class _Values:
    """Which line of the values says what a rendered object shows."""

    def __init__(self, rendered: Rendered, rendering: Rendering) -> None:
        self._values: Mapping[Keys, tuple[Location, Plain]] = rendering.values
        self._ways = {folder: way for way, folder in rendered.folders.items()}
        self._by_text: dict[str, list[tuple[Keys, Location]]] = {}
        for key, (place, value) in self._values.items():
            if not isinstance(value, (list, dict)) and value not in (None, "", True, False):
                self._by_text.setdefault(as_text(value), []).append((key, place))

    def way(self, path: str) -> tuple[str, ...]:
        """What the chart of a template is called on the way to it."""
        folders = sorted((one for one in self._ways if path.startswith(f"{one}/")), key=len)
        return self._ways[folders[-1]] if folders else ()

    def locate(self, one: Object, path: tuple[Step, ...], text: str) -> Location:
        """The line of the values that says this text, or an image's tag, where one does; else the
        template's."""
        line = one.place(*path)
        way = self.way(line.path)
        tag = image_of(text).tag if path[-1] == "image" else ""
        for wanted in (text, tag):
            rows = (
                [row for row in self._by_text.get(wanted, ()) if row[0][: len(way)] == way] if wanted else []
            )
            near = [row for row in rows if _is_about(row[0][len(way) :], one.name)] or rows
            if len(near) == 1 and (
                wanted == text or "tag" in near[0][0][-1].lower() or "version" in near[0][0][-1].lower()
            ):
                return near[0][1]
        return line

    def takes_more(self, way: tuple[str, ...], name: str) -> bool:
        """Whether the values have an empty place for variables that whoever installs the chart gives."""
        return any(
            value in (None, "", {}, [])
            and key[: len(way)] == way
            and _MORE.fullmatch(key[-1]) is not None
            and (len(key) == len(way) + 1 or _is_about(key[len(way) : -1], name) or len(self._ways) > 1)
            for key, (_, value) in self._values.items()
        )


_COMMON = frozenset(
    ["app", "common", "container", "default", "defaults", "deployment", "global", "image", "pod", "server"]
)


def _is_about(key: Keys, name: str) -> bool:
    """Whether a key of values speaks of a workload: a part of it is in its name, or it speaks of all."""
    plain = name.lower().replace("-", "").replace("_", "")
    return any(
        part.lower().replace("-", "").replace("_", "") in plain for part in key if len(part) > 1
    ) or all(part.lower() in _COMMON for part in key)
