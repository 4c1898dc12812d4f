"""Extensions of OpenAPI: what each says, and what is wrong with a value."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.resilience.model import Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi import from_openapi, read

PATHS = "paths:\n  /carts:\n    post:\n      responses: {'200': {description: ok}}\n"


def description(extension: str, *, at_operation: bool = False) -> Description:
    top = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\n"
    text = top + PATHS + f"      {extension}\n" if at_operation else top + f"{extension}\n" + PATHS
    return Description(Library(Snapshot.of({"a.yaml": text})), "a.yaml")


def said(extension: str) -> Said:
    whole = read(description(extension, at_operation=True))
    assert not whole.faults
    (one,) = whole.said
    assert (one.scope, one.location.line) == ("POST /carts", 7)
    return one


@pytest.mark.parametrize(
    ("extension", "timeout_s", "per_try_s", "tries"),
    [
        ("x-speakeasy-timeout: 4000", 4.0, None, None),
        ("x-speakeasy-retries: {strategy: backoff}", None, None, 20),
        ("x-speakeasy-retries: {strategy: none}", None, None, 1),
        ("x-fern-retries: {disabled: true}", None, None, 1),
        (
            "x-kong-service-defaults: {retries: 2, read_timeout: 900, connect_timeout: 99, write_timeout: 1}",
            3.0,
            1.0,
            3,
        ),
        ("x-kong-service-defaults: {read_timeout: 1000}", 726.0, 121.0, 6),
        ("x-amazon-apigateway-integration: {type: http, timeoutInMillis: 2500}", 2.5, None, None),
        ("x-google-backend: {address: 'https://a.b', deadline: 7.5}", 7.5, None, None),
        ("x-google-backend: {address: 'https://a.b'}", 15.0, None, None),
        ("x-workspai-per-try-timeout: 250ms", None, 0.25, None),
    ],
)
def test_values(extension: str, timeout_s: float | None, per_try_s: float | None, tries: int | None) -> None:
    one = said(extension)
    assert (one.timeout_s, one.per_try_s) == (timeout_s, per_try_s)
    assert (one.retry.tries_total if one.retry else None) == tries


def test_a_budget_and_the_layer_that_retries() -> None:
    assert said("x-workspai-retry-budget: 20%").budget == 0.2
    assert said("x-workspai-retry-layer: sidecar").retry_layer == "sidecar"
    assert said("x-workspai-retry-layer: none").retry_layer == "none"


@pytest.mark.parametrize(
    "extension",
    [
        "x-speakeasy-timeout: 4s",
        "x-speakeasy-timeout: -1",
        "x-speakeasy-retries: {strategy: linear}",
        "x-speakeasy-retries: [1]",
        "x-speakeasy-retries: {strategy: backoff, backoff: {initialInterval: 1s}}",
        "x-speakeasy-retries: {strategy: backoff, statusCodes: [2XX]}",
        "x-fern-retries: {maxAttempts: 3}",
        "x-kong-service-defaults: {read_timeout: 10s}",
        "x-kong-service-defaults: {retries: -1}",
        "x-amazon-apigateway-integration: {timeoutInMillis: 29}",
        "x-amazon-apigateway-integration: {timeoutInMillis: '2500'}",
        "x-google-backend: {deadline: 15s}",
        "x-google-backend: {deadline: 0}",
        "x-workspai-per-try-timeout: 250",
        "x-workspai-retry-budget: 0.2",
        "x-workspai-retry-layer: mesh",
    ],
)
def test_a_value_that_nobody_reads_is_told_with_its_line(extension: str) -> None:
    for at_operation, line in ((False, 3), (True, 7)):
        whole = read(description(extension, at_operation=at_operation))
        assert [(one.rule, one.location.line) for one in whole.faults] == [("policy-ignored", line)]
        assert whole.said == ()


def test_what_stands_at_a_path_is_one_fault_for_all_its_operations() -> None:
    text = "openapi: 3.0.3\npaths:\n  /a:\n    x-speakeasy-timeout: soon\n    get: {}\n    put: {}\n"
    whole: Read = read(Description(Library(Snapshot.of({"a.yaml": text})), "a.yaml"))
    assert [one.location.line for one in whole.faults] == [4]


def test_a_gateway_s_policy_is_not_the_clients_and_acts_at_the_entry() -> None:
    extension = "x-google-backend: {deadline: 7}"
    (one,) = read(description(extension, at_operation=True)).said
    assert (one.where, one.entry) == (Where.GATEWAY, True)
    assert list(from_openapi(description(extension, at_operation=True))) == []


def test_a_wrong_one_is_found() -> None:
    faults = found({"a.yaml": "openapi: 3.0.3\nx-speakeasy-timeout: 4s\npaths: {}\n"}, "RT15")
    assert list(faults) == ["file:a.yaml#x-speakeasy-timeout"]


def test_an_operation_s_own_takes_the_place_of_its_path_s() -> None:
    text = (
        "openapi: 3.0.3\npaths:\n  /a:\n    x-speakeasy-timeout: 1000\n    get: {x-speakeasy-timeout: 2000}\n"
        "    put: {}\n"
    )
    whole = read(Description(Library(Snapshot.of({"a.yaml": text})), "a.yaml"))
    timeouts = {one.scope: one.timeout_s for one in whole.said if one.timeout_s}
    assert timeouts == {"GET /a": 2.0, "PUT /a": 1.0}
    assert found({"a.yaml": text}, "RT23") == {}
