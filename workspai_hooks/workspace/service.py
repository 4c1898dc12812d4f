"""The values of a service, and what `.workspai.yaml` says of one by hand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Declaration


class ServiceOverride(msgspec.Struct, frozen=True):
    """A service as `.workspai.yaml` names it; what is empty is left as found."""

    name: str
    roots: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


class EdgeOverride(msgspec.Struct, frozen=True):
    """An edge by hand."""

    consumer: str
    provider: str
    protocol: str = "grpc"


class Kind(StrEnum):
    """Application: its source is here. Infrastructure: a public image. External: source elsewhere."""

    APPLICATION = "application"
    INFRASTRUCTURE = "infrastructure"
    EXTERNAL = "external"


class Service(msgspec.Struct, frozen=True):
    """A service. `roots` are its folders (`""` is the repository's top), `hosts` the names that it is
    reached by (lower case), `ports` those that it listens on: port -> protocol as far as it is known."""

    name: str
    kind: Kind
    roots: tuple[str, ...]
    aliases: tuple[str, ...]
    evidence: tuple[Location, ...]
    owners: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    ports: Mapping[int, str] = msgspec.field(default_factory=dict)
    images: tuple[str, ...] = ()
    declarations: tuple[Declaration, ...] = ()
