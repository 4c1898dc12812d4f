"""Proxies of a machine: configuration that leads to programs which run side by side, and that nobody mounts.

Where nothing declares the proxy, its configuration is all that there is of it, and it is a service. One that
leads to containers by their names is an alternative of what is deployed, and is left out.
"""

from __future__ import annotations

from collections.abc import Collection

from workspai_hooks.workspace.files import is_for_show, is_for_tests, is_test
from workspai_hooks.workspace.manifests.facts import Facts, Front
from workspai_hooks.workspace.manifests.paths import ancestors, folder_of, holds
from workspai_hooks.workspace.names import image_name
from workspai_hooks.workspace.sources import Sources

_FEWEST = 2
"""One port is what any server has before it; a gateway leads to several."""


def standing(facts: Facts, sources: Sources, taken: Collection[str]) -> dict[str, list[Front]]:
    """Root -> the configuration of a proxy that is a service by itself: a folder, or a file beside others."""
    run = {image_name(image) for one in facts.declarations for image in one.images}
    run |= {image_name(one.base) for one in facts.dockerfiles}
    mounted = {place for one in facts.declarations for place in one.mounts}
    found: dict[str, list[Front]] = {}
    for one in facts.fronts:
        path = one.location.path
        around = {path, *ancestors(path)} - {""}
        if is_test(path) or is_for_tests(path) or is_for_show(path) or around & mounted:
            continue
        if one.program in run or around & set(taken) or any(each in sources.coded for each in around):
            continue
        folder = folder_of(path)
        root = folder if folder and not any(holds(folder, each) for each in taken) else path
        found.setdefault(root, []).append(one)
    return {
        root: fronts
        for root, fronts in found.items()
        if len({port for one in fronts for port in one.ports}) >= _FEWEST
    }
