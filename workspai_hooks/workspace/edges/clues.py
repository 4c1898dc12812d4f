"""Addresses that stand in a service's own source: a URL, a registered name, or a host with a port that it
listens on."""

from __future__ import annotations

from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, parsed, protocol_of
from workspai_hooks.workspace.edges.dotnet import is_settings
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role


def find(scene: Scene) -> list[Hint]:
    """One hint for every address that is a known service's."""
    hints = []
    for service, path, clue in scene.clues(Role.CONNECTS):
        for text in scene.texts(service, clue.text):
            address = parsed(text)
            provider = scene.reached(address, service, path) if address else None
            if address is None or provider is None or address.is_health_check:
                continue
            if address.host in LOCAL and is_settings(path):
                continue  # whether somebody reads it, and what for, is said where settings are looked at
            if address.scheme or address.port in provider.ports:
                protocol = clue.protocol or protocol_of(address, provider)
                evidence = (Evidence(Location(path, clue.line), clue.kind),)
                hints.append(Hint(service.name, provider.name, protocol, Tier.PROVEN, evidence))
    return hints
