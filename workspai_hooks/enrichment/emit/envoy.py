"""Envoy: the route configuration of one cluster, and what of a breaker belongs into the cluster.

Envoy ends a request after 15 s where a route says nothing, so that every route says how long; `0s` is no
limit. It retries nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.enrichment.emit.routes import Offers, Route, breaker_in, host_and_port, routes_of, text_of
from workspai_hooks.resilience.durations import proto_text

_RETRIABLE = "retriable-status-codes"


def emit(offers: Sequence[Offers], host: str) -> str:
    """YAML with `route_config` and, where there is a breaker, what of it belongs into the `cluster`."""
    return text_of("envoy", offers, host, _documents(offers, host))


def _documents(offers: Sequence[Offers], host: str) -> Iterator[object]:
    name, _ = host_and_port(host)
    rest = {"name": "everything-else", "match": {"prefix": "/"}, "route": {"cluster": name, "timeout": "0s"}}
    routes = [*(_route(one, name) for one in routes_of(offers)), rest]
    hosts = [{"name": name, "domains": ["*"], "routes": routes}]
    document: dict[str, object] = {"route_config": {"name": name, "virtual_hosts": hosts}}
    breaker = breaker_in(offers)
    if breaker is not None:
        document["cluster"] = {
            "outlier_detection": {
                "consecutive_5xx": 0,
                "consecutive_gateway_failure": breaker.failures,
                "enforcing_consecutive_gateway_failure": 100,
                "interval": proto_text(min(1.0, breaker.open_s)),
                "base_ejection_time": proto_text(breaker.open_s),
                "max_ejection_time": proto_text(breaker.open_s),
                "max_ejection_percent": 100,
            },
            # Else Envoy takes ejected endpoints all the same where they are the most.
            "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        }
    yield document


def _route(route: Route, cluster: str) -> dict[str, object]:
    path: dict[str, object] = (
        {"safe_regex": {"regex": route.path}} if route.is_pattern else {"path": route.path}
    )
    headers: list[object] = [{"name": ":method", "string_match": {"exact": route.method}}]
    if route.header:
        headers.append({"name": route.header, "present_match": True})
    timeout = "0s" if route.timeout_s is None else proto_text(route.timeout_s)
    action: dict[str, object] = {"cluster": cluster, "timeout": timeout}
    if route.retries and route.retry is not None:
        action["retry_policy"] = _retry(route)
    return {"name": route.name, "match": {**path, "headers": headers}, "route": action}


def _retry(route: Route) -> dict[str, object]:
    assert route.retry is not None
    on = [*route.retry_on, *([_RETRIABLE] if route.statuses else [])]
    policy: dict[str, object] = {"retry_on": ",".join(on), "num_retries": route.retries}
    if route.statuses:
        policy["retriable_status_codes"] = list(route.statuses)
    if route.per_try_s is not None:
        policy["per_try_timeout"] = proto_text(route.per_try_s)
    backoff = route.retry.backoff
    base = max(backoff.initial_s, 0.001)
    policy["retry_back_off"] = {
        "base_interval": proto_text(base),
        "max_interval": proto_text(max(backoff.max_s, base)),
    }
    return policy
