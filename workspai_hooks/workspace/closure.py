"""Who is reached by a break through others: shortest ways over proven edges, ties by name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping

import msgspec

from workspai_hooks.workspace.edges.values import Edge, Tier


class Callers(msgspec.Struct, frozen=True, array_like=True):
    """Who calls whom, made for walking and for keeping: services by number, numbered in the order of names.

    Only proven edges are in it, for verdicts that block rest on them.
    """

    names: list[str]
    callers: list[list[int]]
    """For each service those that call it, ascending."""

    @staticmethod
    def of(edges: Iterable[Edge]) -> Callers:
        """The proven ones of these edges."""
        proven = [edge for edge in edges if edge.tier is Tier.PROVEN and edge.consumer != edge.provider]
        names = sorted({name for edge in proven for name in (edge.consumer, edge.provider)})
        number = {name: at for at, name in enumerate(names)}
        callers: list[set[int]] = [set() for _ in names]
        for edge in proven:
            callers[number[edge.provider]].add(number[edge.consumer])
        return Callers(names, [sorted(each) for each in callers])

    def of_one(self, service: str) -> list[str]:
        """Who calls a service itself."""
        at = bisect_left(self.names, service)
        known = at < len(self.names) and self.names[at] == service
        return [self.names[one] for one in self.callers[at]] if known else []

    def exposed(self, breaking: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Each service that calls a breaking one, itself or through others, with the way to the nearest."""
        starts = {at for at, name in enumerate(self.names) if name in breaking}
        ways: dict[int, tuple[str, ...]] = {at: (self.names[at],) for at in starts}
        for consumer, provider in self._reached(starts):
            ways[consumer] = (self.names[consumer], *ways[provider])
        return {self.names[at]: ways[at] for at in sorted(ways) if at not in starts}

    def _reached(self, starts: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Breadth first: each further service once, with the one that it is reached from.

        Numbers are in the order of names, so the first that arrives at a service is the first by name.
        """
        seen = set(starts)
        level = sorted(seen)
        while level:
            reached: list[int] = []
            for provider in level:
                for consumer in self.callers[provider]:
                    if consumer not in seen:
                        seen.add(consumer)
                        reached.append(consumer)
                        yield consumer, provider
            level = sorted(reached)
