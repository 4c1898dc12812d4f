"""What is deployed, as objects of Kubernetes: rendered charts, built kustomizations, manifests."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.objects import Build
from workspai_hooks.errors import Undecided


class Builds(msgspec.Struct, frozen=True):
    """One for each way to install something, and what could not be built."""

    all: tuple[Build, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def builds_of(snapshot: Snapshot, marks: Collection[bytes]) -> Builds:
    """All of a snapshot that has one of the marks in it."""
    return Builds()
