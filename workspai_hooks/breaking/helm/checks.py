"""The table of checks of rendered objects: one file a class of break."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workspai_hooks.breaking.helm import (
    api_versions,
    config_keys,
    crds,
    dangling,
    immutable,
    removed,
    routes,
    selectors,
    service_ports,
    service_targets,
    service_types,
    weakened,
)
from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.values import Break

CHECKS: tuple[Callable[[Change], Iterator[Break]], ...] = (
    service_ports.find,
    service_targets.find,
    service_types.find,
    selectors.find,
    immutable.find,
    routes.find,
    config_keys.find,
    dangling.find,
    removed.find,
    api_versions.find,
    crds.find,
    weakened.find,
)


def breaks_of(change: Change) -> Iterator[Break]:
    """All that one way to install breaks."""
    for check in CHECKS:
        yield from check(change)
