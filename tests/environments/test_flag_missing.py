from __future__ import annotations

from gotool import real

from environments.shop import built, compose, deployment, rows
from workspai_hooks.tools import helm

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


FLAGGED = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "replicas: 1\n",
    "chart/values-staging.yaml": "features:\n  newCart: true\n  search: true\n",
    "chart/values-prod.yaml": "features:\n  search: false\n",
    "chart/templates/cart.yaml": deployment(
        "cart",
        "shop/cart",
        "env:\n  - name: NEW_CART\n    value: {{ .Values.features.newCart | quote }}\n"
        "  - name: SEARCH\n    value: {{ .Values.features.search | quote }}",
    ),
}


def test_a_flag_that_the_values_of_production_lack() -> None:
    real(helm.resolve_helm)
    assert rows(FLAGGED, "ED07") == [
        "ED07 warning chart:shop:values.features.newCart chart/values-staging.yaml:2 chart/values-prod.yaml:1"
    ]


def test_a_flag_that_the_chart_has_a_value_for() -> None:
    real(helm.resolve_helm)
    assert rows(FLAGGED | {"chart/values.yaml": "features:\n  newCart: false\n"}, "ED07") == []


def test_other_keys_differ_on_purpose() -> None:
    real(helm.resolve_helm)
    files = FLAGGED | {"chart/values-staging.yaml": "debugTools:\n  newCart: true\n"}
    assert [one for one in rows(files, "ED07") if "debugTools" in one] == []
