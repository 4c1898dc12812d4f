"""The checks, one file a rule; `CHECKS` is the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workspai_hooks.environments.checks import (
    client_below_server,
    contract_runtime_drift,
    flag_missing,
    image_version_drift,
    limit_missing,
    port_drift,
    runtime_below_source,
    runtime_drift,
    store_version_drift,
    variable_missing,
)
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding

Check = Callable[[Scene], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    store_version_drift.find,
    image_version_drift.find,
    runtime_below_source.find,
    runtime_drift.find,
    contract_runtime_drift.find,
    variable_missing.find,
    flag_missing.find,
    port_drift.find,
    limit_missing.find,
    client_below_server.find,
)
