"""Envoy Gateway's BackendTrafficPolicy, hung onto routes and gateways.

<https://gateway.envoyproxy.io/docs/tasks/traffic/retry/>: `numRetries` counts retries and is 2 where it isn't
said; a `retry` or timeout of the HTTPRoute itself wins (checks/policy_overridden.py tells).
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.resilience.durations import gateway_seconds
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Breaker, Retry, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.sources.envoy_retry import backoff, conditions
from workspai_hooks.resilience.sources.gateway_api import FORM
from workspai_hooks.resilience.sources.routing import NOBODY, items, led_to, of_group, targets, text, texts
from workspai_hooks.resilience.sources.taking import Path, Taking

NAME = "Envoy Gateway"
API = "gateway.envoyproxy.io"
MARKS = (b"gateway.envoyproxy.io/",)
_ROUTES = ("HTTPRoute", "GRPCRoute")
_DEFAULT_ON = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"


def read(build: Build) -> Read:
    """What the policies of one installation say."""
    reads = []
    for one in of_group(build, API, "BackendTrafficPolicy"):
        taking = Taking(NAME, one)
        taking.layers.append(_layer(one, tuple(_hosts(one, build)), taking))
        reads.append(taking.read())
    return joined(reads)


def _hosts(policy: Object, build: Build) -> Iterator[str]:
    for kind, name in targets(policy):
        for route in build.of(*_ROUTES):
            if route.key.namespace != policy.key.namespace:
                continue
            refs = items(route.get("spec", "parentRefs"))
            meant = (kind, name) == (route.kind, route.name) or (
                kind == "Gateway" and any(text(ref, "name") == name for ref in refs)
            )
            for rule in route.items("spec", "rules") if meant else ():
                yield from led_to(rule, route)


def _layer(one: Object, hosts: tuple[str, ...], taking: Taking) -> Layer:
    whole: Path = ("spec", "timeout", "http", "requestTimeout")
    retry: Path = ("spec", "retry")
    single: Path = (*retry, "perRetry", "timeout")
    waits: Path = (*retry, "perRetry", "backOff")
    passive: Path = ("spec", "healthCheck", "passive")
    limit: Path = ("spec", "circuitBreaker", "maxParallelRetries")
    meant = None
    if one.get(*retry) is not None:
        count = taking.whole((*retry, "numRetries"))
        words = texts(one.get(*retry, "retryOn", "triggers"))
        listed = one.get(*retry, "retryOn", "httpStatusCodes")
        codes = tuple(code for code in (listed if isinstance(listed, list) else ()) if isinstance(code, int))
        on = conditions(",".join(words) if words else _DEFAULT_ON, codes or (503,))
        base = taking.seconds((*waits, "baseInterval"), gateway_seconds, FORM)
        longest = taking.seconds((*waits, "maxInterval"), gateway_seconds, FORM)
        tries = 1 + (2 if count is None else count)
        meant = Retry(tries, backoff(base, longest), on.on_grpc, on.on_http, on.on_transport)
    failures = taking.whole((*passive, "consecutive5XxErrors"))
    open_s = taking.seconds((*passive, "baseEjectionTime"), gateway_seconds, FORM)
    timeout = taking.seconds(whole, gateway_seconds, FORM)
    per_try = taking.seconds(single, gateway_seconds, FORM)
    breaks = one.get(*passive) is not None and failures != 0
    at_once = taking.whole(limit)
    counted = (*retry, "numRetries") if one.get(*retry, "numRetries") is not None else retry
    return Layer(
        Where.GATEWAY,
        NAME,
        one.place("spec"),
        hosts=hosts or NOBODY,
        group=f"{NAME} {one.title}",
        entry=True,
        timeout_s=timeout or None,
        per_try_s=per_try or None,
        retry=meant,
        breaker=Breaker(failures or 5, open_s or 30.0) if breaks else None,
        budget=at_once is None or at_once <= 1024,
        lines=taking.lines({"timeout_s": whole, "per_try_s": single, "retry": counted, "breaker": passive}),
    )
