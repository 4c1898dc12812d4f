"""RT02 retry-unsafe: rules of meshes and gateways that reach an operation, whoever calls it."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from resilience.test_gateways import GATEWAY, INGRESS, MIDDLEWARE, NGINX, route
from resilience.test_mesh_default_retry import FILES, MESH

RETRIED = MESH + "    retries: {attempts: 2}\n"
WAY_IN = RETRIED.replace("hosts: [payments]", "hosts: [shop.example.com]\n  gateways: [public]")
ROUTE = route(GATEWAY).replace("name: cart}]", "name: payments}]").replace("/cart", "/payments")
BEHIND = INGRESS.replace("name: cart", "name: payments")


def retried(deployed: str) -> dict[str, int]:
    """The operations of the fixture that are retried unsafely, and in which line."""
    faults = found(FILES | {"deploy/mesh.yaml": deployed}, "RT02")
    return {name: one.location.line for name, one in faults.items()}


@pytest.mark.parametrize(
    ("deployed", "line"),
    [
        (RETRIED, 8),
        (WAY_IN, 9),
        (ROUTE, 9),
        (BEHIND.replace("TEXT", f"{NGINX}-next-upstream: error non_idempotent"), 3),
    ],
    ids=["mesh", "istio-gateway", "gateway-api", "nginx"],
)
def test_a_post_that_is_tried_again(deployed: str, line: int) -> None:
    assert retried(deployed) == {"POST /payments": line}


@pytest.mark.parametrize(
    "deployed",
    [
        MESH,  # by default: RT03's
        ROUTE.replace("method: post", "method: get"),
        BEHIND.replace("TEXT", f"{NGINX}-next-upstream: error"),
        MIDDLEWARE.replace("name: cart", "name: payments"),  # only what nobody has got
        RETRIED.replace("{attempts: 2}", "{attempts: 2, retryOn: connect-failure}"),
    ],
    ids=["default", "get", "nginx", "traefik", "connect-failure"],
)
def test_a_post_that_is_not(deployed: str) -> None:
    assert retried(deployed) == {}
