"""Which helm renders the charts of a snapshot: part of the key of what is kept of what they render to."""

from __future__ import annotations

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import CHART
from workspai_hooks.errors import UndecidedError


def renderer(snapshot: Snapshot) -> str:
    """The version of helm; empty where there are no charts, or no helm that can be used: what was not
    rendered for want of one is asked again when there is one."""
    if not any(path.rpartition("/")[2] == CHART for path in snapshot.paths(CHART)):
        return ""
    from workspai_hooks.tools.helm import resolve_helm  # nobody else needs it

    try:
        return resolve_helm().version
    except UndecidedError:
        return ""
