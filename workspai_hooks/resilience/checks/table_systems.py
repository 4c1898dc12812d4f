"""Checks of calls between services and of what is deployed, a row a rule, in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence

from workspai_hooks.resilience.checks import (
    budget_overspent,
    dangling_hosts,
    deadline_inversion,
    mesh_default_retry,
    path_amplification,
    retry_after_missing,
    retry_layers,
)
from workspai_hooks.resilience.checks.table import Check

ON_SYSTEMS: Sequence[Check] = (
    mesh_default_retry.find,
    path_amplification.find,
    retry_layers.find,
    deadline_inversion.find,
    dangling_hosts.find,
    retry_after_missing.find,
    budget_overspent.find,
)
