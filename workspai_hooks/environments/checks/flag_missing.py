"""ED07: a feature flag that is set in one environment and missing in the other."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.found import lacking
from workspai_hooks.environments.missing import missing
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding


def find(scene: Scene) -> Iterator[Finding]:
    """As `variable_missing.py`, whose finding of a whole environment that lacks holds its flags, too."""
    return (lacking("ED07", one) for one in missing(scene) if one.is_flag)
