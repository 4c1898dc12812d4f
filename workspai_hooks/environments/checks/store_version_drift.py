"""ED01: a store or broker that runs in another version locally than in production."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.found import finding
from workspai_hooks.environments.images import is_other_series
from workspai_hooks.environments.pairs import Pair, pairs
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding, Severity


def find(scene: Scene) -> Iterator[Finding]:
    """Another series is a warning, as data and protocol may differ; anything less a note."""
    for pair in pairs(scene):
        if pair.local.image.store:
            yield _told(pair)


def _told(pair: Pair) -> Finding:
    local, production = pair.local, pair.production
    mine, theirs = local.image.version, production.image.version
    other = bool(mine and theirs) and is_other_series(pair.program, mine or (), theirs or ())
    return finding(
        "ED01",
        Severity.WARNING if other else Severity.NOTE,
        f"{pair.service}:image/{pair.program}",
        f"{pair.service} runs {local.told} locally ({local.workload.label}) and {production.told} in "
        f"production ({production.workload.label})",
        local.use.location,
        (production.use.location, *(one.use.location for one in pair.more)),
        f"{local.told} -> production {production.told}",
    )
