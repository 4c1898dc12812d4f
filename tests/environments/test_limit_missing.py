from __future__ import annotations

import pytest

from environments.shop import compose, deployment, rows

LIMITS = "resources:\n  limits:\n    memory: 512Mi\n    cpu: 500m"


def system(local: list[str], container: str) -> dict[str, str]:
    return {
        "compose.yaml": compose("cart", "image: shop/cart", *local),
        "k8s/cart.yaml": deployment("cart", "shop/cart", container),
    }


@pytest.mark.parametrize(
    ("local", "line"),
    [(["mem_limit: 512m"], 4), (["deploy:", "  resources:", "    limits: {memory: 512M}"], 6)],
)
def test_what_is_limited_locally_and_not_in_production(local: list[str], line: int) -> None:
    assert rows(system(local, "")) == [f"ED09 note cart:limit/memory compose.yaml:{line} k8s/cart.yaml:4"]


def test_what_both_or_only_production_limit() -> None:
    assert rows(system(["mem_limit: 512m"], LIMITS)) == []
    assert rows(system([], LIMITS)) == []


def test_resources_that_are_given_twice_are_not_known() -> None:
    assert rows(system(["mem_limit: 512m"], f"{LIMITS}\nresources: {{}}")) == []


def test_a_cpu_is_often_left_without_a_limit_on_purpose() -> None:
    assert rows(system(["cpus: '1'"], "resources:\n  requests:\n    cpu: 100m")) == []
    assert len(rows(system(["cpus: '1'"], ""))) == 1


def test_one_cluster_without_the_limit_of_the_others() -> None:
    patch = "patches:\n  - patch: |-\n      - op: remove\n"
    patch += "        path: /spec/template/spec/containers/0/resources\n"
    files = {
        "k8s/base/kustomization.yaml": "resources: [cart.yaml]\n",
        "k8s/base/cart.yaml": deployment("cart", "shop/cart", LIMITS),
        "k8s/overlays/staging/kustomization.yaml": "resources: [../../base]\n",
        "k8s/overlays/prod/kustomization.yaml": (
            f"resources: [../../base]\n{patch}    target: {{kind: Deployment}}\n"
        ),
    }
    assert [row.split(" ")[2] for row in rows(files)] == ["cart:limit/cpu", "cart:limit/memory"]
