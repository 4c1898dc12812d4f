"""The same policies for a mesh, a gateway or Spring, in a file a dialect: `emit(offers, host)` gives YAML.

A mesh retries what passes through it, whoever sent it: one edge has either these or sidecars with retries, or
tries multiply (shared/POLICY.md). Its dialects count retries, which are tries without the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workspai_hooks.enrichment.emit import envoy, gateway_api, istio, spring
from workspai_hooks.enrichment.emit.routes import Offers

DIALECTS: Mapping[str, Callable[[Sequence[Offers], str], str]] = {
    "envoy": envoy.emit,
    "gateway-api": gateway_api.emit,
    "istio": istio.emit,
    "spring": spring.emit,
}
