"""The way from a service to what breaks, hop by hop: its evidence, and whether the element passes on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from workspai_hooks.findings import Hop
from workspai_hooks.workspace.workspace import Workspace


def hops(path: Sequence[str], rpcs: Collection[str], workspace: Workspace) -> tuple[Hop, ...]:
    """One hop for each pair on `path`. `rpcs` are those whose request or response carries the broken element:
    where one of them is called on a hop, the caller gets the element itself; elsewhere it only depends on a
    service that may fail.
    """
    return tuple(_hop(consumer, provider, rpcs, workspace) for consumer, provider in pairwise(path))


def _hop(consumer: str, provider: str, rpcs: Collection[str], workspace: Workspace) -> Hop:
    edges = workspace.between(consumer, provider)
    served = workspace.served_by(provider)
    carried = any(rpc in rpcs and rpc.partition("/")[0] in served for rpc in workspace.called_by(consumer))
    return Hop(
        consumer,
        provider,
        tuple(edge.protocol for edge in edges),
        carried,
        tuple(sorted({one.location for edge in edges for one in edge.evidence})),
    )
