"""Gateways that route to every service which registers itself, as Zuul does unless it is told otherwise."""

from __future__ import annotations

import re

from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges import clues, environment, settings
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.set_elsewhere import is_set_elsewhere
from workspai_hooks.workspace.edges.shown import words_through
from workspai_hooks.workspace.edges.values import CONFIGURATION, Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.platform import REGISTRY
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.manifests.paths import ancestors, holds
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

_ROUTES = ("zuul.", "spring.cloud.gateway.")
_SAID = regex(rb"\"/?([A-Za-z][\w.-]{2,80})(?:/[\w./*{}-]{0,120})?\"")

Lines = dict[str, tuple[Service, Evidence]]


def find(scene: Scene) -> list[Hint]:
    """Gateway -> everything that registers where the gateway looks, but other gateways.

    Where its routes are set elsewhere: what its code lists; else what nobody else calls, and of the rest what
    is requested through it in scripts and documents. Where these show nothing the rest is declared only.
    """
    gateways, registered = _first(scene, Role.FRONTS), _first(scene, Role.REGISTERS)
    hints = []
    for name, (gateway, routing) in gateways.items():
        if name not in registered:
            continue
        ignored = _ignored(gateway, scene)
        around = _around(gateway, gateways, registered)
        elsewhere = is_set_elsewhere(gateway, scene, *_ROUTES)
        listed = _listed(gateway, registered, scene) if elsewhere else set()
        inner = _called_inside(gateways, scene) if elsewhere and not listed else set()
        shown = words_through(gateway, scene) if inner else set()
        for other, (service, registering) in registered.items():
            named = {plain(one) for one in (service.name, *service.aliases)}
            if other in gateways or "*" in ignored or ignored & named or not _registers(service, scene):
                continue
            if listed and other not in listed:
                continue
            if other in inner and shown and not named & shown:
                continue
            tier = Tier.DECLARED if other in inner and not shown else Tier.PROVEN
            near = not service.roots or any(holds(around, root) for root in service.roots)
            if near and _registry(gateway, scene) == _registry(service, scene):
                hints.append(Hint(name, other, "http", tier, (routing, registering)))
    return hints


def undecided(scene: Scene) -> list[Undecided]:
    """Gateways whose routes nobody can see here, where their code lists only some of the services."""
    gateways, registered = _first(scene, Role.FRONTS), _first(scene, Role.REGISTERS)
    found = []
    for name, (gateway, routing) in gateways.items():
        if name not in registered or not is_set_elsewhere(gateway, scene, *_ROUTES):
            continue
        inner = _called_inside(gateways, scene)
        if _listed(gateway, registered, scene) or (inner and words_through(gateway, scene)):
            found.append(
                Undecided(
                    f"{routing.location.path}:{routing.location.line}: what else {name} routes to",
                    "its configuration server reads a repository that is not here",
                    f"name the edges in {CONFIGURATION}: edges: [{{from: {name}, to: …, protocol: http}}]",
                )
            )
    return found


def _called_inside(gateways: Lines, scene: Scene) -> set[str]:
    """The services that others call by themselves: a gateway need not lead to them."""
    hints = [hint for finder in (clues.find, settings.find, environment.find) for hint in finder(scene)]
    return {hint.provider for hint in hints if hint.consumer not in gateways}


def _listed(gateway: Service, registered: Lines, scene: Scene) -> set[str]:
    """The services that a gateway's own code lists by name or by a path that begins so."""
    texts = [
        data for path, data in scene.tree(gateway).files.items() if path.endswith((".java", ".kt", ".groovy"))
    ]
    said = {plain(match[1].decode("latin-1")) for data in texts for match in _SAID.finditer(data)}
    return {
        name
        for name, (service, _) in registered.items()
        if name != gateway.name and {plain(one) for one in (service.name, *service.aliases)} & said
    }


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
