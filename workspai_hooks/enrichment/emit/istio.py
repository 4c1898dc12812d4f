"""Istio: a VirtualService and a DestinationRule for one host.

Istio retries twice where a route says nothing, so that every route says how often; what is not safe to repeat
says 0. Its breaker ejects single endpoints (`outlierDetection`); 502, 503 and 504 are what gRPC's UNAVAILABLE
and an exceeded deadline are to a proxy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.enrichment.emit.routes import (
    Offers,
    Route,
    breaker_in,
    host_and_port,
    milliseconds,
    routes_of,
    text_of,
)


def emit(offers: Sequence[Offers], host: str) -> str:
    """YAML of both objects; the DestinationRule only where there is a breaker."""
    return text_of("istio", offers, host, _documents(offers, host))


def _documents(offers: Sequence[Offers], host: str) -> Iterator[object]:
    name, port = host_and_port(host)
    to: dict[str, object] = {"host": name}
    if port is not None:
        to["port"] = {"number": port}
    routes = [_route(one, to) for one in routes_of(offers)]
    rest = {"name": "everything-else", "route": [{"destination": to}], "retries": {"attempts": 0}}
    yield {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name.partition(".")[0]},
        "spec": {"hosts": [name], "http": [*routes, rest]},
    }
    breaker = breaker_in(offers)
    if breaker is not None:
        yield {
            "apiVersion": "networking.istio.io/v1",
            "kind": "DestinationRule",
            "metadata": {"name": name.partition(".")[0]},
            "spec": {
                "host": name,
                "trafficPolicy": {
                    "outlierDetection": {
                        "consecutive5xxErrors": 0,
                        "consecutiveGatewayErrors": breaker.failures,
                        "interval": f"{milliseconds(min(1.0, breaker.open_s))}ms",
                        "baseEjectionTime": f"{milliseconds(breaker.open_s)}ms",
                        "maxEjectionPercent": 100,
                    }
                },
            },
        }


def _route(route: Route, to: dict[str, object]) -> dict[str, object]:
    match: dict[str, object] = {
        "uri": {"regex" if route.is_pattern else "exact": route.path},
        "method": {"exact": route.method},
    }
    if route.header:
        match["headers"] = {route.header: {"regex": ".+"}}
    made: dict[str, object] = {"name": route.name, "match": [match], "route": [{"destination": to}]}
    if route.timeout_s is not None:
        made["timeout"] = f"{milliseconds(route.timeout_s)}ms"
    retries: dict[str, object] = {"attempts": route.retries}
    if route.retries:
        if route.per_try_s is not None:
            retries["perTryTimeout"] = f"{milliseconds(route.per_try_s)}ms"
        retries["retryOn"] = ",".join((*route.retry_on, *map(str, route.statuses)))
    made["retries"] = retries
    return made
