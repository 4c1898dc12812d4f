from __future__ import annotations

from environments.shop import built, compose, deployment, rows

MAIN = "import os\nnew = os.getenv('FEATURE_NEW_CART')\n"


def test_a_flag_that_only_local_runs_have() -> None:
    files = {
        "compose.yaml": compose("cart", "build: cart", "environment:", "  FEATURE_NEW_CART: 'true'"),
        "k8s/cart.yaml": deployment("cart", "shop/cart"),
        **built("cart", main=MAIN),
    }
    assert rows(files) == [
        "ED07 warning cart:env/FEATURE_NEW_CART compose.yaml:5 k8s/cart.yaml:4 cart/main.py:2"
    ]


def test_a_flag_that_both_have() -> None:
    flag = "env:\n  - name: FEATURE_NEW_CART\n    value: 'false'"
    files = {
        "compose.yaml": compose("cart", "build: cart", "environment:", "  FEATURE_NEW_CART: 'true'"),
        "k8s/cart.yaml": deployment("cart", "shop/cart", flag),
        **built("cart", main=MAIN),
    }
    assert rows(files) == []
