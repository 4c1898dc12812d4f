"""RT03 mesh-default-retry."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch

from resilience.scenes import found
from workspai_hooks.findings import Severity
from workspai_hooks.inspection import Request, inspect

OPENAPI = """openapi: 3.0.3
info: {title: Payments, version: '1'}
paths:
  /payments:
    get: {responses: {'200': {description: ok}}}
    post: {responses: {'201': {description: ok}}}
  /refunds:
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      responses: {'201': {description: ok}}
"""
MESH = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: payments}
spec:
  hosts: [payments]
  http:
  - route: [{destination: {host: payments}}]
"""
FILES = {
    "payments/openapi.yaml": OPENAPI,
    "payments/Dockerfile": "FROM scratch\n",
    "deploy/mesh.yaml": MESH,
    ".workspai.yaml": "services: [{name: payments, roots: [payments]}]\n",
}


def test_a_post_without_a_key() -> None:
    faults = found(dict(FILES), "RT03")
    assert list(faults) == ["POST /payments"]
    (fault,) = faults.values()
    assert (fault.severity, str(fault.location)[:18], fault.operations) == (
        Severity.WARNING,
        "deploy/mesh.yaml:7",
        ("POST /payments",),
    )


def test_the_way_in_retries_as_well() -> None:
    way_in = MESH.replace("hosts: [payments]", "hosts: [shop.example.com]\n  gateways: [public]")
    assert list(found(FILES | {"deploy/mesh.yaml": way_in}, "RT03")) == ["POST /payments"]


@pytest.mark.parametrize(
    "mesh",
    [
        MESH + "    retries: {attempts: 0}\n",
        MESH + "    retries: {attempts: 2}\n",  # somebody wrote it: RT02's
        MESH.replace("payments]", "orders]").replace("host: payments", "host: orders"),
        "",
    ],
)
def test_where_nothing_is_retried_by_default(mesh: str) -> None:
    assert found(FILES | {"deploy/mesh.yaml": mesh}, "RT03") == {}


PROTO = """syntax = "proto3";
package shop.v1;
message Ask {}
service Payments { rpc Pay(Ask) returns (Ask); rpc Get(Ask) returns (Ask); }
"""
SERVER = """import payments_pb2_grpc


class Servicer(payments_pb2_grpc.PaymentsServicer):
    def Pay(self, request, context):
        return request


def serve(server):
    payments_pb2_grpc.add_PaymentsServicer_to_server(Servicer(), server)
"""


def test_an_rpc_that_is_declared_unsafe() -> None:
    settings = FILES[".workspai.yaml"] + (
        "resilience: {policies: [{for: shop.v1.Payments/Pay, idempotency: unsafe}]}\n"
    )
    files = {
        "protos/payments.proto": PROTO,
        "payments/app.py": SERVER,
        "payments/Dockerfile": "FROM scratch\n",
        "deploy/mesh.yaml": MESH,
        ".workspai.yaml": settings,
    }
    faults = found(dict(files), "RT03")
    assert {name: one.severity for name, one in faults.items()} == {"shop.v1.Payments/Pay": Severity.ERROR}
    assert found(files | {".workspai.yaml": FILES[".workspai.yaml"]}, "RT03") == {}


def test_a_commit_that_brings_the_rule(scratch: Callable[[Mapping[str, str]], Scratch]) -> None:
    repository = scratch({path: text for path, text in FILES.items() if path != "deploy/mesh.yaml"})
    repository.write({"deploy/mesh.yaml": MESH})
    report = inspect(Request(repository.root, "pre-commit"))
    assert [(one.rule, one.introduced) for one in report.findings] == [("RT03", "commit")]
