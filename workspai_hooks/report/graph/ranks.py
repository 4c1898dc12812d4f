"""Which column each service stands in: callers left of those that they call, columns not too tall."""

from __future__ import annotations

import heapq
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from workspai_hooks.report.graph.chart import circles

Pair = tuple[int, int]

_COLUMN = 30
"""One more column is worth this part of all arrows running across it, not within it: fewer columns make
larger letters, more are truer to who calls whom. Tried on made maps of 12 to 300 services."""


def columns_of(members: Sequence[int], pairs: Sequence[Pair], most: int) -> dict[int, int]:
    """The column of each service from 0, none of more than `most` services.

    Arrows run to the right but where a circle of calls was cut, and where chains are longer than a screen
    is wide: then some stay within a column.
    """
    forward = _acyclic([pair for pair in pairs if pair[0] != pair[1]])
    ranks = _pulled(members, forward, _longest(members, forward))
    return _broken(_merged(ranks, forward, most), forward, most)


def _acyclic(pairs: Sequence[Pair]) -> list[Pair]:
    """The arrows with those turned round that close a circle, each once."""
    circle = {member: number for number, members in enumerate(circles(pairs)) for member in members}
    inside = [pair for pair in pairs if _same(circle, pair)]
    place = _callers_first(inside)
    turned = {(one, other) if place[one] < place[other] else (other, one) for one, other in inside}
    return sorted(turned | {pair for pair in pairs if not _same(circle, pair)})


def _same(circle: Mapping[int, int], pair: Pair) -> bool:
    return pair[0] in circle and circle[pair[0]] == circle.get(pair[1])


def _callers_first(pairs: Iterable[Pair]) -> dict[int, int]:
    """An order that few arrows go against: whoever calls most and is called least of those left goes next
    (Eades, Lin and Smyth's heuristic with one end)."""
    calls: dict[int, set[int]] = defaultdict(set)
    called: dict[int, set[int]] = defaultdict(set)
    for consumer, provider in pairs:
        calls[consumer].add(provider)
        called[provider].add(consumer)
    balance = {member: len(called[member]) - len(calls[member]) for member in {*calls, *called}}
    heap = sorted((value, member) for member, value in balance.items())
    place: dict[int, int] = {}
    while heap:
        value, member = heapq.heappop(heap)
        if member in place or value != balance[member]:
            continue
        place[member] = len(place)
        for others, change in ((calls[member], -1), (called[member], 1)):
            for other in sorted(others - place.keys()):
                balance[other] += change
                heapq.heappush(heap, (balance[other], other))
    return place


def _joined(pairs: Iterable[Pair]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    after: dict[int, list[int]] = defaultdict(list)
    before: dict[int, list[int]] = defaultdict(list)
    for left, right in pairs:
        after[left].append(right)
        before[right].append(left)
    return before, after


def _longest(members: Sequence[int], pairs: Sequence[Pair]) -> dict[int, int]:
    """Each as far left as its callers let it."""
    before, after = _joined(pairs)
    missing = {member: len(before.get(member, ())) for member in members}
    ready = sorted(member for member in members if not missing[member])
    ranks = dict.fromkeys(ready, 0)
    for member in ready:
        for other in after.get(member, ()):
            ranks[other] = max(ranks.get(other, 0), ranks[member] + 1)
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return ranks


def _pulled(members: Sequence[int], pairs: Sequence[Pair], ranks: dict[int, int]) -> dict[int, int]:
    """Whoever calls more than it is called moves next to those that it calls: arrows get shorter."""
    before, after = _joined(pairs)
    for member in sorted(members, key=lambda member: (-ranks[member], member)):
        callers, called = before.get(member, ()), after.get(member, ())
        if called and len(called) > len(callers):
            ranks[member] = min(ranks[other] for other in called) - 1
    lowest = min(ranks.values())
    return {member: rank - lowest for member, rank in ranks.items()}


def _merged(ranks: Mapping[int, int], pairs: Sequence[Pair], most: int) -> dict[int, int]:
    """Neighbouring columns become one, up to `most` services, where few arrows run between them.

    The cheapest division of the row of columns, found from its left end.
    """
    sizes, arrows = [0] * (max(ranks.values()) + 1), defaultdict(list)
    for rank in ranks.values():
        sizes[rank] += 1
    for left, right in pairs:
        arrows[ranks[left]].append(ranks[right])
    costs, starts = [0.0], []
    for last in range(len(sizes)):
        best, start, inside, held = float("inf"), last, 0, 0
        for first in range(last, -1, -1):
            held += sizes[first]
            if held > most and first < last:
                break
            inside += sum(rank <= last for rank in arrows.get(first, ()))
            cost = costs[first] + inside
            if cost < best:
                best, start = cost, first
        costs.append(best + len(pairs) / _COLUMN)
        starts.append(start)
    firsts, last = [], len(sizes) - 1
    while last >= 0:
        firsts.append(starts[last])
        last = starts[last] - 1
    return {member: bisect(firsts[::-1], rank) - 1 for member, rank in ranks.items()}


def _broken(ranks: Mapping[int, int], pairs: Sequence[Pair], most: int) -> dict[int, int]:
    """Columns of more than `most` services become several.

    Those that are mostly called go right, where their callers' arrows need not pass the others.
    """
    before, after = _joined(pairs)
    columns: dict[int, list[int]] = defaultdict(list)
    for member, rank in ranks.items():
        columns[rank].append(member)
    placed: dict[int, int] = {}
    column = 0
    for rank in sorted(columns):
        own = sorted(columns[rank], key=lambda one: (len(before.get(one, ())) - len(after.get(one, ())), one))
        parts = -(-len(own) // most)
        size = -(-len(own) // parts)
        for number, member in enumerate(own):
            placed[member] = column + number // size
        column += parts
    return placed
