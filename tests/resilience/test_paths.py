"""Paths over generated graphs, against a walk of all simple paths."""

from __future__ import annotations

import itertools
import math
import random

import networkx as nx
import pytest

from workspai_hooks.resilience.calls import Acting, Call
from workspai_hooks.resilience.model import Policy, Retry, Where
from workspai_hooks.resilience.paths import worst_paths
from workspai_hooks.source import Location


def call(consumer: str, provider: str, tries: int) -> Call:
    retry = Retry(tries) if tries > 1 else None
    acting = (Acting(Where.CLIENT, Policy("", retry=retry), "x", Location("x")),)
    return Call(consumer, provider, "", "", "grpc", (), acting)


@pytest.mark.parametrize("seed", range(40))
def test_the_worst_path_to_each_service_is_the_worst_of_all_simple_paths(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(chance.randint(2, 7))]
    tries = {
        (a, b): chance.randint(1, 4)
        for a in names
        for b in names
        if a != b and chance.random() < chance.choice((0.2, 0.5))
    }
    graph = nx.DiGraph(list(tries))
    expected = {
        end: max(
            math.prod(tries[edge] for edge in itertools.pairwise(path))
            for start in graph
            if start != end
            for path in nx.all_simple_paths(graph, start, end)
        )
        for end in graph
        if graph.in_degree(end)
    }
    found = worst_paths([call(a, b, many) for (a, b), many in tries.items()])
    assert {end: found.worst[end].amplification if end in found.worst else 1 for end in expected} == expected
    assert found.undecided == ()


def test_a_cycle_of_too_many_services_is_told() -> None:
    names = [f"s{number}" for number in range(18)]
    found = worst_paths([call(a, b, 2) for a in names for b in names if a != b])
    assert len(found.undecided) == 1
