"""RT01 no-timeout."""

from __future__ import annotations

from resilience.scenes import found

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
message Answer {}
service Cart {
  rpc GetCart(Ask) returns (Answer);
  rpc Watch(Ask) returns (stream Answer);
}
"""
CONFIG = '{"methodConfig": [{"name": [{"service": "shop.v1.Cart"}], "timeout": "2s"}]}'


def test_an_rpc_that_no_policy_gives_a_timeout() -> None:
    faults = found({"protos/cart.proto": PROTO}, "RT01")
    assert list(faults) == ["shop.v1.Cart/GetCart"]
    assert faults["shop.v1.Cart/GetCart"].location.line == 6


def test_a_service_config_gives_it_one() -> None:
    assert found({"protos/cart.proto": PROTO, "protos/cart_grpc_service_config.json": CONFIG}, "RT01") == {}


def test_the_configuration_gives_it_one() -> None:
    own = "resilience:\n  policies:\n  - for: shop.v1.Cart/GetCart\n    timeout: 2s\n"
    assert found({"protos/cart.proto": PROTO, ".workspai.yaml": own}, "RT01") == {}
