"""What `check` tells of policies: what a commit brings, and nothing that was there before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch

from workspai_hooks.findings import Finding, Severity
from workspai_hooks.inspection import Request, inspect

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
message Answer {}
service Cart {
  rpc GetCart(Ask) returns (Answer);
}
"""
CONFIG = '{"methodConfig": [{"name": [{"service": "shop.v1.Cart"}], "timeout": "2s"}]}\n'


Make = Callable[[Mapping[str, str | bytes]], Scratch]


@pytest.fixture
def cart(scratch: Make) -> Scratch:
    return scratch({"cart.proto": PROTO, "cart_grpc_service_config.json": CONFIG})


def told(repository: Scratch, stage: str = "pre-commit") -> tuple[int, list[Finding]]:
    report = inspect(Request(repository.root, stage))
    return report.exit_code, list(report.findings)


def test_an_rpc_beside_others_that_have_a_timeout_is_an_error(cart: Scratch) -> None:
    cart.replace("cart_grpc_service_config.json", '"shop.v1.Cart"', '"shop.v1.Cart", "method": "GetCart"')
    cart.commit()
    cart.replace("cart.proto", "service Cart {", "service Cart {\n  rpc Drop(Ask) returns (Answer);")
    code, findings = told(cart)
    missing = [(one.element, one.severity) for one in findings if one.rule == "RT01"]
    assert (code, missing) == (1, [("shop.v1.Cart/Drop", Severity.ERROR)])


def test_an_rpc_that_nobody_calls_where_nobody_has_policies_is_a_note(cart: Scratch) -> None:
    cart.write({"other.proto": PROTO.replace("shop.v1", "bank.v1")})
    code, findings = told(cart)
    missing = [(one.element, one.severity) for one in findings if one.rule == "RT01"]
    assert (code, missing) == (0, [("bank.v1.Cart/GetCart", Severity.NOTE)])


def test_a_config_that_goes_leaves_its_rpcs_without_a_timeout(cart: Scratch) -> None:
    cart.write({"cart_grpc_service_config.json": "{}\n"})
    _, findings = told(cart)
    assert [(one.rule, one.introduced) for one in findings] == [("RT01", "commit")]


def test_what_was_there_before_is_not_told(cart: Scratch) -> None:
    cart.write({"notes.json": '{"timeout": 1}\n'})
    assert told(cart) == (0, [])


POLICY = """resilience:
  policies:
  - {for: shop.v1.Cart/GetCart, timeout: 100ms, idempotency: safe, retry: {tries: 4, initial: 90ms}}
"""


def test_a_fault_that_gets_worse_is_told_again(cart: Scratch) -> None:
    cart.write({".workspai.yaml": POLICY}).commit()
    cart.replace(".workspai.yaml", "tries: 4", "tries: 5")
    assert [(one.rule, one.introduced) for one in told(cart)[1]] == [("RT12", "commit")]


def test_one_that_an_earlier_commit_of_the_branch_brought_is_the_branchs(cart: Scratch) -> None:
    cart.write({".workspai.yaml": POLICY}).commit()
    cart.write({"notes.json": '{"timeout": 1}\n'})
    code, findings = told(cart)
    assert (code, [(one.rule, one.introduced) for one in findings]) == (0, [("RT12", "branch")])


def test_a_severity_can_be_changed_and_a_rule_be_off(cart: Scratch) -> None:
    cart.write({".workspai.yaml": POLICY + "severities: {dead-retries: error}\n"})
    assert told(cart)[0] == 1
    cart.write({".workspai.yaml": POLICY + "severities: {RT12: off}\n"})
    assert told(cart) == (0, [])


def test_a_severity_of_a_break_can_not(cart: Scratch) -> None:
    cart.write({".workspai.yaml": "severities: {WSP101: off}\n"})
    report = inspect(Request(cart.root, "pre-commit"))
    assert report.exit_code == 2
    assert "WSP101 is no rule of policies" in str(report.misused)


def test_a_file_that_moves_takes_its_faults_along(cart: Scratch) -> None:
    fault = CONFIG.replace('"2s"', '"2s", "retry_policy": {}')
    cart.write({"cart_grpc_service_config.json": fault}).commit()
    cart.commit()
    cart.repo.git.branch("-f", "main")
    cart.repo.git.mv("cart_grpc_service_config.json", "shop_grpc_service_config.json")
    assert told(cart) == (0, [])
