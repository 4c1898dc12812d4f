"""What the sources of objects and of Envoy's files read of a repository."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.resilience.gather import gather
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.reading import Read


def read(files: Mapping[str, str | bytes]) -> Read:
    return gather(Snapshot.of(files, "work tree"), [])


def layers(text: str, path: str = "deploy/mesh/all.yaml") -> list[Layer]:
    """The layers of one file, which has nothing wrong in it."""
    found = read({path: text})
    assert found.faults == ()
    assert found.undecided == ()
    return list(found.layers)


def wrong(text: str, path: str = "deploy/mesh/all.yaml") -> list[tuple[str, int, str]]:
    """Rule, line and message of the faults of one file."""
    return [(one.rule, one.location.line, one.message) for one in read({path: text}).faults]
