"""The Gateway API, Envoy Gateway, Linkerd, ingress-nginx, Kong and Traefik as policies."""

from __future__ import annotations

from typing import Any

import pytest

from resilience.objects import layers, wrong
from workspai_hooks.resilience.layers import Layer

ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, annotations: {ANNOTATIONS}}
spec:
  parentRefs: [PARENT]
  rules:
  - matches: [{path: {value: /cart}, method: post}]
    timeouts: {request: 2s500ms, backendRequest: 500ms}
    retry: {attempts: 2, codes: [503], backoff: 100ms}
    backendRefs: [{name: cart}]
"""
GATEWAY, SERVICE = "{name: public}", "{kind: Service, name: cart, group: ''}"
POLICY = """apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: cart}
spec:
  targetRefs: [{kind: HTTPRoute, name: cart}]
  retry: {perRetry: {timeout: 300ms}}
  circuitBreaker: {maxParallelRetries: 5}
"""
ANNOTATED = """apiVersion: v1
kind: Service
metadata:
  name: cart
  annotations: {TEXT}
"""
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, annotations: {TEXT}}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: cart}}}]}}]}
"""
NGINX = "nginx.ingress.kubernetes.io/proxy"
PROFILE = """apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: cart.shop.svc.cluster.local}
spec:
  routes:
  - condition: {method: GET, pathRegex: '/cart/[^/]*'}
    isRetryable: true
    timeout: 300ms
  - condition: {method: POST}
"""
MIDDLEWARE = """apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: again}
spec: {retry: {attempts: 4, initialInterval: 100ms}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: shop}
spec: {routes: [{match: Path(`/`), middlewares: [{name: again}], services: [{name: cart}]}]}
"""


def route(parent: str, annotations: str = "") -> str:
    return ROUTE.replace("PARENT", parent).replace("ANNOTATIONS", annotations)


def told(layer: Layer) -> tuple[Any, ...]:
    tries = layer.retry.tries_total if layer.retry else None
    return layer.hosts, layer.entry, layer.timeout_s, layer.per_try_s, tries


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (route(GATEWAY), (("cart",), True, 2.5, 0.5, 3)),
        (route(SERVICE), (("cart",), False, 2.5, 0.5, 3)),
        (f"{route(GATEWAY).replace('retry:', 'x:').replace('timeouts:', 'y:')}---\n{POLICY}",
         (("cart",), True, None, 0.3, 3)),
        (ANNOTATED.replace("TEXT", "retry.linkerd.io/http: '5xx,429', retry.linkerd.io/timeout: 400ms"),
         (("cart",), False, None, 0.4, 2)),
        (ANNOTATED.replace("TEXT", "timeout.linkerd.io/request: 2s"), (("cart",), False, 2.0, None, None)),
        (route(SERVICE, "retry.linkerd.io/http: gateway-error, retry.linkerd.io/limit: '3'"),
         (("cart",), False, 2.5, 0.5, 4)),
        (ANNOTATED.replace("TEXT", "konghq.com/retries: '5', konghq.com/read-timeout: '1500'"),
         (("cart",), True, None, 1.5, 6)),
        (INGRESS.replace("TEXT", f"{NGINX}-next-upstream-tries: '2', {NGINX}-read-timeout: '5'"),
         (("cart",), True, None, 5.0, 2)),
        (MIDDLEWARE, (("cart",), True, None, None, 4)),
    ],
    ids=["gateway", "mesh", "envoy", "linkerd", "timeout", "annotated", "kong", "nginx", "traefik"],
)  # fmt: skip
def test_what_is_said(text: str, expected: tuple[Any, ...]) -> None:
    (found,) = layers(text)
    assert told(found) == expected
    assert found.lines


def test_nginx_tries_no_post_again() -> None:
    (found,) = layers(INGRESS.replace("TEXT", f"{NGINX}-next-upstream: error http_503"))
    assert [each.matches("POST", "/") for each in found.routes] == [False]
    (found,) = layers(INGRESS.replace("TEXT", f"{NGINX}-next-upstream: error non_idempotent"))
    assert found.routes == ()


def test_a_service_profile_comes_before_annotations() -> None:
    first, second, rest = layers(PROFILE)
    assert told(first) == (("cart.shop.svc.cluster.local",), False, 0.3, None, 2)
    assert (first.budget, first.routes[0].matches("GET", "/cart/7"), second.retry) == (True, True, None)
    assert rest.rank < 500_000


def test_what_traefik_sends_again_nobody_has_got() -> None:
    (found,) = layers(MIDDLEWARE)
    assert found.retry
    assert not found.retry.happens(grpc=False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (route(GATEWAY).replace("2s500ms", "2.5s"), "Gateway API reads a duration as 1s500ms"),
        (ANNOTATED.replace("TEXT", "timeout.linkerd.io/request: 1.5s"), "whole numbers with a unit"),
        (ANNOTATED.replace("TEXT", "timeout.linkerd.io/request: 300"), "whole numbers with a unit"),
        (ANNOTATED.replace("TEXT", "retry.linkerd.io/limit: '2'"), "without retry.linkerd.io/http or /grpc"),
        (ANNOTATED.replace("TEXT", "retry.linkerd.io/grpc: UNAVAILABLE"), "no status is called UNAVAILABLE"),
        (route(SERVICE, "retry.linkerd.io/grpc: unavailable"), "Linkerd reads it on no HTTPRoute"),
        (ANNOTATED.replace("TEXT", "konghq.com/read-timeout: 10s"), "Kong reads a whole number"),
        (INGRESS.replace("TEXT", f"{NGINX}-read-timeout: 30s"), "ingress-nginx reads a whole number"),
        (MIDDLEWARE.replace("attempts: 4", "attempts: 0"), "Traefik reads a whole number from 1 on"),
    ],
)
def test_what_is_not_read(text: str, why: str) -> None:
    ((rule, _, message),) = wrong(text)
    assert rule == "policy-ignored"
    assert why in message
