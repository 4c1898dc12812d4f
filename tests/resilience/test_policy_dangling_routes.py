"""RT14 policy-dangling: routes of meshes that are rpcs' paths."""

from __future__ import annotations

import pytest

from resilience.scenes import found

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
service Cart { rpc GetCart(Ask) returns (Ask); }
"""
MESH = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart]
  http:
  - match: [{uri: {KIND: PATH}}]
    timeout: 2s
    route: [{destination: {host: cart}}]
"""


def dangling(kind: str, path: str) -> list[str]:
    mesh = MESH.replace("KIND", kind).replace("PATH", path)
    return list(found({"protos/cart.proto": PROTO, "deploy/mesh.yaml": mesh}, "RT14"))


@pytest.mark.parametrize(
    ("kind", "path", "named"),
    [
        ("exact", "/shop.v1.Cart/GetKart", "shop.v1.Cart/GetKart"),
        ("prefix", "/shop.v1.Kart/", "shop.v1.Kart"),
        ("prefix", "/shop.v1.Cart/Put", "shop.v1.Cart/Put"),
        ("exact", "/shop.v1.Carts/GetCart", "shop.v1.Carts/GetCart"),
        ("regex", "/shop\\.v1\\.Cart/GetKart", "shop.v1.Cart/GetKart"),
    ],
)
def test_a_path_of_no_rpc_here(kind: str, path: str, named: str) -> None:
    assert dangling(kind, path) == [f"file:deploy/mesh.yaml#{named}"]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("exact", "/shop.v1.Cart/GetCart"),
        ("prefix", "/shop.v1.Cart/"),
        ("prefix", "/shop.v1.Cart/Get"),
        ("prefix", "/shop.v1.Ca"),  # the beginning of a name
        ("exact", "/grpc.health.v1.Health/Check"),
        ("exact", "/mail.v1.Mailer/Send"),  # may be of a contract that lies elsewhere
        ("exact", "/api/v1.2/cart"),
        ("regex", "/shop.v1.Kart/.*"),
        ("regex", "/shop\\.v1\\.Cart/GetCart"),
    ],
)
def test_a_path_that_may_be_one(kind: str, path: str) -> None:
    assert dangling(kind, path) == []
