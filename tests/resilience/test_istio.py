"""Istio's objects as policies."""

from __future__ import annotations

import pytest

from resilience.objects import layers, read, wrong
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Breaker, Where

HEAD = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
"""


def one(rule: str, head: str = HEAD) -> Layer:
    (found,) = layers(f"{head}  http:\n  - route: [{{destination: {{host: cart}}}}]\n    {rule}\n")
    return found


def tries(layer: Layer) -> int:
    return layer.retry.tries_total if layer.retry else 1


def test_values_and_their_lines() -> None:
    layer = one("timeout: 1m30s\n    retries: {attempts: 3, perTryTimeout: 500ms, retryOn: '5xx,503'}")
    assert (layer.where, layer.hosts, layer.by_default, layer.entry) == (
        Where.SIDECAR,
        ("cart",),
        False,
        False,
    )
    assert (layer.timeout_s, layer.per_try_s, tries(layer)) == (90.0, 0.5, 4)
    assert {row.value: row.location.line for row in layer.lines} == {
        "timeout_s": 8,
        "retry": 9,
        "per_try_s": 9,
    }


def test_without_retries_there_are_two_by_default() -> None:
    layer = one("name: all")
    assert (tries(layer), layer.by_default) == (3, True)
    assert layer.retry
    assert layer.retry.happens(grpc=True)
    assert not layer.retry.happens(grpc=False)


def test_no_attempts_is_no_retry() -> None:
    assert (tries(one("retries: {attempts: 0}")), one("retries: {attempts: 0}").by_default) == (1, False)


def test_nought_is_timeout_missing() -> None:
    assert one("timeout: 0s").timeout_s is None


def test_rules_are_asked_in_their_order() -> None:
    found = layers(
        f"{HEAD}  http:\n"
        "  - match: [{uri: {exact: /a}, method: {exact: POST}}, {uri: {prefix: /b}}]\n"
        "    retries: {attempts: 0}\n    route: [{destination: {host: cart}}]\n"
        "  - match: [{headers: {x: {exact: y}}}]\n"
        "    retries: {attempts: 9}\n    route: [{destination: {host: cart}}]\n"
        "  - route: [{destination: {host: cart}}]\n"
    )
    assert [(layer.rank, tries(layer), layer.routes) for layer in found] == [
        (0, 1, (Route("exact", "/a", ("POST",)), Route("text", "/b"))),
        (2, 3, ()),
    ]


def test_a_gateway_is_a_way_in() -> None:
    layer = one("retries: {attempts: 1}", HEAD.replace("[cart]", "[shop.example.com]\n  gateways: [public]"))
    assert (layer.where, layer.entry, layer.hosts) == (Where.GATEWAY, True, ("cart",))


def test_a_destination_rule_gives_breaker_and_budget() -> None:
    rule = (
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
        "metadata: {name: cart, namespace: shop}\n"
        "spec:\n  host: cart.shop.svc.cluster.local\n  trafficPolicy:\n"
        "    connectionPool: {http: {maxRetries: 10}}\n"
        "    outlierDetection: {consecutiveGatewayErrors: 3, baseEjectionTime: 7s}\n"
    )
    text = f"{HEAD}  http:\n  - route: [{{destination: {{host: cart}}}}]\n{rule}"
    (found,) = layers(text)
    assert (found.breaker, found.budget) == (Breaker(3, 7.0), True)


SIDECAR = """apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: LABEL}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {template: {metadata: {labels: {app: cartPOD}}}}
"""


def test_a_sidecar_retries_by_itself() -> None:
    (layer,) = layers(SIDECAR.replace("LABEL", "enabled").replace("POD", ""))
    assert (layer.by_default, layer.hosts, layer.location.line) == (True, ("cart.shop.svc.cluster.local",), 3)


@pytest.mark.parametrize(
    ("label", "pod"),
    [("disabled", ""), ("enabled", ", sidecar.istio.io/inject: 'false'"), ("enabled", "-other")],
)
def test_no_sidecar_is_no_layer(label: str, pod: str) -> None:
    assert layers(SIDECAR.replace("LABEL", label).replace("POD", pod)) == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("timeout: PT1S", "a duration as 500ms, 1.5s or 1m, not PT1S"),
        ("timeout: 1000", "not 1000"),
        ("retries: {attempts: 3, perTryTimeout: 1d}", "not 1d"),
        ("retries: {attempts: -1}", "a whole number from 0 on"),
        ("retries: {attempts: 2, retryOn: '5xx,timeout'}", "no condition of Envoy's is called timeout"),
        ("retries: {perTryTimeout: 2s}", "without `attempts` nothing is retried"),
    ],
)
def test_what_istio_does_not_read(rule: str, why: str) -> None:
    ((name, line, message),) = wrong(f"{HEAD}  http:\n  - route: []\n    {rule}\n")
    assert (name, line) == ("policy-ignored", 8)
    assert why in message


@pytest.mark.parametrize("value", ["'{{ .Values.timeout }}'", "${TIMEOUT}", "later"])
def test_what_is_filled_in_elsewhere_is_an_open_question(value: str) -> None:
    found = read({"deploy/a.yaml": f"{HEAD}  http:\n  - route: []\n    timeout: {value}\n"})
    assert found.faults == ()
    assert [one.what for one in found.undecided] == ["deploy/a.yaml:8"]
