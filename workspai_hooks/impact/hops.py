"""The way from a service to what breaks, hop by hop: its evidence, and whether the element passes on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workspai_hooks.findings import Hop
from workspai_hooks.workspace.workspace import Workspace


def hops(path: Sequence[str], rpcs: frozenset[str], workspace: Workspace) -> tuple[Hop, ...]:
    """One hop for each pair on `path`. `rpcs` are those whose request or response carries the broken element:
    where one of them is called on a hop, the caller gets the element itself; elsewhere it only depends on a
    service that may fail.
    """
    return tuple(hop(consumer, provider, rpcs, workspace) for consumer, provider in pairwise(path))


def hop(consumer: str, provider: str, rpcs: frozenset[str], workspace: Workspace) -> Hop:
    """One of them."""
    ways = workspace.between(consumer, provider)
    called = {rpc.partition("/")[0] for rpc in workspace.calling(rpcs).get(consumer, ())}
    carried = bool(called) and not called.isdisjoint(workspace.served_by(provider))
    places = sorted({place for way in ways for place in way.evidence})
    return Hop(consumer, provider, tuple(way.protocol for way in ways), carried, tuple(places))
