from __future__ import annotations

from environments.shop import built, rows

PROTO = 'syntax = "proto3";\npackage shop;\nmessage Cart {\n  string id = 1;\n}\n'
LOADS = "from concurrent import futures\nimport grpc\nprotos = grpc.protos('../protos/shop.proto')\n"


def shop(carts: str, orders: str, proto: bool = True) -> dict[str, str]:
    files = built("cart", f"FROM {carts}\nCOPY . .\n", LOADS) | built(
        "orders", f"FROM {orders}\nCOPY . .\n", LOADS
    )
    return files | ({"protos/shop.proto": PROTO} if proto else {})


def test_one_that_lags_behind_those_that_it_shares_a_contract_with() -> None:
    assert rows(shop("python:3.9", "python:3.12")) == [
        "ED05 note cart:runtime/python cart/Dockerfile:1 orders/Dockerfile:1"
    ]


def test_services_without_a_contract_in_common_go_their_own_ways() -> None:
    assert rows(shop("python:3.9", "python:3.12", proto=False)) == []


def test_one_release_in_another_spelling() -> None:
    assert rows(shop("python:3.12-slim", "python:3.12.4-alpine")) == []
    assert rows(shop("python:3", "python:3.12")) == []


def test_other_languages_are_not_compared() -> None:
    assert rows(shop("python:3.12", "node:20")) == []
