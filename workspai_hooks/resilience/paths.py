"""Paths of calls through the services: how often a request is tried at their end, and who gives up too early.

Exact, not sampled: the tries of a path are the product of those of its hops (shared/POLICY.md), the worst
path to each service is found over the components of the graph; inside of a cycle all simple paths are walked,
as a request that comes back to a service is another request there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.calls import Call, by_edge

MOST_STEPS = 50_000
"""Steps of walking one cycle; beyond it the question stays open (9 services that all call each other)."""


class Path(msgspec.Struct, frozen=True):
    """Calls, each of the provider of the one before."""

    hops: tuple[Call, ...]

    @property
    def amplification(self) -> int:
        """Tries at the end for one request at the start, when the end fails at once."""
        return math.prod(one.tries for one in self.hops)

    @property
    def services(self) -> tuple[str, ...]:
        return (self.hops[0].consumer, *(one.provider for one in self.hops))

    @property
    def name(self) -> str:
        return " -> ".join(self.services)


class Paths(msgspec.Struct, frozen=True):
    """The worst path to each service, by its name, and cycles that are too large to be walked."""

    worst: Mapping[str, Path]
    undecided: tuple[Undecided, ...] = ()


def worst_paths(calls: Sequence[Call]) -> Paths:
    """The worst path to each service that is called. Of equal ones the shortest, then the first by name; hops
    at the start that try once are left out."""
    if not calls:
        return Paths({})
    import networkx as nx  # 0.1 s: only where a question needs it

    edges = {pair: call for pair, call in by_edge(calls).items() if pair[0] != pair[1]}
    graph: nx.DiGraph[str] = nx.DiGraph(list(edges))
    best: dict[str, tuple[Call, ...]] = {}
    undecided: list[Undecided] = []
    condensed = nx.condensation(graph)
    for number in nx.lexicographical_topological_sort(
        condensed, key=lambda n: min(condensed.nodes[n]["members"])
    ):
        members = condensed.nodes[number]["members"]
        entries = {
            one: _best(
                [
                    (),
                    *(
                        (*best.get(before, ()), edges[before, one])
                        for before in graph.predecessors(one)
                        if before not in members
                    ),
                ]
            )
            for one in sorted(members)
        }
        if len(members) == 1:
            best.update(entries)
            continue
        found, whole = _inside(edges, members, entries)
        best.update(found)
        if not whole:
            names = ", ".join(sorted(members)[:5])
            why = f"{len(members)} services call each other in cycles: not all paths through them were walked"
            undecided.append(
                Undecided(f"paths through {names}", why, "leave retries to one layer of the cycle")
            )
    return Paths({name: Path(hops) for name, hops in sorted(best.items()) if hops}, tuple(undecided))


def _inside(
    edges: Mapping[tuple[str, str], Call], members: set[str], entries: Mapping[str, tuple[Call, ...]]
) -> tuple[dict[str, tuple[Call, ...]], bool]:
    """The worst simple paths to each member of a cycle, and whether all were walked."""
    following: dict[str, list[Call]] = {one: [] for one in members}
    for (consumer, provider), call in sorted(edges.items()):
        if consumer in members and provider in members:
            following[consumer].append(call)
    best = dict(entries)
    steps = 0
    for start in sorted(members):
        waiting: list[tuple[str, tuple[Call, ...], frozenset[str]]] = [
            (start, entries[start], frozenset({start}))
        ]
        while waiting:
            at, hops, seen = waiting.pop()
            best[at] = _best([best[at], hops])
            for call in following[at]:
                if call.provider not in seen:
                    steps += 1
                    if steps > MOST_STEPS:
                        return best, False
                    waiting.append((call.provider, (*hops, call), seen | {call.provider}))
    return best, True


def _best(candidates: Sequence[tuple[Call, ...]]) -> tuple[Call, ...]:
    def key(hops: tuple[Call, ...]) -> tuple[int, int, tuple[str, ...]]:
        return -math.prod(one.tries for one in hops), len(hops), tuple(one.consumer for one in hops)

    def cut(hops: tuple[Call, ...]) -> tuple[Call, ...]:
        while hops and hops[0].tries == 1:
            hops = hops[1:]
        return hops

    return min(map(cut, candidates), key=key)
