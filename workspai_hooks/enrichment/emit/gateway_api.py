"""Gateway API: HTTPRoutes for one host.

GRPCRoute has neither timeouts nor retries, and must not stand beside an HTTPRoute of the same host, so that
rpcs are rules of an HTTPRoute: a POST of a whole path. Retries are by HTTP status (GEP-1731, in the
experimental channel); gRPC's codes can't be said, so that rpcs have deadlines alone. A breaker can't be said
either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.enrichment.emit.routes import (
    Offers,
    Route,
    host_and_port,
    milliseconds,
    routes_of,
    text_of,
)

MAX_RULES = 16
"""What one HTTPRoute may have."""


def emit(offers: Sequence[Offers], host: str) -> str:
    """YAML of as many HTTPRoutes as it takes; `parentRefs` name a Gateway `gateway`, which you replace."""
    return text_of("gateway-api", offers, host, _documents(offers, host))


def _documents(offers: Sequence[Offers], host: str) -> Iterator[object]:
    name, port = host_and_port(host)
    to: dict[str, object] = {"name": name.partition(".")[0], "port": port or 80}
    rules = [_rule(one, to) for one in routes_of(offers)]
    rules.append({"backendRefs": [to]})
    parts = [rules[start : start + MAX_RULES] for start in range(0, len(rules), MAX_RULES)]
    for number, part in enumerate(parts, 1):
        suffix = f"-{number}" if len(parts) > 1 else ""
        yield {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": f"{name.partition('.')[0]}{suffix}"},
            "spec": {"parentRefs": [{"name": "gateway"}], "hostnames": [name], "rules": part},
        }


def _rule(route: Route, to: dict[str, object]) -> dict[str, object]:
    kind = "RegularExpression" if route.is_pattern else "Exact"
    match: dict[str, object] = {"path": {"type": kind, "value": route.path}, "method": route.method}
    if route.header:
        match["headers"] = [{"type": "RegularExpression", "name": route.header, "value": ".+"}]
    made: dict[str, object] = {"matches": [match], "backendRefs": [to]}
    timeouts = {}
    if route.timeout_s is not None:
        timeouts["request"] = duration(route.timeout_s)
    if route.per_try_s is not None and route.retries and not route.is_grpc:
        whole = route.timeout_s if route.timeout_s is not None else route.per_try_s
        timeouts["backendRequest"] = duration(min(route.per_try_s, whole))
    if timeouts:
        made["timeouts"] = timeouts
    codes = [status for status in route.statuses if 400 <= status <= 599]
    if route.retries and codes and route.retry is not None:
        made["retry"] = {
            "codes": codes,
            "attempts": route.retries,
            "backoff": duration(route.retry.backoff.initial_s),
        }
    return made


def duration(seconds: float) -> str:
    """GEP-2257: numbers of at most five digits, each with its unit."""
    rest = milliseconds(seconds)
    hours, rest = divmod(rest, 3_600_000)
    whole, rest = divmod(rest, 1000)
    parts = ((min(hours, 99_999), "h"), (whole, "s"), (rest, "ms"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)
