"""RT15 policy-ignored."""

from __future__ import annotations

import json

import pytest

from resilience.scenes import found
from resilience.service_configs import CONFIG, CONTRACT, PROTO, RETRY, line, method, scene

CART = "shop.v1.Cart"


@pytest.mark.parametrize(
    ("entry", "key", "instead"),
    [
        (method(CART, timeoutMs=500), "timeoutMs", "'timeout' is, a text as 1.5s"),
        (method(CART, timeout_seconds=5), "timeout_seconds", "'timeout' is, a text as 1.5s"),
        (method(CART, retry_policy=RETRY), "retry_policy", "'retryPolicy' is"),
        (method(CART, maxAttempts=3), "maxAttempts", "'maxAttempts' stands in retryPolicy"),
        (method(CART, Timeout="1s"), "Timeout", "'timeout' is. C-core ignores it; grpc-go does not"),
        (method(CART, perTryTimeout="1s"), "perTryTimeout", "is no key of it. C-core and grpc-go"),
        (method(CART, retryPolicy={**RETRY, "maxRetries": 3}), "maxRetries", "'maxAttempts' is"),
    ],
)
def test_a_key_that_no_run_time_knows(entry: dict[str, object], key: str, instead: str) -> None:
    files = scene(entry)
    (one,) = found(files, "RT15").values()
    assert instead in one.message
    assert one.location.line == line(files, f'"{key}"')


def test_more_tries_than_are_made() -> None:
    files = scene(method(CART, retryPolicy={**RETRY, "maxAttempts": 10}))
    (one,) = found(files, "RT15").values()
    assert "more than 5 tries count as 5" in one.message
    assert one.location.line == line(files, "maxAttempts")


def test_an_entry_without_a_name_reaches_no_call() -> None:
    files = scene(method(CART, timeout="1s"), {"timeout": "1s"})
    (one,) = found(files, "RT15").values()
    assert "no call comes under it" in one.message


def test_a_config_in_the_spelling_of_protobuf() -> None:
    text = json.dumps({"method_config": [{"name": [{"service": CART}], "retry_policy": {}}]})
    (one,) = found({CONTRACT: PROTO, CONFIG: text}, "RT15").values()
    assert "'methodConfig' is" in one.message


def test_hedging_beside_a_retry() -> None:
    hedging = {"maxAttempts": 2, "hedgingDelay": "1s"}
    (one,) = found(scene(method(CART, retryPolicy=RETRY, hedgingPolicy=hedging)), "RT15").values()
    assert "only one may be there" in one.message


def test_remarks_and_all_that_run_times_know_are_quiet() -> None:
    entry = method(CART, timeout="1s", waitForReady=True, maxRequestMessageBytes=1024, retryPolicy=RETRY)
    files = scene(
        {**entry, "_why": "slow"},
        retryThrottling={"maxTokens": 10, "tokenRatio": 0.1},
        loadBalancingConfig=[{"round_robin": {}}],
        healthCheckConfig={"serviceName": ""},
        **{"$schema": "x"},
    )
    assert found(files, "RT15") == {}


def test_some_other_json_is_none_of_ours() -> None:
    assert found({"service_config.json": '{"services": [{"timeout_ms": 3}]}'}, "RT15") == {}


def test_another_spelling_is_mended_where_the_right_one_is_not_there() -> None:
    files = scene(method(CART, retry_policy=RETRY))
    (one,) = found(files, "RT15").values()
    assert one.fix is not None
    assert '+      "retryPolicy": {' in one.fix.patch
    both = scene(method(CART, retry_policy=RETRY, retryPolicy=RETRY))
    assert [fault.fix for fault in found(both, "RT15").values()] == [None]
    other = scene(method(CART, timeoutMs=5))
    assert [fault.fix for fault in found(other, "RT15").values()] == [None]
