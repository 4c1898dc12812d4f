"""Which rules of meshes and gateways reach which operations, whoever calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.resilience.calls import layers_on
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.view import View


def reached(view: View) -> Iterator[tuple[Operation, Layer]]:
    """Each operation with the rules on the way to who offers it; those of one caller's own Envoy are left
    out, they are on its calls."""
    layers: dict[str, list[Layer]] = {}
    for layer in view.layers:
        for provider in view.providers(layer) if layer.hosts and not layer.caller else ():
            layers.setdefault(provider, []).append(layer)
    for operation, provider in _offered(view, layers) if layers else ():
        for layer in layers_on(layers[provider], operation.request):
            yield operation, layer


def _offered(view: View, layers: Mapping[str, list[Layer]]) -> Iterator[tuple[Operation, str]]:
    """Operations and who offers them, of services that a rule leads to."""
    by_service: dict[str, list[str]] = {}
    for provider in sorted(layers):
        for service in view.workspace.served_by(provider):
            by_service.setdefault(service, []).append(provider)
    from workspai_hooks.impact.http import provider_of  # loads all that follows requests

    offering = {
        path: provider_of(view.workspace, path, description)
        for path, description in view.descriptions.items()
    }
    for one in view.operations:
        providers = by_service.get(one.service, []) if one.is_grpc else [offering.get(one.contract) or ""]
        yield from ((one, provider) for provider in providers if provider in layers)
