"""RT20 retry-budget-missing."""

from __future__ import annotations

import json

from resilience.scenes import found

RETRY = {
    "maxAttempts": 3,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
NAMES = [{"service": "shop.v1.Cart"}]
CONFIG = {
    "methodConfig": [
        {"name": [{"service": "shop.v1.Cart", "method": "Get"}], "retryPolicy": RETRY},
        {"name": NAMES, "retryPolicy": RETRY},
    ]
}
SPRING = """\
resilience4j:
  retry:
    instances:
      cart: {maxAttempts: 3}
"""
OPENAPI = """\
openapi: 3.0.3
info: {title: a, version: "1"}
x-speakeasy-retries: {strategy: backoff}
paths: {}
"""


def test_one_a_place_however_many_it_speaks_of() -> None:
    faults = found({"a/service_config.json": json.dumps(CONFIG, indent=1)}, "RT20")
    (fault,) = faults.values()
    assert fault.severity.value == "note"
    assert len(fault.related) == 1


def test_a_throttle_a_breaker_and_a_budget_are_one() -> None:
    throttled = {**CONFIG, "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}}
    assert found({"a/service_config.json": json.dumps(throttled)}, "RT20") == {}
    assert list(found({"a/application.yml": SPRING}, "RT20")) == ["file:a/application.yml#resilience4j"]
    breaker = SPRING + "  circuitbreaker:\n    instances:\n      cart: {minimumNumberOfCalls: 5}\n"
    assert found({"a/application.yml": breaker}, "RT20") == {}
    assert list(found({"a.yaml": OPENAPI}, "RT20")) == ["file:a.yaml#x-speakeasy-retries"]
    assert found({"a.yaml": OPENAPI + 'x-workspai-retry-budget: "20%"\n'}, "RT20") == {}


GATEWAY = """\
spring:
  cloud:
    gateway:
      default-filters:
      - name: Retry
%s      routes:
      - {id: a, uri: "lb://cart"}
"""


def test_a_breaker_beside_it_is_one_whatever_it_is_called() -> None:
    element = "file:a/application.yml#Spring Cloud Gateway"
    assert list(found({"a/application.yml": GATEWAY % ""}, "RT20")) == [element]
    guarded = GATEWAY % "      - CircuitBreaker=all\n"
    assert found({"a/application.yml": guarded}, "RT20") == {}
    other = SPRING + "  circuitbreaker:\n    instances:\n      all: {minimumNumberOfCalls: 5}\n"
    assert found({"a/application.yml": other}, "RT20") == {}
