"""Policies: what each convention says, which place wins, and the formulas of the model."""

from __future__ import annotations

import json

import pytest
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import read
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.protobuf.descriptors import descriptors_of
from workspai_hooks.errors import UsageError
from workspai_hooks.resilience.durations import proto_seconds, proto_text, seconds_of
from workspai_hooks.resilience.model import (
    Backoff,
    Idempotency,
    Policy,
    Retry,
    effective_tries,
    worst_case_s,
)
from workspai_hooks.resilience.said import Level, Said, policy_of
from workspai_hooks.resilience.sources.openapi import from_openapi
from workspai_hooks.resilience.sources.protobuf import from_protobuf
from workspai_hooks.resilience.sources.service_config import from_service_config
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import resolve_buf

HERE = Location("somewhere")


def said(level: Level, scope: str, **values: object) -> Said:
    return Said(level, scope, HERE, "test", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total_s", "per_try_s", "tries", "effective"),
    [(1.0, 1.0, 4, 1), (1.0, 0.5, 4, 2), (4.0, 1.0, 4, 4), (4.0, None, 4, 1), (None, 1.0, 4, 4)],
)
def test_effective_tries_are_those_that_a_real_envoy_made(
    total_s: float | None, per_try_s: float | None, tries: int, effective: int
) -> None:
    """The measured rows of shared/POLICY.md, whose waits were below 25 ms."""
    retry = Retry(tries, Backoff(0.0001, 0.0001, 1.0, 0.0))
    policy = Policy("x", Idempotency.SAFE, timeout_s=total_s, per_try_s=per_try_s, retry=retry)
    assert effective_tries(policy) == effective


def test_the_worst_case_is_bounded_by_the_total_and_by_all_tries_with_their_waits() -> None:
    retry = Retry(3, Backoff(0.1, 1.0, 2.0, 0.0))
    policy = Policy("x", Idempotency.SAFE, timeout_s=10, per_try_s=1, retry=retry)
    assert worst_case_s(policy) == pytest.approx(3.3)
    assert worst_case_s(Policy("x", Idempotency.SAFE, timeout_s=2, per_try_s=1, retry=retry)) == 2
    assert worst_case_s(Policy("x")) is None


def test_method_comes_before_service_before_file_before_default_and_a_retry_replaces_whole() -> None:
    places = [
        said(Level.DEFAULT, "", timeout_s=1.0, retry=Retry(2)),
        said(Level.FILE, "a.proto", retry=Retry(3)),
        said(Level.SERVICE, "p.S", retry=Retry(4, Backoff(0.5))),
        said(Level.METHOD, "p.S/M", retry=Retry(5)),
    ]
    for left, tries in ((4, 5), (3, 4), (2, 3), (1, 2), (0, 3)):
        policy = policy_of("p.S/M", "p.S", "a.proto", places[:left])
        assert policy.retry is not None
        assert policy.retry.tries_total == tries
    assert policy_of("p.S/M", "p.S", "a.proto", places).retry == Retry(5)


def test_a_total_timeout_is_the_smallest_of_what_is_specific_else_the_default() -> None:
    default = said(Level.DEFAULT, "", timeout_s=1.0)
    wide = said(Level.SERVICE, "p.S", timeout_s=5.0)
    slow = said(Level.METHOD, "p.S/M", timeout_s=30.0)
    assert policy_of("p.S/M", "p.S", "a", [default, wide, slow]).timeout_s == 5.0
    assert policy_of("p.S/M", "p.S", "a", [default, slow]).timeout_s == 30.0
    assert policy_of("p.S/M", "p.S", "a", [default]).timeout_s == 1.0


def test_nothing_is_retried_that_nobody_declared() -> None:
    retry = said(Level.DEFAULT, "", retry=Retry(4))
    assert policy_of("p.S/M", "p.S", "a", [retry]).tries == 1
    unsafe = said(Level.METHOD, "p.S/M", idempotency=Idempotency.UNSAFE)
    safe = said(Level.METHOD, "p.S/M", idempotency=Idempotency.SAFE)
    assert policy_of("p.S/M", "p.S", "a", [retry, unsafe, safe]).tries == 1  # the first place wins
    assert policy_of("p.S/M", "p.S", "a", [retry, safe]).tries == 4
    key = said(Level.METHOD, "p.S/M", key="request_id")
    assert policy_of("p.S/M", "p.S", "a", [retry, key]).idempotency is Idempotency.KEYED


PROTO = """\
syntax = "proto3";
package p;
import "google/api/annotations.proto";
import "google/api/field_info.proto";
message M { string x = 1; }
message Keyed { string request_id = 1 [(google.api.field_info).format = UUID4]; }
message Unformatted { string request_id = 1; }
service S {
  rpc Read(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Set(M) returns (M) { option idempotency_level = IDEMPOTENT; }
  rpc Get(M) returns (M) { option (google.api.http) = {get: "/m"}; }
  rpc Put(M) returns (M) { option (google.api.http) = {put: "/m" body: "*"}; }
  rpc Post(M) returns (M) { option (google.api.http) = {post: "/m" body: "*"}; }
  rpc Create(Keyed) returns (M);
  rpc GetByName(Unformatted) returns (M);
}
"""


def descriptor(text: str) -> pb.FileDescriptorProto:
    read = descriptors_of(Snapshot.of({"s.proto": text}), resolve_buf(), ["s.proto"])
    assert not read.failed
    return read.files["s.proto"]


def test_a_protobuf_contract_declares_by_level_verb_and_request_id_and_never_by_a_name() -> None:
    places = list(from_protobuf("s.proto", descriptor(PROTO)))
    found = {
        name: policy_of(f"p.S/{name}", "p.S", "s.proto", places).idempotency.value
        for name in ("Read", "Set", "Get", "Put", "Post", "Create", "GetByName")
    }
    assert found == {
        "Read": "safe",
        "Set": "idempotent",
        "Get": "safe",
        "Put": "idempotent",
        "Post": "unknown",
        "Create": "keyed",
        "GetByName": "unknown",
    }
    assert policy_of("p.S/Create", "p.S", "s.proto", places).key == "request_id"
    lines = {one.scope: one.location.line for one in places}
    assert lines["p.S/Read"] == 9


def config(**method: object) -> bytes:
    return json.dumps({"methodConfig": [{"name": [{"service": "p.S"}], **method}]}).encode()


RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def test_a_service_config_is_read() -> None:
    (one,) = from_service_config("c.json", config(timeout="2.5s", retryPolicy=RETRY))
    assert (one.level, one.scope, one.timeout_s) == (Level.SERVICE, "p.S", 2.5)
    assert one.retry == Retry(4, Backoff(0.1, 1.0, 2.0), ("UNAVAILABLE",), (), False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"methodConfig": {}}',
        b'{"methodConfig": [1]}',
        b"[" * 100_000,
        config(timeout="10ms"),
        config(timeout=5),
        config(timeout="0s"),
        config(retryPolicy=[]),
        config(retryPolicy=RETRY | {"maxAttempts": 1}),
        config(retryPolicy=RETRY | {"maxAttempts": True}),
        config(retryPolicy=RETRY | {"initialBackoff": "0s"}),
        config(retryPolicy=RETRY | {"backoffMultiplier": 0}),
        config(retryPolicy=RETRY | {"retryableStatusCodes": []}),
        config(retryPolicy=RETRY | {"retryableStatusCodes": ["unavailable"]}),
        config(retryPolicy=RETRY | {"retryableStatusCodes": [14]}),
        b'{"methodConfig": [{"name": [{"method": "M"}]}]}',
        b'{"methodConfig": [{"name": ["p.S"]}]}',
    ],
)
def test_a_service_config_that_a_runtime_would_refuse_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"c\.json"):
        list(from_service_config("c.json", data))


VERBS = ("PUT", "PATCH", "DELETE")
OPENAPI = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
x-speakeasy-timeout: 4000
paths:
  /orders:
    get: {operationId: list, responses: {"200": {description: ok}}}
    post:
      operationId: create
      parameters: [{$ref: '#/components/parameters/Key'}]
      x-speakeasy-retries:
        strategy: backoff
        backoff: {initialInterval: 100, maxInterval: 400, exponent: 2, maxElapsedTime: 1000}
        statusCodes: [5XX, 429]
        retryConnectionErrors: true
      responses: {"200": {description: ok}}
  /orders/{id}:
    put: {x-fern-retries: {disabled: true}, responses: {"200": {description: ok}}}
    patch: {x-fern-idempotent: true, responses: {"200": {description: ok}}}
    delete: {responses: {"200": {description: ok}}}
components:
  parameters:
    Key: {name: Idempotency-Key, in: header, schema: {type: string}}
"""


def test_an_openapi_description_declares_by_method_header_and_extension() -> None:
    snapshot = Snapshot.of({"api.yaml": OPENAPI})
    places = list(from_openapi(Description(Library(snapshot), "api.yaml")))
    found = {
        name: policy_of(name, "", "api.yaml", places)
        for name in (
            "GET /orders",
            "POST /orders",
            "PUT /orders/{id}",
            "PATCH /orders/{id}",
            "DELETE /orders/{id}",
        )
    }
    assert [one.idempotency.value for one in found.values()] == [
        "safe",
        "keyed",
        "idempotent",
        "keyed",
        "idempotent",
    ]
    assert {one.timeout_s for one in found.values()} == {4.0}
    post = found["POST /orders"]
    assert post.key == "Idempotency-Key"
    # 0.1 + 0.2 + 0.4 s of waits fit into a second, one more of 0.4 s does not.
    assert post.retry == Retry(4, Backoff(0.1, 0.4, 2.0, 0.0), (), (429, 500, 502, 503, 504), True)
    assert found["PUT /orders/{id}"].tries == 1
    assert next(one.location.line for one in places if one.convention == "x-speakeasy-retries") == 10


def test_durations() -> None:
    assert [seconds_of(text) for text in ("1s", "500ms", "1.5m", "2h", "10us")] == [1, 0.5, 90, 7200, 1e-5]
    assert [seconds_of(text) for text in ("1", "PT1S", "-1s", "1 s", "1e3s", "")] == [None] * 6
    assert [proto_seconds(text) for text in ("1s", "0.5s", "10ms", "1", 1)] == [1, 0.5, None, None, None]
    assert [proto_text(one) for one in (1, 0.5, 0.1, 12)] == ["1s", "0.500000000s", "0.100000000s", "12s"]


CONFIGURED = """\
resilience:
  default: {timeout: 2s, breaker: {failures: 3, open: 5s}}
  policies:
    - for: p.S/M
      timeout: 500ms
      retry:
        {tries: 4, initial: 50ms, max: 200ms, multiplier: 3, jitter: 0, on: [UNAVAILABLE, 503, transport]}
      idempotency: keyed
      key: request_id
    - for: GET /orders
      per_try: 1s
    - for: api/orders.yaml
      timeout: 3s
    - for: p.S
      breaker: {failures: 0}
"""


def test_the_configuration_is_read() -> None:
    places = read(CONFIGURED.encode()).policies
    assert [(one.level.name, one.scope) for one in places] == [
        ("DEFAULT", ""),
        ("METHOD", "p.S/M"),
        ("METHOD", "GET /orders"),
        ("FILE", "api/orders.yaml"),
        ("SERVICE", "p.S"),
    ]
    policy = policy_of("p.S/M", "p.S", "x", places)
    assert policy.retry == Retry(4, Backoff(0.05, 0.2, 3.0, 0.0), ("UNAVAILABLE",), (503,), True)
    assert (policy.timeout_s, policy.key, policy.breaker) == (0.5, "request_id", None)


@pytest.mark.parametrize(
    "row",
    [
        "retry: {tries: 0}",
        "retry: {tries: 2.5}",
        "retry: {tries: many}",
        "retry: {on: []}",
        "retry: {on: [200]}",
        "retry: {on: [unavailable]}",
        "retry: {initial: 2s, max: 1s}",
        "timeout: 0s",
        "timeout: 30h",
        "breaker: {failures: -1}",
        "idempotency: unknown",
    ],
)
def test_a_wrong_policy_is_refused_with_its_line(row: str) -> None:
    with pytest.raises(UsageError, match=r"\.workspai\.yaml:[34]"):
        read(f"resilience:\n  policies:\n    - for: p.S\n      {row}\n".encode())
