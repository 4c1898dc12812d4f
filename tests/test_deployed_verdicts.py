"""Breaks of what is deployed: which services are told, with the lines of their addresses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from conftest import Scratch
from gotool import real

from workspai_hooks.tools.helm import resolve_helm

CART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
        - name: cart
          image: shop/cart
          ports: [{containerPort: 7070}]
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec:
  selector: {app: cart}
  ports:
    - {name: http, port: 7070, targetPort: 7070}
    - {name: admin, port: 9090, targetPort: 9090}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: shop/web
          env:
            - name: CART_ADDR
              value: "cart:7070"
"""
CODE = """\
import os

import requests

requests.get("http://" + os.environ["CART_ADDR"] + "/items")
"""
CLERK = WEB.replace("web", "clerk").replace("cart:7070", "cart:9090")
SOURCES: dict[str, str | bytes] = {
    **{f"src/{name}/Dockerfile": "FROM scratch\n" for name in ("cart", "web", "clerk")},
    "src/cart/app.py": "from flask import Flask\n\napp = Flask(__name__)\n",
    "src/web/app.py": CODE,
    "src/clerk/app.py": CODE,
}
MANIFESTS: dict[str, str | bytes] = {"cart.yaml": CART, "web.yaml": WEB, "clerk.yaml": CLERK}
LAYOUTS: dict[str, dict[str, str | bytes]] = {
    "manifests": {f"k8s/{name}": text for name, text in MANIFESTS.items()},
    "chart": {
        "k8s/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "k8s/values.yaml": "{}\n",
        **{f"k8s/templates/{name}": text for name, text in MANIFESTS.items()},
    },
    "kustomize": {
        "k8s/kustomization.yaml": f"resources: [{', '.join(MANIFESTS)}]\n",
        **{f"k8s/{name}": text for name, text in MANIFESTS.items()},
    },
}

Make = Callable[[Mapping[str, str | bytes]], Scratch]
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True, scope="module")
def _helm() -> None:
    real(resolve_helm)


def errors(cli: Cli, repository: Scratch) -> list[dict[str, Any]]:
    done = cli(repository.root, "check", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["undecided"]) == (1, []), done.stdout + done.stderr
    return [one for one in report["findings"] if one["severity"] == "error"]


def sites(found: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        one["service"]: sorted({f"{site['path']}:{site['line']}" for site in one["sites"]})
        for one in found["consumers"]
        if one["verdict"] == "breaks"
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_changed_port_names_who_asks_for_it_and_no_one_else(layout: str, scratch: Make, cli: Cli) -> None:
    repository = scratch({**SOURCES, **LAYOUTS[layout]})
    cart = "k8s/templates/cart.yaml" if layout == "chart" else "k8s/cart.yaml"
    web = cart.replace("cart.yaml", "web.yaml")
    (found,) = errors(cli, repository.replace(cart, "port: 7070, targetPort", "port: 7071, targetPort"))
    assert (found["contract"], found["element"]) == ("helm", "Service/cart:port/7070")
    assert sites(found) == {"web": [f"{web}:14", "src/web/app.py:5"]}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_changed_selector_is_an_error_of_its_own_service(layout: str, scratch: Make, cli: Cli) -> None:
    repository = scratch({**SOURCES, **LAYOUTS[layout]})
    cart = "k8s/templates/cart.yaml" if layout == "chart" else "k8s/cart.yaml"
    changed = CART.replace("matchLabels: {app: cart}", "matchLabels: {app: cart, tier: back}").replace(
        "labels: {app: cart}}\n    spec", "labels: {app: cart, tier: back}}\n    spec"
    )
    found = errors(cli, repository.write({cart: changed}))
    assert [one["element"] for one in found] == ["Deployment/cart:selector"]
    assert list(sites(found[0])) == ["cart"]


def test_a_consumer_that_moves_in_the_same_change_still_breaks_while_it_rolls_out(
    scratch: Make, cli: Cli
) -> None:
    repository = scratch({**SOURCES, **LAYOUTS["manifests"]})
    repository.replace("k8s/cart.yaml", "port: 7070, targetPort", "port: 7071, targetPort")
    (found,) = errors(cli, repository.replace("k8s/web.yaml", "cart:7070", "cart:7071"))
    (web,) = [one for one in found["consumers"] if one["service"] == "web"]
    assert (web["verdict"], web["hits"]) == ("breaks", ["running"])
    assert {site["side"] for site in web["sites"]} == {"base"}


def test_without_helm_a_chart_is_undecided(scratch: Make, cli: Cli) -> None:
    repository = scratch({**SOURCES, **LAYOUTS["chart"]})
    repository.replace("k8s/templates/cart.yaml", "port: 7070, targetPort", "port: 7071, targetPort")
    done = cli(repository.root, "check", WORKSPAI_HELM="/nowhere/helm")
    assert done.returncode == 3
    assert "WORKSPAI_HELM" in done.stdout


def test_a_missing_tool_hides_nothing_of_what_others_found(scratch: Make, cli: Cli) -> None:
    proto = 'syntax = "proto3";\npackage shop;\nmessage Line { int32 count = 1; int32 size = 2; }\n'
    repository = scratch({**SOURCES, **LAYOUTS["chart"], "shop.proto": proto})
    repository.replace("k8s/templates/cart.yaml", "port: 7070, targetPort", "port: 7071, targetPort")
    repository.replace("shop.proto", "int32 count = 1; ", "")
    done = cli(repository.root, "check", "--format", "json", WORKSPAI_HELM="/nowhere/helm")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["element"] for one in report["findings"]] == ["shop.Line.count"]
    assert [one["what"] for one in report["undecided"]] == ["helm"]
