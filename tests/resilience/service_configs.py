"""A contract and service configs beside it, for tests of the rules about them."""

from __future__ import annotations

import json
from collections.abc import Mapping

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
message Answer {}
service Cart {
  rpc GetCart(Ask) returns (Answer) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Pay(Ask) returns (Answer);
  rpc Upload(stream Ask) returns (Answer);
  rpc Chat(stream Ask) returns (stream Answer);
  rpc Watch(Ask) returns (stream Answer);
}
service Stock {
  rpc Count(Ask) returns (Answer) { option idempotency_level = NO_SIDE_EFFECTS; }
}
"""
CONTRACT, CONFIG = "protos/cart.proto", "protos/cart_grpc_service_config.json"
RETRY: Mapping[str, object] = {
    "maxAttempts": 3,
    "initialBackoff": "0.1s",
    "maxBackoff": "0.2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def method(*names: str, **values: object) -> dict[str, object]:
    """An entry for `shop.v1.Cart`, `shop.v1.Cart/GetCart`, or all (an empty name)."""
    parts = [name.partition("/") for name in names]
    said = [
        {"service": one, "method": rpc} if rpc else {"service": one} if one else {} for one, _, rpc in parts
    ]
    return {"name": said, **values}


def scene(*methods: Mapping[str, object], **more: object) -> dict[str, str | bytes]:
    """The contract with a config of these entries."""
    text = json.dumps({"methodConfig": list(methods), **more}, indent=2)
    return {CONTRACT: PROTO, CONFIG: text}


def line(files: Mapping[str, str | bytes], text: str) -> int:
    """The line of the config with this text in it."""
    lines = str(files[CONFIG]).splitlines()
    (found,) = (number for number, one in enumerate(lines, 1) if text in one)
    return found
