"""Linkerd: annotations `retry.linkerd.io/*` and `timeout.linkerd.io/*` on Services and routes, and
ServiceProfiles.

<https://linkerd.io/2/reference/retries>, <https://linkerd.io/2/reference/timeouts>: all of it is done by the
caller's proxy. `limit` counts retries, 1 where it isn't said; `retry.linkerd.io/timeout` ends one try. What
stands on a route takes the place of what stands on its Service, retries and timeouts each as a whole; where
there is a ServiceProfile, annotations are ignored. Durations are GEP-2257's, with a unit.
<https://linkerd.io/2/reference/service-profiles/>: `isRetryable` has no number of tries, its budget ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.durations import go_seconds, linkerd_seconds
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.gateway_api import API, is_linkerds, rules
from workspai_hooks.resilience.sources.istio import GROUP
from workspai_hooks.resilience.sources.routing import NOBODY, host, mapping, of_group, parents
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Linkerd"
MARKS = (b"retry.linkerd.io/", b"timeout.linkerd.io/", b"linkerd.io/v1alpha")
FORM = "300ms or 2s (whole numbers with a unit)"
BY_PROFILE = Retry(2, Backoff(0.0, 0.0, 1.0, 0.0), (), (500, 502, 503, 504))
"""A request is tried again as long as the budget lasts, which is a fifth of all: in the long run one more."""
_PROFILE, _SERVICE = 400_000, 500_000
_RANGE = regex(r"([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?")
_CODES = ("cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable")


def read(build: Build) -> Read:
    """What the objects of one installation say."""
    reads = []
    annotated = {}
    for service in build.of("Service"):
        if is_linkerds(service):
            taking = Taking(NAME, service)
            said = _said(service, taking)
            annotated[host(service.name, service.key.namespace)] = said
            layer = msgspec.structs.replace(
                said, hosts=(host(service.name, service.key.namespace),), rank=_SERVICE
            )
            taking.layers.append(layer)
            reads.append(taking.read())
    for route in build.of("HTTPRoute", "GRPCRoute"):
        if route.key.group in (API, "policy.linkerd.io") and is_linkerds(route):
            reads.append(_route(route, annotated))
    for profile in of_group(build, "linkerd.io", "ServiceProfile"):
        taking = Taking(f"{NAME} ServiceProfile", profile)
        taking.layers += _profile(profile, taking)
        reads.append(taking.read())
    return joined(reads)


def _route(route: Object, annotated: Mapping[str, Layer]) -> Read:
    taking = Taking(NAME, route)
    said = _said(route, taking)
    services, _ = parents(route)
    service = next((annotated[one] for one in services if one in annotated), None)
    if service is not None and said.retry is None:
        said = msgspec.structs.replace(said, retry=service.retry, per_try_s=service.per_try_s)
    if service is not None and said.timeout_s is None:
        said = msgspec.structs.replace(said, timeout_s=service.timeout_s)
    for rule, _ in rules(route, taking):
        whole = rule.timeout_s if rule.timeout_s is not None else said.timeout_s
        per_try = said.per_try_s if said.per_try_s is not None else rule.per_try_s
        lines = (*said.lines, *rule.lines)
        taking.layers.append(
            msgspec.structs.replace(
                said,
                hosts=services or NOBODY,
                routes=rule.routes,
                rank=rule.rank,
                timeout_s=whole,
                per_try_s=per_try,
                lines=lines,
            )
        )
    return taking.read()


def _said(one: Object, taking: Taking) -> Layer:
    """What annotations say, of whoever it may be."""
    base: Path = ("metadata", "annotations")
    http, grpc = (*base, "retry.linkerd.io/http"), (*base, "retry.linkerd.io/grpc")
    limit, single = (*base, "retry.linkerd.io/limit"), (*base, "retry.linkerd.io/timeout")
    request, response = (*base, "timeout.linkerd.io/request"), (*base, "timeout.linkerd.io/response")
    count = taking.whole(limit, as_text=True)
    per_try = taking.seconds(single, linkerd_seconds, FORM)
    whole = taking.seconds(request, linkerd_seconds, FORM)
    answer = taking.seconds(response, linkerd_seconds, FORM)
    taking.seconds((*base, "timeout.linkerd.io/idle"), linkerd_seconds, FORM)
    for kind, path in (("HTTPRoute", grpc), ("GRPCRoute", http)):
        if one.kind == kind and taking.node(path) is not None:
            taking.fault(path, f"Linkerd reads it on no {kind}")
    statuses = _statuses(http, taking) if one.kind != "GRPCRoute" else ()
    codes = _grpc(grpc, taking) if one.kind != "HTTPRoute" else ()
    retry = None
    if statuses or codes:
        tries = 1 + (1 if count is None else count)
        waits = Backoff(0.0, 0.0, 1.0, 0.0)
        retry = Retry(tries, waits, codes, statuses, on_transport=per_try is not None)
    else:
        for path in (limit, single):
            if taking.node(path) is not None and taking.node(http) is None and taking.node(grpc) is None:
                taking.fault(path, "without retry.linkerd.io/http or /grpc nothing is retried")
    return Layer(
        Where.SIDECAR,
        NAME,
        one.place(*base),
        group=GROUP,
        timeout_s=(whole if whole is not None else answer) or None,
        per_try_s=per_try or None,
        retry=retry,
        lines=taking.lines(
            {
                "timeout_s": request if taking.node(request) is not None else response,
                "per_try_s": single,
                "retry": http if taking.node(http) is not None else grpc,
            }
        ),
    )


def _statuses(path: Path, taking: Taking) -> tuple[int, ...]:
    value = taking.value(path)
    found: set[int] = set()
    for word in str(value).split(",") if value is not None else ():
        match = _RANGE.fullmatch(word.strip())
        if word.strip() == "gateway-error":
            found.update((502, 503, 504))
        elif match is None:
            taking.wrong(path, value, "statuses as 5xx, 503 or 500-504")
        elif match[1]:
            found.update((500, 502, 503, 504) if match[1] == "5" else (int(match[1]) * 100,))
        else:
            found.update(range(int(match[2]), int(match[3] or match[2]) + 1))
    return tuple(sorted(found))


def _grpc(path: Path, taking: Taking) -> tuple[str, ...]:
    value = taking.value(path)
    words = [word.strip() for word in str(value).split(",")] if value is not None else []
    unknown = [word for word in words if word not in _CODES]
    if unknown:
        taking.fault(path, f"no status is called {', '.join(unknown)}; known are {', '.join(_CODES)}")
    return tuple(sorted(word.upper().replace("-", "_") for word in set(words) if word in _CODES))


def _profile(one: Object, taking: Taking) -> Iterator[Layer]:
    base = Layer(
        Where.SIDECAR,
        f"{NAME} ServiceProfile",
        one.place("spec"),
        hosts=(one.name,),
        group=GROUP,
        budget=True,
    )
    for number, rule in enumerate(one.items("spec", "routes")):
        at: Path = ("spec", "routes", number)
        retried = rule.get("isRetryable") is True
        yield msgspec.structs.replace(
            base,
            location=one.place(*at),
            routes=tuple(_conditions(mapping(rule.get("condition")))),
            rank=number,
            timeout_s=taking.seconds((*at, "timeout"), go_seconds, "300ms or 1.5s") or None,
            retry=BY_PROFILE if retried else None,
            lines=taking.lines({"timeout_s": (*at, "timeout"), "retry": (*at, "isRetryable")}),
        )
    yield msgspec.structs.replace(base, rank=_PROFILE)


def _conditions(condition: Mapping[str, object]) -> Iterator[Route]:
    """A path and a method; of what is put together, where it can't be told, everything."""
    path, method = condition.get("pathRegex"), condition.get("method")
    methods = (method.upper(),) if isinstance(method, str) else ()
    if isinstance(path, str):
        yield Route("regex", path, methods)
    else:
        yield Route(methods=methods)
