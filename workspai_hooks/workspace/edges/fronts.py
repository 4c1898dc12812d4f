"""Gateways that route to every service which registers itself, as Zuul does unless it is told otherwise."""

from __future__ import annotations

import re

from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.platform import REGISTRY
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.manifests.paths import ancestors, holds
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

Lines = dict[str, tuple[Service, Evidence]]


def find(scene: Scene) -> list[Hint]:
    """Gateway -> everything that registers where the gateway looks, but other gateways."""
    gateways, registered = _first(scene, Role.FRONTS), _first(scene, Role.REGISTERS)
    hints = []
    for name, (gateway, routing) in gateways.items():
        if name not in registered:
            continue
        ignored = _ignored(gateway, scene)
        around = _around(gateway, gateways, registered)
        for other, (service, registering) in registered.items():
            named = {plain(one) for one in (service.name, *service.aliases)}
            if other in gateways or "*" in ignored or ignored & named or not _registers(service, scene):
                continue
            near = not service.roots or any(holds(around, root) for root in service.roots)
            if near and _registry(gateway, scene) == _registry(service, scene):
                hints.append(Hint(name, other, "http", Tier.PROVEN, (routing, registering)))
    return hints


def _first(scene: Scene, role: Role) -> Lines:
    """Each service of a role with its first line."""
    found: Lines = {}
    for service, path, clue in scene.clues(role):
        evidence = Evidence(Location(path, clue.line), "fronts" if role is Role.FRONTS else "registers")
        found.setdefault(service.name, (service, evidence))
    return found


def _around(gateway: Service, gateways: Lines, registered: Lines) -> str:
    """The folder of a gateway's system: of several gateways each has the nearest folder that also holds a
    service which registers; one alone has the repository."""
    if len(gateways) == 1 or not gateway.roots:
        return ""
    others = [
        root for name, (one, _) in registered.items() if name not in gateways for root in one.roots if root
    ]
    folders = ancestors(gateway.roots[0])
    return next((folder for folder in folders if any(holds(folder, root) for root in others)), "")


def _ignored(gateway: Service, scene: Scene) -> set[str]:
    values = scene.values(gateway, "zuul.ignoredservices")
    return {
        one if one == "*" else plain(one) for value in values for one in re.split(r"[,\s\"']+", value) if one
    }


def _registers(service: Service, scene: Scene) -> bool:
    said = scene.values(service, "eureka.client.registerwitheureka")
    return not said or any(value.lower() != "false" for value in said)


def _registry(service: Service, scene: Scene) -> str:
    """The registry whose folder is nearest: a repository of several systems has one for each."""
    found = []
    for other in scene.platform(REGISTRY):
        shared = max(
            (_shared(left, right) for left in service.roots for right in other.roots),
            default=0,
        )
        found.append((-shared, other.name))
    return min(found)[1] if found else ""


def _shared(left: str, right: str) -> int:
    """How many folders two paths have in common from the top."""
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
