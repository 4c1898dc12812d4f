"""OpenShift's templates: parameters, routes, builds from folders of the repository."""

from __future__ import annotations

import json

import pytest
from test_edges import pairs

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.services import discover

TEMPLATE = """apiVersion: v1
kind: Template
objects:
- kind: BuildConfig
  metadata: {name: front}
  spec:
    output: {to: {kind: ImageStreamTag, name: "front:latest"}}
    source: {contextDir: pages, git: {uri: "${GIT}"}}
- kind: DeploymentConfig
  metadata: {name: front}
  spec:
    template:
      spec:
        containers:
        - name: front
          image: " "
          env: [{name: CART_URL, value: "%s"}]
    triggers:
    - imageChangeParams: {from: {kind: ImageStreamTag, name: "front:latest"}}
- kind: DeploymentConfig
  metadata: {name: "${CART}"}
  spec:
    template:
      metadata: {labels: {app: cart}}
      spec: {containers: [{name: c, image: "acme/${CART}"}]}
- kind: Service
  metadata: {name: cart-svc}
  spec: {selector: {app: cart}, ports: [{port: 80}]}
- kind: Route
  metadata: {name: cart}
  spec: {host: "cart-${SUFFIX}", to: {kind: Service, name: cart-svc}}
parameters:
- {name: CART, value: cart}
- {name: SUFFIX, required: true}
- {name: GIT}
"""
CODE = {
    "pages/package.json": '{"name": "x"}',
    "pages/server.js": "fetch(process.env.CART_URL)\n",
    "cart/Dockerfile": "FROM node\n",
    "cart/server.js": "listen()\n",
}


@pytest.mark.parametrize("value", ["http://cart-svc", "http://cart-${SUFFIX}/v1", "http://${CART}"])
def test_a_template(value: str) -> None:
    files = {"deploy/shop.yaml": TEMPLATE % value, **CODE}
    assert pairs(files) == [("front", "cart", "http", "proven")]
    assert {one.name: one.roots for one in discover(Snapshot.of(files)).all} == {
        "front": ("pages",),
        "cart": ("cart",),
    }


@pytest.mark.parametrize("value", ["http://${OTHER}", "http://stock-${SUFFIX}", "${SUFFIX}"])
def test_a_parameter_that_says_nothing(value: str) -> None:
    assert pairs({"deploy/shop.yaml": TEMPLATE % value, **CODE}) == []


def test_a_template_as_json() -> None:
    workload = {"kind": "DeploymentConfig", "metadata": {"name": "cart"}}
    container = {"name": "c", "image": "acme/cart", "env": [{"name": "A", "value": "b"}]}
    workload["spec"] = {"template": {"spec": {"containers": [container]}}}
    text = json.dumps({"kind": "Template", "objects": [workload]}, indent=1)
    assert [one.name for one in discover(Snapshot.of({"openshift/cart-template.json": text})).all] == ["cart"]
    assert discover(Snapshot.of({"package-lock.json": text})).all == ()
    broken = {"openshift/cart-template.json": text[:-4]}
    assert discover(Snapshot.of(broken)).undecided != ()
