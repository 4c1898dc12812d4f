"""A chart on both sides of a change, with all that its checks ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.contracts.helm.charts import Chart, Dependency, read_chart
from workspai_hooks.contracts.helm.installations import Installation, setters
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.contracts.helm.reads import Reads, reads_of
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.values import Keys, leaves
from workspai_hooks.source import Location


class ChartSide(msgspec.Struct, frozen=True, dict=True):
    """One side of a chart: its files, who installs it, who takes it in."""

    side: Side
    chart: Chart
    installations: Sequence[Installation]
    takers: Sequence[tuple[Chart, Dependency]] = ()

    @cached_property
    def values(self) -> Node | None:
        """Its own values.yaml."""
        path = self.chart.file("values.yaml")
        return self.side.tree(path) if self.side.has(path) else None

    @cached_property
    def declared(self) -> dict[Keys, tuple[Location, Node]]:
        """The keys of its own values.yaml."""
        return {key: (place, node) for key, place, node in leaves(self.values)}

    @cached_property
    def reads(self) -> Reads:
        """What may be read of its values."""
        return reads_of(self.side, self.chart, widely=True)

    @cached_property
    def known(self) -> set[Keys]:
        """The keys that it has: those that it names, and those that its templates read."""
        return {*self.declared, *reads_of(self.side, self.chart, widely=False).paths}

    @cached_property
    def inner(self) -> dict[str, ChartSide | None]:
        """The charts that it takes in by what they are called; None for one that is not here as a folder."""
        found: dict[str, ChartSide | None] = {}
        for one in self.chart.dependencies:
            chart = (
                read_chart(self.side, one.folder) if one.folder and one.folder != self.chart.folder else None
            )
            found[one.call] = ChartSide(self.side, chart, ()) if chart is not None else None
        return found

    def knows(self, key: Keys, depth: int = 0) -> bool:
        """Whether a key counts: something may read it here, or in a chart that it is passed to."""
        if key[0] == "global" or self.reads.may_read(key) or self._decides(key):
            return True
        if key[0] in self.inner and depth < 8:
            inner = self.inner[key[0]]
            return inner is None or len(key) == 1 or inner.knows(key[1:], depth + 1)
        return False

    def _decides(self, key: Keys) -> bool:
        """Keys that say whether a dependency is taken in: conditions and tags."""
        if key[0] == "tags":
            return True
        conditions = {part.strip() for one in self.chart.dependencies for part in one.condition.split(",")}
        return any(tuple(one.split("."))[: len(key)] == key for one in conditions if one)

    def sets(self, key: Keys) -> Iterator[Location]:
        """Who gives the key a value, its own values.yaml left out: files, umbrella charts, tools,
        commands."""
        for one in setters(self.side, self.chart, self.installations):
            for layer in one.layers(self.side):
                if (node := layer.at(*key)) is not None:
                    yield layer.nearest(*key) if node is not None else layer.place
            for setting in one.settings:
                if setting.key[: len(key)] == key:
                    yield setting.place
        for taker, dependency in self.takers:
            outer = ChartSide(self.side, taker, self.installations)
            inside = (dependency.call, *key)
            if inside in outer.declared:
                yield outer.declared[inside][0]
            yield from outer.sets(inside)


class Both(msgspec.Struct, frozen=True):
    """The two sides of one chart."""

    before: ChartSide
    after: ChartSide

    @property
    def name(self) -> str:
        return self.before.chart.name

    def element(self, key: str) -> str:
        return f"chart:{self.name}:values" + (f".{key}" if key else "")
