"""What differs between where a service is written and where it runs: all checks over one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.charts import Unknown
from workspai_hooks.environments.checks import CHECKS
from workspai_hooks.environments.collected import collected
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Drift, Means
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Finding
from workspai_hooks.workspace.services import Services

__all__ = ["Drift", "drift_of"]


def drift_of(snapshot: Snapshot, services: Services) -> Drift:
    """The drift of a snapshot; findings say nothing of whether a commit brings them.

    One finding for each fingerprint, the first by its place; `undecided` has a question only where something
    runs locally that a chart which can't be rendered runs as well.
    """
    known = collected(snapshot, services)
    scene = Scene.of(snapshot, services, known)
    found: dict[str, Finding] = {}
    for check in CHECKS:
        for one in sorted(check(scene), key=lambda each: (each.element, each.location)):
            found.setdefault(one.fingerprint, one)
    order = sorted(found.values(), key=lambda one: (one.rule, one.element))
    return Drift(tuple(order), tuple(_asked(known.unknown, scene)))


def _asked(unknown: Sequence[Unknown], scene: Scene) -> Iterator[Undecided]:
    """The charts that are not known and that hold what also runs locally, as one question."""
    local = {one.service for one in scene.workloads if one.means is Means.COMPOSE}
    both = [one for one in scene.services.all if one.name in local]
    asked = [one for one in unknown if any(scene.runs_in(one.folder, service) for service in both)]
    if asked:
        first, *rest = asked
        more = f"; so do {len(rest)} more charts" if rest else ""
        why = f"what runs locally is not compared with it, as it {first.why.why}{more}"
        yield Undecided(first.why.what, why, first.why.remedy)
