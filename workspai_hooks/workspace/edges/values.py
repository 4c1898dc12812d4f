"""The values of this room: an edge and what speaks for it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location

CONFIGURATION = ".workspai.yaml"


class Tier(StrEnum):
    """How far an edge is to be trusted: in use by the consumer, only deployed, or only a start order."""

    PROVEN = "proven"
    DECLARED = "declared"
    ORDERING = "ordering"


class Evidence(msgspec.Struct, frozen=True, order=True):
    """A line that speaks for an edge. `kind` is a row in docs/evidence.md: address, reads, literal, call …"""

    location: Location
    kind: str


class Edge(msgspec.Struct, frozen=True, order=True):
    """`consumer` calls `provider`, or reads what it publishes. `protocol`: grpc, http, redis,
    `kafka:<topic>` …, `tcp` where nothing tells it."""

    consumer: str
    provider: str
    protocol: str
    tier: Tier
    evidence: tuple[Evidence, ...]


class RpcUse(msgspec.Struct, frozen=True, order=True):
    """A line that calls (`role` `calls`) or serves (`implements`) an rpc, by its service's full name."""

    service_fqn: str
    rpc: str
    path: str
    line: int
    role: str
    in_test: bool = False


class Edges(msgspec.Struct, frozen=True):
    """All edges, sorted, one per consumer, provider and protocol; and calls whose provider is not known."""

    all: tuple[Edge, ...]
    undecided: tuple[Undecided, ...] = ()


class Hint(msgspec.Struct, frozen=True):
    """One piece of evidence before it is joined with others."""

    consumer: str
    provider: str
    protocol: str
    tier: Tier
    evidence: tuple[Evidence, ...]
