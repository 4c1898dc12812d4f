"""Addresses that stand in a service's own source: a URL, a registered name, or a host with a port that it
listens on."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, parsed, protocol_of
from workspai_hooks.workspace.edges.dotnet import is_settings
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.uncalled import is_uncalled
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.parameters import REFERENCE
from workspai_hooks.workspace.evidence.sightings import Clue, Role
from workspai_hooks.workspace.services import Service

_PARAMETER = regex(REFERENCE)


def _given(scene: Scene) -> Iterator[tuple[Service, str, Clue]]:
    """The addresses in shared code whose host is what a program gives to a function of it."""
    partners = {one.name for one in scene.partners}
    for path, seen in scene.shared_addresses.items():
        clues = [one for one in seen if _PARAMETER.search(one.text)]
        for service in scene.services.builders_of(path) if clues else ():
            if service.name in partners:
                yield from ((service, path, clue) for clue in clues)


def find(scene: Scene) -> list[Hint]:
    """One hint for every address that is a known service's."""
    hints = []
    for service, path, clue in (*scene.clues(Role.CONNECTS), *_given(scene)):
        for text in scene.texts(service, clue.text):
            address = parsed(text)
            provider = scene.reached(address, service, path) if address else None
            if address is None or provider is None or address.is_health_check:
                continue
            if address.host in LOCAL and is_settings(path):
                continue  # whether somebody reads it, and what for, is said where settings are looked at
            if is_uncalled(scene, service, path, clue.line):
                continue
            if address.scheme or address.port in provider.ports:
                protocol = clue.protocol or protocol_of(address, provider)
                evidence = (Evidence(Location(path, clue.line), clue.kind),)
                hints.append(Hint(service.name, provider.name, protocol, Tier.PROVEN, evidence))
    return hints
