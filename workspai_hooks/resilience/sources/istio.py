"""Istio: VirtualService (`timeout`, `retries`) and DestinationRule (`outlierDetection`,
`connectionPool.http.maxRetries`), and its retries where nothing is said.

<https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry>; istiod's
`route/retry/retry.go`: no `retries` is two of them on connect-failure, refused-stream, unavailable and
cancelled, `attempts: 0` none. Where somebody writes a number and no `retryOn`, that is meant for 503 as well,
as it was until 1.24. Durations are Go's, from 1 ms on (its schema).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Build, Object, texts
from workspai_hooks.contracts.helm.pods import is_workload, pod_labels, pod_path
from workspai_hooks.resilience.durations import go_seconds
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Breaker, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.envoy_retry import backoff, conditions
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Istio"

MARKS = (b"networking.istio.io/", b"istio-injection", b"sidecar.istio.io/inject", b"istio.io/rev")
GROUP = "mesh"
"""Of all rules of a mesh one acts on a call: that of the caller's one proxy."""
DEFAULT = Retry(3, backoff(), ("CANCELLED", "UNAVAILABLE"), (), False)
"""Two retries, of Istio 1.24 and on."""
DEFAULT_RETRY_ON = "connect-failure,refused-stream,unavailable,cancelled,503"
_LAST = 1_000_000
"""The rank of what holds where no rule matches."""
_FORM = "500ms, 1.5s or 1m"


def read(build: Build) -> Read:
    """What the objects of one installation say."""
    services = list(build.of("VirtualService"))
    mine = [one for one in services if one.key.group == "networking.istio.io"]
    rules = [one for one in build.of("DestinationRule") if one.key.group == "networking.istio.io"]
    breakers: dict[str, _Pool] = {}
    reads = []
    for one in rules:
        taking = Taking(NAME, one)
        host, found = _destination_rule(one, taking)
        known = breakers.get(_short(host), _Pool())  # several for one host are merged
        breakers[_short(host)] = _Pool(
            known.breaker or found.breaker, known.budget or found.budget, (*known.lines, *found.lines)
        )
        reads.append(taking.read())
    for one in mine:
        taking = Taking(NAME, one)
        taking.layers += _virtual_service(one, taking, breakers)
        reads.append(taking.read())
    reads.append(Read(layers=tuple(_by_itself(build, breakers))))
    return joined(reads)


class _Pool(msgspec.Struct, frozen=True):
    """What a DestinationRule adds to the rules of its host."""

    breaker: Breaker | None = None
    budget: bool = False
    lines: tuple[Provenance, ...] = ()


def _destination_rule(one: Object, taking: Taking) -> tuple[str, _Pool]:
    base: Path = ("spec", "trafficPolicy")
    outliers, http = (*base, "outlierDetection"), (*base, "connectionPool", "http")
    breaker = None
    failures = [
        taking.whole((*outliers, key))
        for key in ("consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveErrors")
    ]
    open_s = taking.seconds((*outliers, "baseEjectionTime"), _at_least_1ms, _FORM)
    if one.get(*outliers) is not None:
        said = [count for count in failures if count]
        counts = min(said, default=0 if failures[0] == 0 else 5)
        breaker = Breaker(counts, open_s if open_s else 30.0) if counts else None
    limit = taking.whole((*http, "maxRetries"))
    pooled = one.get(*base, "connectionPool") is not None  # Envoy's circuit breakers: pending, connections
    lines = taking.lines({"breaker": outliers, "budget": (*http, "maxRetries")})
    bounded = pooled and (limit is None or limit < 2**31 - 1)
    return one.text("spec", "host"), _Pool(breaker, bounded, lines)


def _virtual_service(one: Object, taking: Taking, pools: Mapping[str, _Pool]) -> Iterator[Layer]:
    gates = _texts(one.get("spec", "gateways"))
    hosts = tuple(_texts(one.get("spec", "hosts")))
    for number, rule in enumerate(one.items("spec", "http")):
        base: Path = ("spec", "http", number)
        timeout = taking.seconds((*base, "timeout"), _timeout, _FORM)
        retry, per_try = _retry(rule, base, taking)
        if rule.get("redirect") is not None or rule.get("directResponse") is not None:
            continue
        leads = tuple(
            dict.fromkeys(
                one.text(*base, "route", at, "destination", "host") for at in range(len(_list(rule, "route")))
            )
        )
        pool = pools.get(_short(leads[0] if leads else ""), _Pool())
        layer = Layer(
            Where.SIDECAR,
            NAME,
            one.place(*base),
            routes=tuple(_routes(rule)),
            group=GROUP,
            rank=number,
            timeout_s=timeout or None,
            per_try_s=per_try,
            retry=retry if retry is not None else DEFAULT,
            breaker=pool.breaker,
            budget=pool.budget,
            by_default="retries" not in rule or rule.get("retries") is None,
            lines=(
                *taking.lines(
                    {
                        "timeout_s": (*base, "timeout"),
                        "per_try_s": (*base, "retries", "perTryTimeout"),
                        "retry": _first(taking, (*base, "retries", "attempts"), (*base, "retries")),
                    }
                ),
                *pool.lines,
            ),
        )
        if _is_conditional(rule):
            continue
        if not gates or "mesh" in gates:
            yield msgspec.structs.replace(layer, hosts=hosts or ("",))
        if set(gates) - {"mesh"}:
            inside = leads or hosts or ("",)
            yield msgspec.structs.replace(
                layer, where=Where.GATEWAY, hosts=inside, entry=True, group=f"{GROUP} gateway"
            )


def _retry(rule: Mapping[str, Plain], base: Path, taking: Taking) -> tuple[Retry | None, float | None]:
    at = (*base, "retries")
    said = rule.get("retries")
    if said is None:
        return None, None
    if not isinstance(said, dict):
        taking.wrong(at, said, "a mapping with `attempts`")
        return Retry(1), None
    attempts = taking.whole((*at, "attempts"))
    per_try = taking.seconds((*at, "perTryTimeout"), _at_least_1ms, _FORM)
    waits = taking.seconds((*at, "backoff"), _at_least_1ms, _FORM)
    words = said.get("retryOn")
    meant = conditions(str(words) if words else DEFAULT_RETRY_ON)
    if meant.unknown:
        taking.fault(
            (*at, "retryOn"),
            f"no condition of Envoy's is called {', '.join(meant.unknown)}",
            change="unknown",
        )
    if not attempts:
        others = sorted(key for key in said if key != "attempts")
        if others and attempts is None and "attempts" not in said:
            taking.fault(
                at, f"without `attempts` nothing is retried, so that {', '.join(others)} does nothing"
            )
        return Retry(1), None
    return Retry(attempts + 1, backoff(waits), meant.on_grpc, meant.on_http, meant.on_transport), per_try


def _routes(rule: Mapping[str, Plain]) -> Iterator[Route]:
    """What a rule matches. A condition that is no path or method (headers, ports) narrows it further: whoever
    meets the path may be meant."""
    for match in _list(rule, "match"):
        kind, path = "prefix", "/"
        uri = match.get("uri")
        for name, meant in (("exact", "exact"), ("prefix", "text"), ("regex", "regex")):
            if isinstance(uri, dict) and isinstance(uri.get(name), str):
                kind, path = meant, str(uri[name])
        method = match.get("method")
        exact = method.get("exact") if isinstance(method, dict) else None
        yield Route(kind, path, (exact.upper(),) if isinstance(exact, str) else ())


def _is_conditional(rule: Mapping[str, Plain]) -> bool:
    """Rules that only some requests of a path meet, by headers, parameters or who calls: which of them act
    on a call is not known, the ones after them may."""
    matches = _list(rule, "match")
    narrow = ("headers", "queryParams", "sourceLabels", "withoutHeaders", "sourceNamespace", "authority")
    return bool(matches) and all(any(match.get(key) for key in narrow) for match in matches)


def _by_itself(build: Build, pools: Mapping[str, _Pool]) -> Iterator[Layer]:
    """Services whose pods get a sidecar: what it does where no VirtualService says anything."""
    injected = _Injection(build)
    for service in build.of("Service"):
        at = injected.place(service)
        if at is None:
            continue
        pool = pools.get(service.name, _Pool())
        yield Layer(
            Where.SIDECAR,
            NAME,
            at.place(*injected.path(at)),
            hosts=(_host(service),),
            group=GROUP,
            rank=_LAST,
            retry=DEFAULT,
            breaker=pool.breaker,
            budget=pool.budget,
            by_default=True,
            lines=pool.lines,
        )


class _Injection:
    """Which pods get a sidecar: labels of the pod, else of its namespace (istio.io, "Sidecar injection")."""

    def __init__(self, build: Build) -> None:
        spaces = [
            one
            for one in build.of("Namespace")
            if _says(one.labels(), "istio-injection", "enabled") or one.labels().get("istio.io/rev")
        ]
        self._spaces = {one.name: one for one in spaces}
        self._pods = [one for one in build.objects if is_workload(one)]

    def place(self, service: Object) -> Object | None:
        """The object that says that a Service's pods get one."""
        selector = texts(service.get("spec", "selector"))
        for pod in self._pods if selector else ():
            labels = pod_labels(pod)
            if pod.key.namespace != service.key.namespace or not selector.items() <= labels.items():
                continue
            annotations = texts(pod.get(*pod_path(pod), "metadata", "annotations"))
            word = labels.get("sidecar.istio.io/inject", annotations.get("sidecar.istio.io/inject"))
            if word is not None:
                return pod if word == "true" else None
            return self._spaces.get(pod.key.namespace or "default")
        return None

    @staticmethod
    def path(at: Object) -> Path:
        if at.kind == "Namespace":
            return ("metadata", "labels")
        base: tuple[Step, ...] = (*pod_path(at), "metadata")
        return (*base, "labels" if "sidecar.istio.io/inject" in pod_labels(at) else "annotations")


def _first(taking: Taking, *paths: Path) -> Path:
    """The first path that is there; else the last."""
    return next((path for path in paths if taking.node(path) is not None), paths[-1])


def _says(labels: Mapping[str, str], key: str, value: str) -> bool:
    return labels.get(key) == value


def _host(one: Object) -> str:
    return f"{one.name}.{one.key.namespace}.svc.cluster.local" if one.key.namespace else one.name


def _short(host: str) -> str:
    return host.partition(".")[0]


def _at_least_1ms(value: object) -> float | None:
    seconds = go_seconds(value)
    return seconds if seconds is not None and seconds >= 0.001 else None


def _timeout(value: object) -> float | None:
    """Nought is how a timeout was switched off before the schema refused it."""
    return go_seconds(value)


def _texts(value: Plain) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _list(rule: Mapping[str, Plain], key: str) -> list[Mapping[str, Plain]]:
    value = rule.get(key)
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []
