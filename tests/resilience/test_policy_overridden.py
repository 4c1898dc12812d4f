"""RT21 policy-overridden."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from resilience.test_gateways import ANNOTATED, GATEWAY, POLICY, PROFILE, SERVICE, route

VIRTUAL = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: NAME}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart}}], retries: {attempts: 0}}]
"""
GATED = VIRTUAL.replace("NAME", "b").replace("spec:", "spec:\n  gateways: [public]")
OTHER = VIRTUAL.replace("NAME", "b").replace("hosts: [cart]", "hosts: [other]")
TIMED = ANNOTATED.replace("TEXT", "timeout.linkerd.io/request: 2s")
RETRIED = POLICY.replace("retry:", "timeout: {http: {requestTimeout: 9s}}\n  retry:")


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({"k/a.yaml": f"{TIMED}---\n{PROFILE}"}, [5]),
        ({"k/a.yaml": f"{route(SERVICE, 'retry.linkerd.io/http: 5xx')}---\n{PROFILE}"}, [3]),
        ({"k/a.yaml": f"{route(GATEWAY)}---\n{RETRIED}"}, [17, 18]),
        ({"k/a.yaml": f"{VIRTUAL}---\n{VIRTUAL.replace('NAME', 'other')}"}, [12]),
        (
            {
                "k/a.yaml": VIRTUAL,
                "k/b.yaml": VIRTUAL.replace("NAME", "other"),
                "k/kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
            },
            [5],
        ),
    ],
    ids=["annotations", "route", "traffic-policy", "one-file", "kustomization"],
)
def test_what_does_nothing(files: dict[str, str], lines: list[int]) -> None:
    faults = found(dict(files), "RT21")
    assert sorted(one.location.line for one in faults.values()) == lines
    assert all(one.related for one in faults.values())


@pytest.mark.parametrize(
    "files",
    [
        {"k/a.yaml": TIMED, "k/b.yaml": PROFILE.replace("cart.shop", "other.shop")},
        {"k/a.yaml": TIMED, "k/b.yaml": PROFILE},  # one may be there instead of the other
        {"k/a.yaml": f"{route(GATEWAY).replace('retry:', 'x:').replace('request:', 'y:')}---\n{RETRIED}"},
        {"k/a.yaml": VIRTUAL, "k/b.yaml": VIRTUAL.replace("NAME", "other")},
        {"k/a.yaml": f"{VIRTUAL}---\n{OTHER}"},
        {"k/a.yaml": f"{VIRTUAL}---\n{GATED}"},
    ],
)  # fmt: skip
def test_what_acts(files: dict[str, str]) -> None:
    assert found(dict(files), "RT21") == {}
