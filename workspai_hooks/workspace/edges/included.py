"""Parts of pages that another service serves: by the file that it has under the path, else by its name."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

_SERVED = regex(r"(?:^|/)(?:static|public|www|wwwroot|htdocs|html|webapp|assets|dist|resources)$")
"""Folders whose files a server hands out under their paths."""


def find(scene: Scene) -> list[Hint]:
    """Whose page includes a part -> the one service that has it, where it is not its own."""
    clues = list(scene.clues(Role.INCLUDES))
    if not clues:
        return []
    called: dict[str, set[str]] = {}
    for one in scene.partners:
        for name in {plain(one.name), *map(plain, one.aliases)}:
            called.setdefault(name, set()).add(one.name)
    hints = []
    for service, path, clue in clues:
        first = plain(clue.text.lstrip("/").partition("/")[0])
        holders = _holders(clue.text, scene) or called.get(first, set())
        provider = scene.services.named(min(holders)) if len(holders) == 1 else None
        if provider and provider.name != service.name:
            evidence = (Evidence(Location(path, clue.line), clue.kind),)
            hints.append(Hint(service.name, provider.name, "http", Tier.PROVEN, evidence))
    return hints


def _holders(path: str, scene: Scene) -> set[str]:
    """The services that have a file under this path, in a folder that is handed out."""
    return {one.name for one in scene.partners if _has(path, one, scene)}


def _has(path: str, service: Service, scene: Scene) -> bool:
    return any(
        each.endswith(path) and _SERVED.search(each[: -len(path)]) for each in scene.tree(service).paths
    )
