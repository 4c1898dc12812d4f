"""RT04 idempotency-undeclared."""

from __future__ import annotations

from resilience.scenes import found
from workspai_hooks.findings import Severity

PROTO = """syntax = "proto3";
package shop.v1;
message GetBookRequest {}
message Book {}
service Books {
  rpc GetBook(GetBookRequest) returns (Book);
  rpc Buy(GetBookRequest) returns (Book);
  rpc Look(GetBookRequest) returns (Book) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Watch(GetBookRequest) returns (stream Book);
}
"""


def test_rpcs_that_say_nothing() -> None:
    assert list(found({"shop.proto": PROTO}, "RT04")) == ["shop.v1.Books/GetBook", "shop.v1.Books/Buy"]


def test_a_standard_get_can_be_declared_by_a_patch() -> None:
    faults = found({"shop.proto": PROTO}, "RT04")
    assert faults["shop.v1.Books/Buy"].fix is None
    fix = faults["shop.v1.Books/GetBook"].fix
    assert fix is not None
    assert "+    option idempotency_level = NO_SIDE_EFFECTS;" in fix.patch


def test_the_configuration_declares_it() -> None:
    own = "resilience: {policies: [{for: shop.v1.Books, idempotency: idempotent}]}\n"
    assert found({"shop.proto": PROTO, ".workspai.yaml": own}, "RT04") == {}


def test_it_matters_where_others_of_the_service_declare_theirs() -> None:
    faults = found({"shop.proto": PROTO}, "RT04")
    assert {one.severity for one in faults.values()} == {Severity.WARNING}


def test_where_nobody_declares_any_it_is_a_note() -> None:
    text = PROTO.replace(" { option idempotency_level = NO_SIDE_EFFECTS; }", ";")
    faults = found({"shop.proto": text}, "RT04")
    assert {one.severity for one in faults.values()} == {Severity.NOTE}


def test_a_contract_of_somebody_else_is_not_ours_to_declare() -> None:
    assert (
        found({"vendor/shop/shop.proto": PROTO, "test/shop.proto": PROTO.replace("shop", "other")}, "RT04")
        == {}
    )
