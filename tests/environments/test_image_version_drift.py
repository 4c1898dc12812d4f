from __future__ import annotations

from environments.shop import compose, deployment, findings, rows


def test_a_program_that_is_pinned_twice() -> None:
    files = {
        "compose.yaml": compose("edge", "image: envoyproxy/envoy:v1.27.0"),
        "k8s/edge.yaml": deployment("edge", "envoyproxy/envoy:v1.30.1"),
    }
    assert rows(files) == ["ED02 note edge:image/envoyproxy/envoy compose.yaml:3 k8s/edge.yaml:17"]


def test_what_production_also_runs_is_no_drift() -> None:
    files = {
        "compose.yaml": compose("cart", "image: shop/cart:1.0"),
        "k8s/cart.yaml": deployment("cart", "shop/cart:1.0"),
        "k8s/cart-canary.yaml": deployment("cart", "shop/cart:2.0"),
    }
    assert rows(files) == []


def test_images_that_are_released_together_are_one_finding() -> None:
    names = ("cart", "orders", "users", "web", "mail")
    local = "".join(f"  {name}:\n    image: shop/{name}:1.0\n" for name in names)
    files = {"compose.yaml": f"services:\n{local}"}
    files |= {f"k8s/{name}.yaml": deployment(name, f"shop/{name}:1.2") for name in names}
    (found,) = findings(files)
    assert found.element == "images/shop"
    assert found.message.endswith("; likewise mail, orders, users and 1 more")
    assert len(found.related) == 9


def test_what_is_built_here_has_no_version_locally() -> None:
    files = {
        "compose.yaml": compose("cart", "build: cart"),
        "cart/Dockerfile": "FROM scratch\n",
        "k8s/cart.yaml": deployment("cart", "shop/cart:1.0"),
    }
    assert rows(files) == []
