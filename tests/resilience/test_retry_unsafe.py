"""RT02 retry-unsafe."""

from __future__ import annotations

import json

from resilience.scenes import found

PROTO = """syntax = "proto3";
package bank.v1;
import "google/api/annotations.proto";
message Ask { string id = 1; }
message Answer {}
service Payments {
  rpc Pay(Ask) returns (Answer);
  rpc Show(Ask) returns (Answer) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Move(Ask) returns (Answer) { option idempotency_level = IDEMPOTENT; }
}
""".replace('import "google/api/annotations.proto";\n', "")


def config(*rpcs: str) -> str:
    policy = {
        "maxAttempts": 3,
        "initialBackoff": "0.1s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    names = [{"service": "bank.v1.Payments", "method": one} for one in rpcs]
    return json.dumps({"methodConfig": [{"name": names, "timeout": "5s", "retryPolicy": policy}]})


def test_an_rpc_that_nobody_declared_is_retried() -> None:
    faults = found({"pay.proto": PROTO, "pay_grpc_service_config.json": config("Pay")}, "RT02")
    assert list(faults) == ["bank.v1.Payments/Pay"]
    assert "nobody declared" in faults["bank.v1.Payments/Pay"].message


def test_declared_rpcs_may_be() -> None:
    assert found({"pay.proto": PROTO, "pay_grpc_service_config.json": config("Show", "Move")}, "RT02") == {}


def test_what_is_declared_unsafe_is_told_as_that() -> None:
    own = "resilience: {policies: [{for: bank.v1.Payments/Pay, idempotency: unsafe}]}\n"
    files = {"pay.proto": PROTO, "pay_grpc_service_config.json": config("Pay"), ".workspai.yaml": own}
    assert "declared unsafe" in found(files, "RT02")["bank.v1.Payments/Pay"].message


def test_a_key_makes_it_harmless() -> None:
    own = "resilience: {policies: [{for: bank.v1.Payments/Pay, key: id}]}\n"
    files = {"pay.proto": PROTO, "pay_grpc_service_config.json": config("Pay"), ".workspai.yaml": own}
    assert found(files, "RT02") == {}
