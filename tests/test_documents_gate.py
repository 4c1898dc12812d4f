"""Which commits of YAML and JSON are looked into, and which end before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.conftest import Scratch
from workspai_hooks.changes.documents import may_be_contracts
from workspai_hooks.tools.staged import Git

DESCRIPTION = "openapi: 3.0.3\ninfo: {title: Orders, version: '1'}\npaths: {}\n"
REFERRING = f'{DESCRIPTION}components:\n  schemas:\n    Order: {{$ref: "parts/order.yml#/Order"}}\n'
FRAGMENT = "Order: {type: object}\n"
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def asks(repository: Scratch) -> bool:
    git = Git(repository.root)
    return may_be_contracts(git, git.staged())


@pytest.mark.parametrize(
    ("there", "staged"),
    [
        ({"a.txt": ""}, {"api/orders.yaml": DESCRIPTION}),
        ({"a.txt": ""}, {"api.json": '{"swagger": "2.0", "paths": {}}'}),
        ({"api/orders.yaml": REFERRING}, {"api/parts/order.yml": FRAGMENT}),
        ({"api.json": '{"openapi":"3.1.0","x":{"$ref":"order.json#/Order"}}'}, {"order.json": "{}"}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"chart/values.yaml": "port: 1\n"}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"chart/templates/cart": "kind: Service\n"}),
        ({"chart/Chart.yaml": "name: shop\n", "d.sh": "helm upgrade a chart\n"}, {"eu.yaml": "port: 1\n"}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"chart/README.md": "it may be read by .Files\n"}),
        ({"k/a/kustomization.yml": "patches: [{path: ../b/cart.json}]\n"}, {"k/b/cart.json": "[]"}),
        ({"a.txt": ""}, {"cart.yaml": "apiVersion: v1\nkind: Service\n"}),
        ({"cart.yaml": "apiVersion: v1\n"}, {"cart.yaml": "nothing: of it\n"}),
        ({"Chart.yaml": "name: shop\n"}, {"Chart.lock": "digest: x\n"}),
    ],
)
def test_what_may_be_a_contract_is_looked_into(
    scratch: Make, there: Mapping[str, str | bytes], staged: Mapping[str, str | bytes]
) -> None:
    assert asks(scratch(there).write(staged))


@pytest.mark.parametrize(
    ("there", "staged"),
    [
        ({"a.txt": ""}, {"package.json": '{"name": "shop"}', "b.py": "x = 1\n"}),
        ({"charts/shop/Chart.yaml": "name: shop\n"}, {"web/package.json": "{}"}),
        ({"deploy/kustomization.yaml": "resources: []\n"}, {"mkdocs.yml": "site_name: shop\n"}),
        ({"k/kustomization.yml": "resources: [a.yaml]\n"}, {"k/patches/cart.json": "[]"}),
        ({"docs.md": "$ref: order.json\n"}, {"order.json": "{}"}),
        ({"api/orders.yaml": REFERRING}, {"api/parts/book.yml": FRAGMENT}),
        ({"a.txt": ""}, {"web/node_modules/x/order.json": "{}"}),
        ({"api/orders.yaml": DESCRIPTION}, {"b.py": "x = 1\n"}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"deploy/eu.yaml": "port: 1\n"}),
        ({"chart/Chart.yaml": "name: shop\n"}, {"README.md": "apiVersion\n"}),
    ],
)
def test_other_configuration_is_not(
    scratch: Make, there: Mapping[str, str | bytes], staged: Mapping[str, str | bytes]
) -> None:
    assert not asks(scratch(there).write(staged))


def test_a_deleted_description_is_looked_into(scratch: Make) -> None:
    repository = scratch({"api.yaml": DESCRIPTION})
    repository.repo.git.rm("--quiet", "api.yaml")
    assert asks(repository)


@pytest.mark.parametrize(("there", "expected"), [("a.txt", False), ("chart/Chart.yaml", True)])
def test_many_files_beside_a_chart_are_looked_into(scratch: Make, there: str, expected: bool) -> None:
    many = {f"f{number}/x.json": "{}" for number in range(1001)}
    assert asks(scratch({there: "name: shop\n"}).write(many)) is expected
