"""`stubs --emit` prints the policies of a repository's contracts, by the host that implements them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping

import pytest
import yaml
from conftest import Scratch

Cli = Callable[..., subprocess.CompletedProcess[str]]

PROTO = """\
syntax = "proto3";
package mart;
message M { string x = 1; }
service Cart {
  rpc Get(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Add(M) returns (M);
}
"""
API = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get: {responses: {"200": {description: ok}}}
    post: {responses: {"200": {description: ok}}}
"""


def documents(cli: Cli, made: Scratch, *flags: str) -> tuple[int, list[Mapping[str, object]], str]:
    done = cli(made.root, "stubs", *flags)
    assert "Traceback" not in done.stderr
    return done.returncode, [one for one in yaml.safe_load_all(done.stdout) if one], done.stderr


@pytest.mark.parametrize(
    ("dialect", "kinds"),
    [("istio", {"VirtualService", "DestinationRule"}), ("gateway-api", {"HTTPRoute"}), ("envoy", {None})],
)
def test_a_named_host_gets_the_routes_of_its_contract(
    shop: Scratch, cli: Cli, dialect: str, kinds: set[str | None]
) -> None:
    made = shop.write({"cart.proto": PROTO})
    code, found, _ = documents(cli, made, "--emit", dialect, "--host", "cart.mart", "cart.proto")
    assert code == 0
    assert {one.get("kind") for one in found} == kinds
    text = yaml.safe_dump_all(found)
    assert "mart.Cart" in text
    assert "cart" in text


def test_what_nobody_implements_needs_a_host(scratch: Callable[..., Scratch], cli: Cli) -> None:
    made = scratch({"cart.proto": PROTO, "api.yaml": API})
    code, found, said = documents(cli, made, "--emit", "istio")
    assert (code, found) == (3, [])
    assert "mart.Cart" in said
    assert "--host HOST cart.proto" in said


def test_the_host_is_who_implements_it_and_retries_are_only_for_what_is_idempotent(
    scratch: Callable[..., Scratch], cli: Cli
) -> None:
    server = (
        "import grpc\nimport cart_pb2_grpc\n\n\nclass Cart(cart_pb2_grpc.CartServicer):\n"
        "    def Get(self, request, context):\n        return request\n\n\n"
        "def serve(server: grpc.Server) -> None:\n"
        "    cart_pb2_grpc.add_CartServicer_to_server(Cart(), server)\n"
    )
    made = scratch(
        {
            "protos/cart.proto": PROTO,
            "services/basket/server.py": server,
            "services/basket/Dockerfile": 'FROM python:3.12\nCMD ["python", "server.py"]\n',
        }
    )
    code, found, said = documents(cli, made, "--emit", "istio")
    assert code == 0, said
    (virtual,) = [one for one in found if one["kind"] == "VirtualService"]
    assert virtual["spec"]["hosts"] == ["basket"]  # type: ignore[index]
    attempts = {one["name"]: one["retries"]["attempts"] for one in virtual["spec"]["http"]}  # type: ignore[index]
    assert attempts == {"mart.Cart/Get": 2, "mart.Cart/Add": 0, "everything-else": 0}


def test_spring_needs_no_host(scratch: Callable[..., Scratch], cli: Cli) -> None:
    """tests/stubs/test_emit_spring.py has what openapi-generator makes of it."""
    made = scratch({"api/orders.yaml": API, "cart.proto": PROTO})
    code, (overlay,), said = documents(cli, made, "--emit", "spring")
    assert code == 0, said
    assert [one["target"] for one in overlay["actions"]] == ["$.paths['/orders'].get"]  # type: ignore[attr-defined]


def test_wrong_usage(scratch: Callable[..., Scratch], cli: Cli) -> None:
    made = scratch({"cart.proto": PROTO})
    assert cli(made.root, "stubs", "--host", "x").returncode == 2
    assert cli(made.root, "stubs", "--emit", "istio", "nobody.proto").returncode == 2
    assert cli(made.root, "stubs", "--emit", "istio", "--host", "a b", "cart.proto").returncode == 2
