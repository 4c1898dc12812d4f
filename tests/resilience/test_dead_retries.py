"""RT12 dead-retries."""

from __future__ import annotations

from resilience.scenes import found

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
service Cart { rpc Show(Ask) returns (Ask); }
"""
ROW = "resilience:\n  policies:\n  - {{for: shop.v1.Cart/Show, idempotency: safe, timeout: {}, retry: {}}}\n"


def test_waits_alone_use_up_the_time() -> None:
    own = ROW.format("1s", "{tries: 5, initial: 400ms, max: 1s}")
    fault = found({"cart.proto": PROTO, ".workspai.yaml": own}, "RT12")["shop.v1.Cart/Show"]
    assert fault.change == "2 of 5 tries"


def test_tries_that_fit() -> None:
    own = ROW.format("5s", "{tries: 5, initial: 100ms, max: 1s}")
    assert found({"cart.proto": PROTO, ".workspai.yaml": own}, "RT12") == {}
