"""Addresses on a service's command line, `--cart-url=http://cart:7070`, where its own source has the flag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import addresses_in, protocol_of
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.infrastructure import variable_of_telemetry
from workspai_hooks.workspace.manifests.facts import Declaration
from workspai_hooks.workspace.reading import reads
from workspai_hooks.workspace.services import Service

_FLAG = regex(r"(?:^|\s)--?([A-Za-z][\w.-]{2,80})(?:=|\s+)[\"']?(?!-)([^\s\"']{3,400})")
_ASIDE = regex(r"wait|health|probe|cors|origin|redirect|advertise", re.IGNORECASE)
"""What waits for a service, asks for its health, or says who may call: `dockerize -wait tcp://cart:7070`."""


def find(scene: Scene) -> list[Hint]:
    """The addresses on all command lines."""
    return [hint for service in scene.partners for hint in _of(service, scene)]


def _of(service: Service, scene: Scene) -> Iterator[Hint]:
    tree = scene.tree(service)
    for declaration in service.declarations:
        flags = [(match[1], match[2]) for match in _FLAG.finditer(declaration.commands)]
        for name, value in flags:
            if _ASIDE.search(name) or variable_of_telemetry(name.replace("-", "_").replace(".", "_")):
                continue
            for address in addresses_in(name, value):
                found = scene.hosts.service(address, declaration.location.path)
                provider = scene.provider(found, service)
                if provider is None or address.is_health_check:
                    continue
                evidence = [Evidence(_place(scene, declaration, value), "argument")]
                read = reads(tree, [name]).get(name)
                if read is None and tree.is_here and tree.whole:
                    continue
                if read is not None:
                    evidence.append(Evidence(read.location, "reads"))
                tier = Tier.PROVEN if read is not None else Tier.DECLARED
                protocol = protocol_of(address, provider)
                yield Hint(service.name, provider.name, protocol, tier, tuple(evidence))


def _place(scene: Scene, declaration: Declaration, value: str) -> Location:
    """The line of a value in its manifest; the declaration's where it is put together there."""
    path, first = declaration.location.path, declaration.location.line
    lines = scene.text(path).split(b"\n")
    at = next(
        (number for number, line in enumerate(lines, 1) if number >= first and value.encode() in line), 0
    )
    return Location(path, at) if at else declaration.location
