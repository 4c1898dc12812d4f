"""RT01 timeout-missing."""

from __future__ import annotations

from resilience.scenes import found, view

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


SYSTEM = {
    "docker-compose.yml": """services:
  front:
    build: front
    environment: {CART: "cart:50051", STOCK: "http://stock:8080"}
  cart: {build: cart}
  stock: {build: stock}
""",
    "front/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD python main.py\n",
    "cart/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD python main.py\n",
    "stock/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD python main.py\n",
    "protos/cart.proto": PROTO,
    "cart/main.py": """import grpc
import cart_pb2_grpc
class Cart(cart_pb2_grpc.CartServicer):
    def GetCart(self, request, context):
        return None
def serve():
    server = grpc.server(None)
    cart_pb2_grpc.add_CartServicer_to_server(Cart(), server)
""",
    "stock/main.py": "import flask\n",
}
FRONT = """import os
import grpc
import requests
import cart_pb2_grpc
def get(ask):
    stub = cart_pb2_grpc.CartStub(grpc.insecure_channel(os.environ["CART"]))
    return stub.GetCart(ask{})
def stock():
    return requests.get(os.environ["STOCK"] + "/books"{})
"""


def test_calls_without_a_deadline_in_code_are_named() -> None:
    faults = found({**SYSTEM, "front/main.py": FRONT.format("", "")}, "RT01")
    assert sorted(faults) == ["front -> stock", "shop.v1.Cart/GetCart"]
    assert [str(one) for one in faults["shop.v1.Cart/GetCart"].related] == ["front/main.py:7"]
    assert str(faults["front -> stock"].location) == "front/main.py:9"


def test_calls_with_one_are_not() -> None:
    front = FRONT.format(", timeout=2", ", timeout=LIMIT")
    assert found({**SYSTEM, "front/main.py": front}, "RT01") == {}
    seen = view({**SYSTEM, "front/main.py": front})
    (call,) = (one for one in seen.calls if one.operation)
    assert (call.timeout_s, call.acting[0].convention) == (2.0, "timeout=")


def test_of_several_calls_those_without_one_are_named() -> None:
    front = FRONT.format(", timeout=2", ", timeout=2") + "def again(stub, ask):\n    return None\n"
    other = FRONT.format("", ", timeout=3")
    faults = found({**SYSTEM, "front/main.py": front, "front/other.py": other}, "RT01")
    assert [str(one) for one in faults["shop.v1.Cart/GetCart"].related] == ["front/other.py:7"]
