"""ED06: a variable that a service's source reads, set in one environment and missing in the other."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.found import lacking
from workspai_hooks.environments.missing import missing
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding


def find(scene: Scene) -> Iterator[Finding]:
    """A warning where production lacks what has no default; a note elsewhere."""
    return (lacking("ED06", one) for one in missing(scene) if not one.is_flag)
