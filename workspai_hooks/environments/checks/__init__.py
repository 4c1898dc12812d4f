"""The checks, one file a rule; `CHECKS` is the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workspai_hooks.environments.checks import (
    flag_missing,
    image_version_drift,
    limit_missing,
    port_drift,
    store_version_drift,
    variable_missing,
)
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding

Check = Callable[[Scene], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    store_version_drift.find,
    image_version_drift.find,
    variable_missing.find,
    flag_missing.find,
    port_drift.find,
    limit_missing.find,
)
