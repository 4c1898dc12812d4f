"""The Gateway API: HTTPRoute's `timeouts` and `retry`, and the retry budget of XBackendTrafficPolicy.

<https://gateway-api.sigs.k8s.io/geps/gep-1742/> (`request` is the whole, `backendRequest` one try, nought is
none), <https://gateway-api.sigs.k8s.io/geps/gep-1731/> (`attempts` counts retries),
<https://gateway-api.sigs.k8s.io/geps/gep-3388/>; durations are GEP-2257's. A GRPCRoute has neither. A route
that is hung onto a Service is a mesh's, on the way of all who call that.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.resilience.durations import gateway_seconds
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.istio import GROUP
from workspai_hooks.resilience.sources.routing import (
    NOBODY,
    Item,
    host,
    items,
    led_to,
    mapping,
    of_group,
    parents,
    targets,
    text,
)
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Gateway API"
API = "gateway.networking.k8s.io"
MARKS = (b"gateway.networking.k8s.io/", b"gateway.networking.x-k8s.io/")
FORM = "1s500ms (whole numbers of h, m, s, ms)"
BY_LINKERD = ("retry.linkerd.io/", "timeout.linkerd.io/")


def read(build: Build) -> Read:
    """What the routes of one installation say; those that carry annotations of Linkerd are read with
    these."""
    budgets = {
        host(name, one.key.namespace)
        for one in of_group(
            build, "gateway.networking.x-k8s.io", "XBackendTrafficPolicy", "BackendTrafficPolicy"
        )
        if one.get("spec", "retryConstraint") is not None
        for kind, name in targets(one)
        if kind == "Service"
    }
    reads = []
    for one in of_group(build, API, "HTTPRoute"):
        taking = Taking(NAME, one)
        services, by_gateway = parents(one)
        for layer, leads in rules(one, taking):
            budget = bool(leads) and budgets.issuperset(leads)
            if services and not is_linkerds(one):
                taking.layers.append(
                    msgspec.structs.replace(layer, hosts=services, group=GROUP, budget=budget)
                )
            if by_gateway and (layer.retry or layer.timeout_s is not None or layer.per_try_s is not None):
                taking.layers.append(
                    msgspec.structs.replace(
                        layer, where=Where.GATEWAY, hosts=leads or NOBODY, entry=True, budget=budget
                    )
                )
        reads.append(taking.read())
    return joined(reads)


def is_linkerds(one: Object) -> bool:
    """Whether annotations of Linkerd stand on an object."""
    return any(key.startswith(BY_LINKERD) for key in mapping(one.get("metadata", "annotations")))


def rules(one: Object, taking: Taking) -> Iterator[tuple[Layer, tuple[str, ...]]]:
    """Each rule of a route with the hosts that it leads to."""
    for number, rule in enumerate(one.items("spec", "rules")):
        base: Path = ("spec", "rules", number)
        whole = taking.seconds((*base, "timeouts", "request"), gateway_seconds, FORM)
        single = taking.seconds((*base, "timeouts", "backendRequest"), gateway_seconds, FORM)
        layer = Layer(
            Where.SIDECAR,
            NAME,
            one.place(*base),
            routes=tuple(routes(rule, one.kind)),
            group=f"{NAME} {one.title}",
            rank=number,
            timeout_s=whole or None,
            per_try_s=single or None,
            retry=_retry(rule, base, taking),
            lines=taking.lines(
                {
                    "timeout_s": (*base, "timeouts", "request"),
                    "per_try_s": (*base, "timeouts", "backendRequest"),
                    "retry": (
                        *base,
                        "retry",
                        *(("attempts",) if "attempts" in mapping(rule.get("retry")) else ()),
                    ),
                }
            ),
        )
        yield layer, led_to(rule, one)


def _retry(rule: Item, base: Path, taking: Taking) -> Retry | None:
    said = rule.get("retry")
    if not isinstance(said, dict):
        return None
    at = (*base, "retry")
    attempts = taking.whole((*at, "attempts"))
    wait = taking.seconds((*at, "backoff"), gateway_seconds, FORM)
    codes = said.get("codes")
    statuses = tuple(one for one in (codes if isinstance(codes, list) else ()) if _is_status(one))
    backoff = Backoff(wait, wait * 10, 2.0, 0.0) if wait else Backoff(0.025, 0.25, 2.0, 0.0)
    return Retry(1 + (1 if attempts is None else attempts), backoff, (), tuple(map(int, map(str, statuses))))


def _is_status(one: Plain) -> bool:
    return isinstance(one, int) and not isinstance(one, bool) and 400 <= one <= 599


def routes(rule: Item, kind: str) -> Iterator[Route]:
    """What a rule matches; headers and parameters narrow it further."""
    for match in items(rule.get("matches")):
        if kind == "GRPCRoute":
            method = mapping(match.get("method"))
            service, name = text(method, "service"), text(method, "method")
            if text(method, "type") == "RegularExpression":
                yield Route("regex", f"/{service or '[^/]+'}/{name or '[^/]+'}")
            else:
                yield Route("exact" if name else "prefix", f"/{service}/{name}" if name else f"/{service}")
            continue
        path = mapping(match.get("path"))
        form = {"Exact": "exact", "RegularExpression": "regex"}.get(text(path, "type"), "prefix")
        verb = text(match, "method")
        yield Route(form, text(path, "value") or "/", (verb.upper(),) if verb else ())
