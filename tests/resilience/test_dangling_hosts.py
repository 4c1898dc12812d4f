"""RT14 policy-dangling: hosts of a mesh's rules."""

from __future__ import annotations

import pytest

from resilience.scenes import found

MESH = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: x}
spec:
  hosts: [HOST]
  http: [{route: [{destination: {host: HOST}}], timeout: 2s, retries: {attempts: 0}}]
"""


def dangling(host: str) -> list[str]:
    files = {
        "deploy/mesh.yaml": MESH.replace("HOST", host),
        "payments/Dockerfile": "FROM scratch\n",
        ".workspai.yaml": "services: [{name: payments, roots: [payments]}, {name: orders-v1}]\n",
        "orders/Dockerfile": "FROM scratch\n",
    }
    return [one.message for one in found(files, "RT14").values()]


@pytest.mark.parametrize("host", ["payment", "paymnets", "poyments", "paymentss.shop.svc.cluster.local"])
def test_a_host_one_slip_away(host: str) -> None:
    assert dangling(host) == [f"a rule for {host}, which is no service here; there is payments"]


@pytest.mark.parametrize(
    "host", ["payments", "payments.shop.svc.cluster.local", "orders-v2", "mail", "payment.com"]
)
def test_a_host_that_may_be_one(host: str) -> None:
    assert dangling(host) == []
