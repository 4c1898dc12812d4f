"""Envoy's own files as policies; what real Envoys do with them is in test_real_chains.py."""

from __future__ import annotations

import pytest

from resilience.objects import layers, read, wrong
from workspai_hooks.resilience.layers import Layer, Route
from workspai_hooks.resilience.model import Breaker

TEXT = """static_resources:
  listeners:
  - filter_chains:
    - filters:
      - typed_config:
          route_config:
            virtual_hosts:
            - domains: ["*"]
              SHARED
              routes:
              - match: {prefix: /, headers: [{name: ":method", string_match: {exact: GET}}]}
                route:
                  cluster: cart
                  ACTION
  clusters:
  - name: cart
    outlier_detection: {consecutive_5xx: 4, base_ejection_time: 8s}
    load_assignment:
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: cart.shop}}}}]}]
"""


def text(action: str = "timeout: 2s", shared: str = "name: all") -> str:
    return TEXT.replace("ACTION", action).replace("SHARED", shared)


def one(action: str = "timeout: 2s", shared: str = "name: all") -> Layer:
    (found,) = layers(text(action, shared), "cart/envoy.yaml")
    return found


def test_a_route() -> None:
    layer = one("retry_policy: {retry_on: '5xx', num_retries: 2, per_try_timeout: 0.25s}")
    assert (layer.hosts, layer.caller, layer.routes) == (
        ("cart.shop",),
        "cart/envoy.yaml",
        (Route("text", "/", ("GET",)),),
    )
    assert (layer.timeout_s, layer.per_try_s, layer.breaker, layer.budget) == (
        15.0,
        0.25,
        Breaker(4, 8.0),
        True,
    )
    assert layer.retry
    assert (layer.retry.tries_total, layer.retry.on_http) == (3, (500, 502, 503, 504))
    assert {row.value for row in layer.lines} == {"retry", "per_try_s", "breaker"}


def test_keys_as_json_has_them() -> None:
    layer = one("retryPolicy: {retryOn: unavailable, numRetries: 4, perTryTimeout: 1s}")
    assert layer.retry
    assert (layer.retry.tries_total, layer.retry.on_grpc, layer.per_try_s) == (5, ("UNAVAILABLE",), 1.0)


def test_a_virtual_hosts_policy_is_for_routes_without_one() -> None:
    shared = "retry_policy: {retry_on: '5xx'}"
    assert [each.retry.tries_total for each in (one(shared=shared),) if each.retry] == [2]
    own = one("retry_policy: {retry_on: '5xx', num_retries: 4}", shared)
    assert own.retry
    assert own.retry.tries_total == 5


def test_nought_is_timeout_missing() -> None:
    assert one("timeout: 0s").timeout_s is None


def test_a_configuration_in_a_config_map_has_its_lines() -> None:
    inside = "\n".join(f"    {line}" for line in text("timeout: 3s").splitlines())
    held = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: envoy}}\ndata:\n  envoy.yaml: |\n{inside}\n"
    (layer,) = layers(held, "cart/envoy.yaml")
    assert (layer.timeout_s, [row.location.line for row in layer.lines if row.value == "timeout_s"]) == (
        3.0,
        [19],
    )


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("timeout: 500ms", "a duration as 1.5s (protobuf's), not 500ms"),
        ("retry_policy: {num_retries: 3}", "without retry_on nothing is retried"),
        ("retry_policy: {retry_on: 'timeout,5xx'}", "no condition is called timeout"),
    ],
)
def test_what_envoy_does_not_read(action: str, why: str) -> None:
    ((rule, line, message),) = wrong(text(action), "cart/envoy.yaml")
    assert (rule, line) == ("policy-ignored", 14)
    assert why in message


def test_a_template_is_an_open_question() -> None:
    found = read({"cart/envoy.yaml": text("{{ if .Values.slow }}\n                  timeout: 3s\n{{ end }}")})
    assert found.layers == ()
    assert [one.what.partition(":")[0] for one in found.undecided] == ["cart/envoy.yaml"]
