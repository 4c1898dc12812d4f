"""Gateways that route to every service which registers itself, as Zuul does unless it is told otherwise."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges import clues, environment, settings
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.set_elsewhere import is_set_elsewhere
from workspai_hooks.workspace.edges.shown import words_through
from workspai_hooks.workspace.edges.values import CONFIGURATION, Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.docker_api import PREFIX
from workspai_hooks.workspace.evidence.platform import REGISTRY
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.manifests.paths import ancestors, holds, in_common
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

_ROUTES = ("zuul.", "spring.cloud.gateway.")
_SAID = regex(rb"\"/?([A-Za-z][\w.-]{2,80})(?:/[\w./*{}-]{0,120})?\"")


class Line(msgspec.Struct, frozen=True):
    """A service that routes or registers, where it says so, and the registries that are named."""

    service: Service
    evidence: Evidence
    registries: frozenset[str] = frozenset()


Lines = dict[str, Line]


def find(scene: Scene) -> list[Hint]:
    """Gateway -> everything that registers where the gateway looks, but other gateways.

    Where its routes are set elsewhere: what its code lists; else what nobody else calls, and of the rest what
    is requested through it in scripts and documents. Where these show nothing the rest is declared only.
    """
    registered = _registered(scene)
    gateways = _gateways(registered, scene)
    hints = [
        Hint(line.service.name, service.name, "http", Tier.PROVEN, (line.evidence, evidence))
        for line, service, _, evidence in labelled(scene)
        if scene.provider(service, line.service)
    ]
    for name, gateway in gateways.items():
        ignored = _ignored(gateway.service, scene)
        elsewhere = is_set_elsewhere(gateway.service, scene, *_ROUTES)
        listed = _listed(gateway.service, registered, scene) if elsewhere else set()
        inner = _called_inside(gateways, scene) if elsewhere and not listed else set()
        shown = words_through(gateway.service, scene) if inner else set()
        for other, one in registered.items():
            named = {plain(each) for each in (other, *one.service.aliases)}
            if other in gateways or "*" in ignored or ignored & named or not _registers(one.service, scene):
                continue
            if listed and other not in listed:
                continue
            if other in inner and shown and not named & shown:
                continue
            tier = Tier.DECLARED if other in inner and not shown else Tier.PROVEN
            if _sees(gateway, one, _around(gateway.service, gateways, registered), scene):
                hints.append(Hint(name, other, "http", tier, (gateway.evidence, one.evidence)))
    return hints


def labelled(scene: Scene) -> list[tuple[Line, Service, str, Evidence]]:
    """Who asks Docker for its containers, each service with the label that he looks for, and what it says."""
    found = []
    for gateway in _first(scene, Role.FRONTS).values():
        for service in scene.partners if (labels := _labels(gateway)) else ():
            if service.name == gateway.service.name:
                continue
            for one in service.declarations:
                evidence = Evidence(one.location, "label")
                found += [(gateway, service, text, evidence) for label, text in one.bears if label in labels]
    return found


def _labels(gateway: Line) -> frozenset[str]:
    return frozenset(one.removeprefix(PREFIX) for one in gateway.registries if one.startswith(PREFIX))


def undecided(scene: Scene) -> list[Undecided]:
    """Gateways whose routes nobody can see here, where their code lists only some of the services."""
    registered = _registered(scene)
    gateways = _gateways(registered, scene)
    found = []
    for name, gateway in gateways.items():
        if not is_set_elsewhere(gateway.service, scene, *_ROUTES):
            continue
        inner = _called_inside(gateways, scene)
        if _listed(gateway.service, registered, scene) or (inner and words_through(gateway.service, scene)):
            place = gateway.evidence.location
            found.append(
                Undecided(
                    f"{place.path}:{place.line}: what else {name} routes to",
                    "its configuration server reads a repository that is not here",
                    f"name the edges in {CONFIGURATION}: edges: [{{from: {name}, to: …, protocol: http}}]",
                )
            )
    return found


def _gateways(registered: Lines, scene: Scene) -> Lines:
    """Those that route to whatever registers. Where one that does nothing else does so, an application with
    requests of its own that bears the annotation too is a service behind it."""
    found = {
        name: one
        for name, one in _first(scene, Role.FRONTS).items()
        if not _labels(one) and (name in registered or one.registries)
    }
    busy = {service.name for service, _, _ in scene.clues(Role.SERVES)}
    alone = [one for name, one in found.items() if name not in busy]
    return {
        name: one
        for name, one in found.items()
        if name not in busy
        or not any(
            _sees(gateway, registered.get(name, one), _around(gateway.service, found, registered), scene)
            for gateway in alone
        )
    }


def _sees(gateway: Line, one: Line, around: str, scene: Scene) -> bool:
    """Whether a service is in the registry that a gateway asks, in the gateway's part of the repository."""
    roots = one.service.roots
    if roots and not any(holds(around, root) for root in roots):
        return False
    if gateway.registries and one.registries:
        return bool(gateway.registries & one.registries)
    return _registry(gateway.service, scene) == _registry(one.service, scene)


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
        for name, one in registered.items()
        if name != gateway.name and {plain(each) for each in (name, *one.service.aliases)} & said
    }


def _registered(scene: Scene) -> Lines:
    """The services that enter themselves in a registry, or that a definition for Consul's agent does."""
    found = _first(scene, Role.REGISTERS)
    partners = {one.name for one in scene.partners}
    for defined in scene.services.facts.registered:
        if defined.location.path.endswith((".json", ".hcl")):
            service = scene.services.named(defined.name)
            if service and service.name in partners:
                evidence = Evidence(defined.location, "registers")
                found.setdefault(service.name, Line(service, evidence, frozenset({"consul"})))
    return found


def _first(scene: Scene, role: Role) -> Lines:
    """Each service of a role with its first line."""
    found: Lines = {}
    for service, path, clue in scene.clues(role):
        evidence = Evidence(Location(path, clue.line), "fronts" if role is Role.FRONTS else "registers")
        before = found.setdefault(service.name, Line(service, evidence))
        found[service.name] = replace(before, registries=before.registries | {clue.text} - {""})
    return found


def _around(gateway: Service, gateways: Lines, registered: Lines) -> str:
    """The folder of a gateway's system: of several gateways each has the nearest folder that also holds a
    service which registers; one alone has the repository."""
    if len(gateways) == 1 or not gateway.roots:
        return ""
    others = [
        root for name, one in registered.items() if name not in gateways for root in one.service.roots if root
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
            (in_common(f"{left}/", f"{right}/") for left in service.roots for right in other.roots),
            default=0,
        )
        found.append((-shared, other.name))
    return min(found)[1] if found else ""
