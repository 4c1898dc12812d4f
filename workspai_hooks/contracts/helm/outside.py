"""What charts are rendered with that is not in the repository: a part of the key of what is kept of them."""

from __future__ import annotations

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CHART
from workspai_hooks.errors import UndecidedError


def state(snapshot: Snapshot) -> str:
    """helm's version; empty where there are no charts, or no helm."""
    if not snapshot.paths(CHART):
        return ""
    from workspai_hooks.tools.helm import resolve_helm

    try:
        return resolve_helm().version
    except UndecidedError:
        return ""
