"""RT23 policy-disagreement."""

from __future__ import annotations

import pytest

from resilience.scenes import found, view
from workspai_hooks.resilience.calls import Acting, Call
from workspai_hooks.resilience.checks import policy_disagreement
from workspai_hooks.resilience.model import Policy, Retry, Where
from workspai_hooks.source import Location

PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
service Cart { rpc Show(Ask) returns (Ask) { option idempotency_level = NO_SIDE_EFFECTS; } }
"""
CONFIG = '{"methodConfig": [{"name": [{"service": "shop.v1.Cart"}], "timeout": "%s"}]}'


def test_two_configs_of_one_service() -> None:
    files = {
        "a/cart.proto": PROTO,
        "a/x_grpc_service_config.json": CONFIG % "2s",
        "a/y_grpc_service_config.json": CONFIG % "3s",
    }
    fault = found(files, "RT23")["shop.v1.Cart/Show"]
    assert fault.change == "timeout 2 s, 3 s"
    assert {fault.location.path, fault.related[0].path} == set(files) - {"a/cart.proto"}


def test_copies_that_say_the_same() -> None:
    files = {
        "a/cart.proto": PROTO,
        "a/x_grpc_service_config.json": CONFIG % "2s",
        "a/y_grpc_service_config.json": CONFIG % "2s",
    }
    assert found(files, "RT23") == {}


@pytest.mark.parametrize(("said", "clashes"), [("unsafe", True), ("idempotent", False)])
def test_the_configuration_and_the_contract(said: str, *, clashes: bool) -> None:
    own = f"resilience: {{policies: [{{for: shop.v1.Cart/Show, idempotency: {said}}}]}}\n"
    assert bool(found({"cart.proto": PROTO, ".workspai.yaml": own}, "RT23")) is clashes


@pytest.mark.parametrize(("layer", "clashes"), [("sidecar", True), ("none", True), ("client", False)])
def test_another_program_retries_than_the_contract_names(layer: str, *, clashes: bool) -> None:
    openapi = f"openapi: 3.0.3\npaths:\n  /cart:\n    get: {{x-workspai-retry-layer: {layer}}}\n"
    acting = Acting(Where.CLIENT, Policy("GET /cart", retry=Retry(3)), "x", Location("x.yaml"))
    call = Call("front", "cart", "GET /cart", "a.yaml", "http", (), (acting,))
    seen = view({"a.yaml": openapi})
    seen.__dict__["calls"] = (call,)
    assert bool(list(policy_disagreement.find(seen))) is clashes
