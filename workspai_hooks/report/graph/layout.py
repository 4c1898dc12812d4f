"""A layered layout, callers on the left: where each service stands and how each arrow gets there.

Sugiyama's four steps: cycles are cut (`ranks.py`), services get columns (`ranks.py`), columns are ordered
so that few arrows cross, and rows are chosen so that arrows run straight. Arrows to one provider share a
trunk where they pass other columns: three hundred services stay readable, and who is meant stays exact.
Everything is decided by numbers and, in ties, by name: the same map for the same services.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from workspai_hooks.report.graph.ranks import columns_of

Pair = tuple[int, int]
Point = tuple[int, str]
"""A place in a column: a service (`rank, ""`), or a trunk that passes the column."""

SCREEN = (1230.0, 880.0)
"""What a map should fit on: a common window less the page's own parts."""
ROW = 27
"""Pixels between the middles of two boxes in one column, of which 24 are the box."""
ROOMY_ROW = 36
TRUNK = 3.5
_FEW = 40
"""Up to so many services there is room between rows, and between columns for the names of protocols."""
_CHARACTER = 7.4
_PADDING = 18
MOST_CHARACTERS = 26
_SWEEPS = 10
_ASPECTS = (2.6, 4.0, 6.5, 9.0)
"""Rows for each column that are tried: few are true to the calls, for long chains; many fill a screen."""
_FEWEST_ROWS = 8
_MOST_STRETCH = 1.6
_MOST_TRIED = 5_000
"""Above so many arrows only the fullest columns are tried."""
_MOST_SEGMENTS = 30_000
"""Above this arrows run straight across columns: time stays bounded, and no eye follows so many."""


class Box(msgspec.Struct, frozen=True):
    """A service's box: left edge, middle, width, in pixels."""

    x: float
    y: float
    width: float


class Layout(msgspec.Struct, frozen=True):
    """Boxes by service; routes by arrow: (left, right, y) of each column passed, from the consumer on."""

    boxes: Mapping[int, Box]
    routes: Mapping[Pair, tuple[tuple[float, float, float], ...]]
    width: float
    height: float


def lay_out(names: Sequence[str], pairs: Sequence[Pair]) -> Layout:
    """Place services (by number) and arrows (consumer, provider); separate parts one below the other."""
    return _stacked([_fitting(members, own, names) for members, own in _parts(len(names), pairs)])


def _fitting(members: list[int], pairs: list[Pair], names: Sequence[str]) -> Layout:
    """The first that fits on a screen in its natural size, else the one that is shrunk least; calls within
    a column weigh against it."""
    heights = {max(_FEWEST_ROWS, round((len(members) * aspect) ** 0.5)) for aspect in _ASPECTS}
    best, most_worth = None, 0.0
    for most in sorted(heights) if len(pairs) <= _MOST_TRIED else [max(heights)]:
        layout = _Part(members, pairs, names).layout(most)
        scale = min(SCREEN[0] / layout.width, SCREEN[1] / layout.height)
        across = sum(layout.boxes[one].x != layout.boxes[other].x for one, other in pairs) + 1
        worth = scale * (across / (len(pairs) + 1)) ** 2
        if best is None or worth > most_worth:
            best, most_worth = layout, worth
        if scale >= 1:
            break
    assert best is not None
    return _stretched(best)


def _stretched(layout: Layout) -> Layout:
    """Rows further apart where a wide map leaves a screen's height empty."""
    spare = layout.width * SCREEN[1] / SCREEN[0] / layout.height
    factor = max(1.0, min(_MOST_STRETCH, spare)) if layout.width > SCREEN[0] else 1.0
    boxes = {member: Box(box.x, box.y * factor, box.width) for member, box in layout.boxes.items()}
    routes = {
        pair: tuple((left, right, row * factor) for left, right, row in route)
        for pair, route in layout.routes.items()
    }
    return Layout(boxes, routes, layout.width, layout.height * factor)


def _parts(count: int, pairs: Sequence[Pair]) -> list[tuple[list[int], list[Pair]]]:
    """The services that hang together, most first; those that stand alone are together the last part."""
    parent = list(range(count))

    def find(member: int) -> int:
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for one, other in pairs:
        left, right = sorted((find(one), find(other)))
        parent[right] = left
    members: dict[int, list[int]] = defaultdict(list)
    for member in range(count):
        members[find(member)].append(member)
    arrows: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        arrows[find(pair[0])].append(pair)
    order = sorted(members, key=lambda root: (-len(members[root]), root))
    return [(members[root], arrows[root]) for root in order]


def _stacked(layouts: Iterable[Layout], gap: float = 46) -> Layout:
    """Layouts in rows, as words in a paragraph that is as wide as the widest."""
    layouts = list(layouts)
    room = max([layout.width for layout in layouts] + [900.0])
    boxes: dict[int, Box] = {}
    routes: dict[Pair, tuple[tuple[float, float, float], ...]] = {}
    x = y = line = width = 0.0
    for layout in layouts:
        if x and x + layout.width > room:
            x, y, line = 0.0, y + line + gap, 0.0
        for number, box in layout.boxes.items():
            boxes[number] = Box(box.x + x, box.y + y, box.width)
        for pair, route in layout.routes.items():
            routes[pair] = tuple((left + x, right + x, at + y) for left, right, at in route)
        width, line = max(width, x + layout.width), max(line, layout.height)
        x += layout.width + gap
    return Layout(boxes, routes, width, y + line)


class _Part(msgspec.Struct, dict=True):
    """One connected part while it is laid out; `layout` runs the steps in order."""

    members: list[int]
    pairs: list[Pair]
    names: Sequence[str]
    columns: list[list[Point]] = msgspec.field(default_factory=list)
    ways: dict[Pair, list[Point]] = msgspec.field(default_factory=dict)
    before: dict[Point, list[Point]] = msgspec.field(default_factory=lambda: defaultdict(list))
    after: dict[Point, list[Point]] = msgspec.field(default_factory=lambda: defaultdict(list))
    column: dict[Point, int] = msgspec.field(default_factory=dict)

    @property
    def _row(self) -> float:
        return ROOMY_ROW if len(self.members) <= _FEW else ROW

    def layout(self, most: int) -> Layout:
        ranks = columns_of(self.members, self.pairs, most)
        self._thread(ranks)
        self._untangle()
        rows = self._rows()
        return self._drawn(rows)

    def _thread(self, ranks: Mapping[int, int]) -> None:
        """Services and trunks into columns, and who is joined with whom in the next."""
        for member in self.members:
            self.column[member, ""] = ranks[member]
        spans = sum(abs(ranks[one] - ranks[other]) for one, other in self.pairs)
        joined: set[tuple[Point, Point]] = set()
        for consumer, provider in self.pairs:
            start, end = ranks[consumer], ranks[provider]
            step = 1 if start < end else -1
            way: list[Point] = [(consumer, "")]
            if spans <= _MOST_SEGMENTS:
                for rank in range(start + step, end, step):
                    # Back to the left is another trunk than to the right.
                    trunk = (provider, f"{'>' if step > 0 else '<'}{rank}")
                    self.column[trunk] = rank
                    way.append(trunk)
            way.append((provider, ""))
            self.ways[consumer, provider] = way
            if start != end:
                joined.update(pair if step > 0 else pair[::-1] for pair in pairwise(way))
        for left, right in sorted(joined):
            self.after[left].append(right)
            self.before[right].append(left)
        self.columns = [[] for _ in range(max(self.column.values()) + 1)]
        for point in sorted(self.column, key=lambda point: (self.names[point[0]], point)):
            self.columns[self.column[point]].append(point)

    def _untangle(self) -> None:
        """Order each column by the mean of its neighbours, to and fro; keep the order that crosses least."""
        best, fewest = [list(column) for column in self.columns], self._crossings()
        for sweep in range(_SWEEPS):
            rightwards = sweep % 2 == 0
            numbers = range(1, len(self.columns)) if rightwards else range(len(self.columns) - 2, -1, -1)
            for number in numbers:
                beside = self.columns[number - 1 if rightwards else number + 1]
                self._sort(number, beside, self.before if rightwards else self.after)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self.columns], crossings
        self.columns = best

    def _sort(self, number: int, beside: list[Point], joined: Mapping[Point, list[Point]]) -> None:
        place = {point: index for index, point in enumerate(beside)}
        column = self.columns[number]
        scale = len(beside) / max(1, len(column))
        mean = {}
        for index, point in enumerate(column):
            ends = [place[end] for end in joined.get(point, ()) if end in place]
            mean[point] = sum(ends) / len(ends) if ends else index * scale
        column.sort(key=lambda point: mean[point])

    def _crossings(self) -> int:
        """How many pairs of joins cross between columns, counted as inversions with a Fenwick tree."""
        total = 0
        for column, following in pairwise(self.columns):
            place = {point: index for index, point in enumerate(following)}
            ends = [
                end
                for point in column
                for end in sorted(place[one] for one in self.after.get(point, ()) if one in place)
            ]
            tree = [0] * (len(following) + 1)
            for seen, end in enumerate(ends):
                index, below = end + 1, 0
                while index:
                    below += tree[index]
                    index -= index & -index
                total += seen - below
                index = end + 1
                while index < len(tree):
                    tree[index] += 1
                    index += index & -index
        return total

    def _rows(self) -> dict[Point, float]:
        """A row for each point, near the rows of those that it is joined with, in the order of its column."""
        rows: dict[Point, float] = {}
        for column in self.columns:
            rows.update(zip(column, _offsets(column, self._row), strict=True))
        for sweep in range(_SWEEPS):
            columns = self.columns if sweep % 2 == 0 else self.columns[::-1]
            for column in columns:
                wanted, weights = [], []
                for point in column:
                    ends = [rows[end] for end in (*self.before.get(point, ()), *self.after.get(point, ()))]
                    wanted.append(sum(ends) / len(ends) if ends else rows[point])
                    weights.append(float(len(ends) or 1))
                offsets = _offsets(column, self._row)
                rows.update(zip(column, _spread(wanted, weights, offsets), strict=True))
        top = min(rows.values())
        return {point: row - top + self._row / 2 for point, row in rows.items()}

    def _drawn(self, rows: Mapping[Point, float]) -> Layout:
        lefts, widths, x = [], [], 0.0
        for number, column in enumerate(self.columns):
            width = max([box_width(self.names[member]) for member, trunk in column if not trunk] + [40.0])
            lefts.append(x)
            widths.append(width)
            joins = sum(len(self.after.get(point, ())) for point in self.columns[number])
            x += width + (110 if len(self.members) <= _FEW else 44 + min(26.0, joins * 0.5))
        boxes = {
            member: Box(lefts[number], rows[member, trunk], widths[number])
            for number, column in enumerate(self.columns)
            for member, trunk in column
            if not trunk
        }
        routes = {}
        for pair, way in self.ways.items():
            passed = [(self.column[point], rows[point]) for point in way[1:-1]]
            routes[pair] = tuple((lefts[rank], lefts[rank] + widths[rank], row) for rank, row in passed)
        return Layout(boxes, routes, lefts[-1] + widths[-1], max(rows.values()) + self._row / 2)


def box_width(name: str) -> float:
    """How wide a name is drawn, cut to `MOST_CHARACTERS`; East Asian letters take two places."""
    places = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name)
    return max(46.0, _PADDING + _CHARACTER * min(places, MOST_CHARACTERS))


def _offsets(column: Sequence[Point], row: float) -> list[float]:
    """The rows of a column with as little room between its points as may be."""
    offsets: list[float] = []
    at = last = 0.0
    for _, trunk in column:
        half = (TRUNK if trunk else row) / 2
        at += last + half if offsets else 0.0
        offsets.append(at)
        last = half
    return offsets


def _spread(wanted: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Rows in order and apart, as near to those wanted as can be (weighted least squares: pool adjacent
    violators over the wanted rows less the offsets)."""
    pools: list[tuple[float, float, int]] = []
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        value, heavy, size = want - offset, weight, 1
        while pools and pools[-1][0] >= value:
            above, mass, count = pools.pop()
            value = (value * heavy + above * mass) / (heavy + mass)
            heavy, size = heavy + mass, size + count
        pools.append((value, heavy, size))
    levels = [value for value, _, size in pools for _ in range(size)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
