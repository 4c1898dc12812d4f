"""RT14 policy-dangling."""

from __future__ import annotations

import pytest

from resilience.scenes import bookshop, found
from resilience.service_configs import CONFIG, line, method, scene


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("shop.v1.Cart/GetKart", "there is GetCart"),
        ("shop.v1.Cart/getCart", "there is GetCart"),
        ("shop.v1.Cart/Refund", ""),
        ("shop.v1.Carts", "there is shop.v1.Cart"),
        ("Cart/GetCart", "there is shop.v1.Cart"),
        ("shop.v2.Cart", "there is shop.v1.Cart"),
        ("shop.v1.Cart./GetCart", "there is shop.v1.Cart"),
    ],
)
def test_a_name_that_no_contract_has(name: str, near: str) -> None:
    files = scene(method("shop.v1.Stock", name, timeout="1s"))
    faults = found(files, "RT14")
    assert list(faults) == [f"file:{CONFIG}#{name}"]
    (one,) = faults.values()
    assert near in one.message
    service = name.partition("/")[0]
    assert one.location.line == line(files, f'"service": "{service}"') - 1


def test_names_that_there_are() -> None:
    names = ("", "shop.v1.Cart", "shop.v1.Cart/Pay", "shop.v1.Stock/Count")
    assert found(scene(*(method(name, timeout="1s") for name in names)), "RT14") == {}


def test_a_service_of_contracts_that_lie_elsewhere() -> None:
    files = scene(method("bank.v1.Ledger/Book", timeout="1s"))
    elsewhere = {"config/grpc_client.json": files.pop(CONFIG)}
    assert found({**files, **elsewhere}, "RT14") == {}


def test_where_a_contract_can_not_be_read_nobody_knows() -> None:
    files = scene(method("shop.v1.Carts", "shop.v2.Cart", timeout="1s"))
    broken = {"protos/carts.proto": 'syntax = "proto3"; package shop.v1; service Carts { rpc }'}
    assert found({**files, **broken}, "RT14") == {}


def test_the_configuration_names_what_is_not_here() -> None:
    own = """resilience:
  policies:
  - {for: shop.v1.Cart/Gone, timeout: 1s}
  - {for: shop.v1.Cart/Show, timeout: 1s}
  - {for: GET /nowhere, timeout: 1s}
"""
    service = "message Ask {}\nservice Cart { rpc Show(Ask) returns (Ask); }\n"
    proto = f'syntax = "proto3";\npackage shop.v1;\n{service}'
    faults = found({"cart.proto": proto, ".workspai.yaml": own}, "RT14")
    assert [one.location.line for one in faults.values()] == [3, 5]


def test_an_entry_point_that_is_nobody() -> None:
    rows = ("{for: storefrnt, timeout_budget: 1s}", "{for: storefront, timeout_budget: 9s}")
    own = f"resilience: {{entry_points: [{', '.join(rows)}]}}\n"
    assert list(found(bookshop(**{".workspai.yaml": own}), "RT14")) == ["file:.workspai.yaml#storefrnt"]
