"""Services whose configuration a server hands out of a repository that is not this one."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges.scene import Scene, relaxed
from workspai_hooks.workspace.manifests.paths import holds
from workspai_hooks.workspace.services import Service

_REPOSITORY = "spring.cloud.config.server.git.uri"
_OUTSIDE = regex(r"(?:https?|ssh|git|file):|git@|[/~]|\$\{")
"""A remote repository, or a folder of the machine: what lies in this one is found as its file."""


def is_set_elsewhere(service: Service, scene: Scene, *own: str) -> bool:
    """Whether a service asks a configuration server for what it does not have here: no setting with one of
    these beginnings, and no file for it outside of its own folder."""
    settings = list(scene.settings(service))
    names = {relaxed(setting.name) for _, setting in settings}
    if any(name.startswith(own) for name in names):
        return False
    if any(not any(holds(root, path) for root in service.roots) for path, _ in settings):
        return False
    asks = "spring.cloud.config.uri" in names or any(
        "configserver" in text for text in scene.values(service, "spring.config.import")
    )
    servers = scene.platform("configuration")
    sources = [text for one in servers for text in scene.values(one, _REPOSITORY)]
    return asks and bool(sources) and all(_OUTSIDE.match(text) for text in sources)
