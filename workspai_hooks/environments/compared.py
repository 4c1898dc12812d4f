"""Which manifests are worth a look: those of workloads that run elsewhere, too."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.environments import compose
from workspai_hooks.environments.images import image_of
from workspai_hooks.environments.stages import stage_of
from workspai_hooks.environments.values import Stage
from workspai_hooks.workspace.manifests.facts import Declaration, Naming
from workspai_hooks.workspace.services import Services

_TOLD_APART = frozenset({Stage.PRODUCTION, Stage.STAGING})


def compared(services: Services) -> frozenset[str]:
    """The files whose workloads are also run by a compose file or by another file of clusters' environments,
    and those of stores, which the two may call differently. Sorted out before anything is rendered."""
    found: set[str] = set()
    stores: set[str] = set()
    local_stores = False
    for service in services.all:
        local = any(_is_local(one) for one in service.declarations)
        paths = [one.location.path for one in service.declarations if one.naming is Naming.WORKLOAD]
        if local or len({stage_of(path) for path in paths} & _TOLD_APART) > 1:
            found.update(paths)
        if any(image_of(image).store for image in service.images):
            local_stores = local_stores or local
            stores.update(paths)
    return frozenset(found | (stores if local_stores else set()))


def _is_local(one: Declaration) -> bool:
    return one.naming is Naming.COMPOSE and compose.stage(one.location.path) != ""


def are_told_apart(paths: Iterable[str]) -> bool:
    """Whether files of YAML tell of several environments of clusters: staging and production, or two of
    production (`prod-eu`, `prod-us`)."""
    told = {path for path in paths if path.endswith((".yaml", ".yml")) and stage_of(path) in _TOLD_APART}
    return len({path.rpartition("/")[0] for path in told}) > 1 or len(told) > 1
