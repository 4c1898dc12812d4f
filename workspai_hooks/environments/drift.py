"""What differs between where a service is written and where it runs: all checks over one snapshot."""

from __future__ import annotations

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.checks import CHECKS
from workspai_hooks.environments.collected import collected
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Drift
from workspai_hooks.workspace.services import Services


def drift_of(snapshot: Snapshot, services: Services) -> Drift:
    """The drift of a snapshot; findings say nothing of whether a commit brings them."""
    known = collected(snapshot, services)
    scene = Scene.of(snapshot, services, known.workloads)
    found = {one.fingerprint: one for check in CHECKS for one in check(scene)}
    order = sorted(found.values(), key=lambda one: (one.rule, one.element))
    return Drift(tuple(order), known.undecided)
