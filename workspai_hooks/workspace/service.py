"""The values of a service, and what `.workspai.yaml` says of one by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Declaration


@dataclass(frozen=True, slots=True)
class ServiceOverride:
    """A service as `.workspai.yaml` names it; what is empty is left as found."""

    name: str
    roots: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeOverride:
    """An edge by hand."""

    consumer: str
    provider: str
    protocol: str = "grpc"


class Kind(StrEnum):
    """Application: its source is here. Infrastructure: a public image. External: source elsewhere."""

    APPLICATION = "application"
    INFRASTRUCTURE = "infrastructure"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Service:
    """A service. `roots` are its folders (`""` is the repository's top), `hosts` the names that it is
    reached by (lower case), `ports` those that it listens on: port -> protocol as far as it is known."""

    name: str
    kind: Kind
    roots: tuple[str, ...]
    aliases: tuple[str, ...]
    evidence: tuple[Location, ...]
    owners: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    ports: Mapping[int, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    declarations: tuple[Declaration, ...] = ()
