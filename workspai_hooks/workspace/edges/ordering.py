"""What a service waits for when it starts: never an edge alone."""

from __future__ import annotations

from workspai_hooks.workspace.addresses import Address
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier


def find(scene: Scene) -> list[Hint]:
    """`depends_on` and `links`."""
    hints = []
    for service in scene.partners:
        for declaration in service.declarations:
            for name, location in declaration.after:
                found = scene.hosts.service(Address(name.lower()), declaration.location.path)
                if provider := scene.provider(found, service):
                    evidence = (Evidence(location, "depends-on"),)
                    hints.append(Hint(service.name, provider.name, "", Tier.ORDERING, evidence))
    return hints
