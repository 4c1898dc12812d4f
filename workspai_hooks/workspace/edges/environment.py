"""Addresses that a service is given, where its own source reads them or is not here."""

from __future__ import annotations

from msgspec.structs import replace

from workspai_hooks.workspace.addresses import LOCAL, Address, addresses_in, protocol_of
from workspai_hooks.workspace.edges.bindings import taken
from workspai_hooks.workspace.edges.pages import handed, is_for_pages, is_page_alone, leads_back
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.infrastructure import variable_of_telemetry
from workspai_hooks.workspace.manifests.facts import Variable
from workspai_hooks.workspace.reading import reads, used_in_commands
from workspai_hooks.workspace.services import Kind, Service

Given = tuple[Variable, Address, Service]


def find(scene: Scene) -> list[Hint]:
    """The environment's addresses of all services."""
    return [hint for service in scene.partners for hint in _of(service, scene)]


def pointed(scene: Scene) -> set[tuple[str, str]]:
    """Who is given the address of whom, whether or not it is read: it tells which of several is meant."""
    return {
        (service.name, provider.name)
        for service in scene.partners
        for _, _, provider in _given(service, scene)
    }


def _of(service: Service, scene: Scene) -> list[Hint]:
    given = _given(service, scene)
    if not given:
        return []
    tree = scene.tree(service)
    found = reads(tree, (variable.name for variable, _, _ in given))
    read = {name: one for name, one in found.items() if not one.keys or taken(scene, service, one.keys)}
    missing = [variable.name for variable, _, _ in given if variable.name not in found]
    read = scene.taken.reads(service, missing) | read
    expanded = {name for one in service.declarations for name in used_in_commands(one.commands)}
    hints = []
    for variable, address, provider in given:
        evidence = [Evidence(variable.location, "address")]
        tier = Tier.PROVEN
        if address.host in LOCAL and leads_back(read.get(variable.name), tree):
            continue
        if variable.name in read:
            evidence.append(Evidence(read[variable.name].location, "reads"))
        elif variable.name not in expanded:
            if (tree.is_here and tree.whole) or _is_for_all(variable, service, scene):
                continue
            tier = Tier.DECLARED
        spoken = replace(address, scheme=read[variable.name].scheme) if variable.name in read else address
        protocol = protocol_of(address, provider) or protocol_of(spoken, provider)
        hints.append(Hint(service.name, provider.name, protocol, tier, tuple(evidence)))
    return hints


def _is_for_all(variable: Variable, service: Service, scene: Scene) -> bool:
    """A public program that is given an env file which others get as well takes its own lines of it."""
    takers = [
        one.name
        for one in scene.services.all
        for each in one.declarations
        if any(reference.file == variable.location.path for reference in each.references)
    ]
    return service.kind is Kind.INFRASTRUCTURE and len(set(takers)) > 1


def _given(service: Service, scene: Scene) -> list[Given]:
    """The variables of a service that are the address of another."""
    given = []
    for variable, seen_from in scene.variables(service):
        if variable_of_telemetry(variable.name):
            continue
        for address in addresses_in(variable.name, handed(variable)):
            if address.host in LOCAL:
                provider = scene.beside(service, address.port) or _on_this_machine(
                    variable, address, service, scene
                )
            else:
                provider = scene.named(address, seen_from, service)
            if provider and not address.is_health_check:
                given.append((variable, address, provider))
    return given


def _on_this_machine(variable: Variable, address: Address, service: Service, scene: Scene) -> Service | None:
    """Whose container publishes a port of this machine, where the variable is for a browser."""
    port = address.port or {"http": 80, "https": 443}.get(address.scheme, 0)
    provider = scene.publishing(port, service)
    if provider is None or is_page_alone(scene.tree(provider)):
        return None
    return provider if is_for_pages(variable.name, scene.tree(service)) else None
