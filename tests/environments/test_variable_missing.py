from __future__ import annotations

import pytest
from gotool import real

from environments.shop import built, compose, deployment, findings, rows
from workspai_hooks.tools import helm

SET = ["build: cart", "environment:", "  PAYMENT_QUEUE: payments"]


def system(main: str, container: str = "", local: list[str] | None = None) -> dict[str, str]:
    return {
        "compose.yaml": compose("cart", *(SET if local is None else local)),
        "k8s/cart.yaml": deployment("cart", "shop/cart", container),
        **built("cart", main=main),
    }


def env(name: str, value: str) -> str:
    return f"env:\n  - name: {name}\n    value: {value}"


@pytest.mark.parametrize(
    ("main", "severity"),
    [
        ("import os\nq = os.environ['PAYMENT_QUEUE']\n", "warning"),
        ("import os\nq = os.getenv('PAYMENT_QUEUE')\n", "warning"),
        ("import os\nq = os.getenv('PAYMENT_QUEUE', 'other')\n", "note"),
        ("import os\nq = os.environ.get('PAYMENT_QUEUE') or 'other'\n", "note"),
    ],
)
def test_production_lacks_what_the_source_reads(main: str, severity: str) -> None:
    assert rows(system(main)) == [
        f"ED06 {severity} cart:env/PAYMENT_QUEUE compose.yaml:5 k8s/cart.yaml:4 cart/main.py:2"
    ]


@pytest.mark.parametrize(
    "main",
    [
        "print('nothing')\n",
        "# os.environ['PAYMENT_QUEUE']\nprint()\n",
        "import os\nq = os.getenv('PAYMENT_QUEUE', 'payments')\n",
        "import os\nif 'PAYMENT_QUEUE' in os.environ:\n    pass\n",
        "import os\nq = os.environ['PAYMENT_QUEUES']\n",
    ],
)
def test_nobody_misses_what_is_not_read_or_has_the_very_default(main: str) -> None:
    assert rows(system(main)) == []


def test_env_files_set_it_and_their_examples_only_show_it() -> None:
    local = ["build: cart", "env_file: cart.env"]
    main = "import os\nq = os.environ['PAYMENT_QUEUE']\n"
    told = system(main, local=local) | {"cart.env": "PAYMENT_QUEUE=payments\n"}
    assert rows(told) == ["ED06 warning cart:env/PAYMENT_QUEUE cart.env:1 k8s/cart.yaml:4 cart/main.py:2"]
    shown = system(main, local=local) | {"cart.env.example": "PAYMENT_QUEUE=payments\n"}
    assert rows(shown) == []
    needed = system(main, env("PAYMENT_QUEUE", "live"), local) | {
        "cart.env.example": "PAYMENT_QUEUE=payments\n"
    }
    assert rows(needed) == []


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata:\n  PAYMENT_QUEUE: live\n"


@pytest.mark.parametrize(
    ("container", "more"),
    [
        (env("PAYMENT_QUEUE", "live"), {}),
        ("envFrom:\n  - configMapRef:\n      name: shop", {"k8s/config.yaml": CONFIG}),
        ("envFrom:\n  - secretRef:\n      name: elsewhere", {}),
        ("env:\n  - name: PAYMENT_QUEUE\n    valueFrom: {secretKeyRef: {name: a, key: b}}", {}),
        ("args: ['--queue', '$(PAYMENT_QUEUE)']", {}),
        ("", {"cart/Dockerfile": "FROM python:3.12\nENV PAYMENT_QUEUE=payments\nCOPY . .\n"}),
        ("", {"cart/.env": "PAYMENT_QUEUE=payments\n"}),
    ],
)
def test_production_has_it_in_another_way_or_may_have_it(container: str, more: dict[str, str]) -> None:
    main = "import os\nq = os.environ['PAYMENT_QUEUE']\n"
    assert rows(system(main, container) | more) == []


@pytest.mark.parametrize(
    "local",
    [
        ["build: cart", "environment: [PAYMENT_QUEUE]"],
        ["build: cart", "environment:", "  PAYMENT_QUEUE: ''"],
        ["build: cart", "environment:", "  - PAYMENT_QUEUE=${PAYMENT_QUEUE:-}"],
    ],
)
def test_what_may_be_empty_locally_is_not_set(local: list[str]) -> None:
    assert rows(system("import os\nq = os.environ['PAYMENT_QUEUE']\n", local=local)) == []


@pytest.mark.parametrize(
    "name", ["DEBUG", "LOG_LEVEL", "NODE_ENV", "OTEL_EXPORTER_OTLP_ENDPOINT", "PYTHONUNBUFFERED"]
)
def test_what_goes_with_development_is_no_drift(name: str) -> None:
    local = ["build: cart", "environment:", f"  {name}: '1'"]
    assert rows(system(f"import os\nq = os.environ['{name}']\n", local=local)) == []


def test_local_runs_lack_only_what_the_service_does_not_start_without() -> None:
    needed = "import os\nq = os.environ['PAYMENT_QUEUE']\n"
    production = env("PAYMENT_QUEUE", "live")
    assert rows(system(needed, production, local=["build: cart"])) == [
        "ED06 note cart:env/PAYMENT_QUEUE k8s/cart.yaml:19 compose.yaml:2 cart/main.py:2"
    ]
    asked = "import os\nq = os.getenv('PAYMENT_QUEUE')\n"
    assert rows(system(asked, production, local=["build: cart"])) == []
    unknown = ["build: cart", "env_file: secrets.env"]
    assert rows(system(needed, production, local=unknown)) == []


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        ("main.js", "const q = process.env.PAYMENT_QUEUE;\n", True),
        ("main.js", "const q = process.env.PAYMENT_QUEUE || 'payments';\n", False),
        ("main.js", "const PAYMENT_QUEUE = 'x';\nopen(`/q/${PAYMENT_QUEUE}`);\n", False),
        ("main.go", 'package main\nvar q = os.Getenv("PAYMENT_QUEUE")\n', True),
        ("main.go", 'package main\nvar q, ok = os.LookupEnv("PAYMENT_QUEUE")\n', False),
        ("main.go", 'package main\nvar q = viper.GetBool("PAYMENT_QUEUE")\n', True),
        ("main.js", "if (!process.env.PAYMENT_QUEUE) {\n  throw new Error('set it');\n}\n", True),
        ("main.js", "if (process.env.PAYMENT_QUEUE) {\n  start();\n}\n", False),
        (
            "main.js",
            "q(process.env.PAYMENT_QUEUE);\nif (process.env.PAYMENT_QUEUE) {\n  start();\n}\n",
            False,
        ),
        ("main.rb", "q = ENV.fetch('PAYMENT_QUEUE')\n", True),
        ("Main.java", 'class Main { String q = System.getenv("PAYMENT_QUEUE"); }\n', True),
        ("run.sh", "#!/bin/sh\nexec cart --queue $PAYMENT_QUEUE\n", True),
        ("run.sh", "#!/bin/sh\nexec cart --queue ${PAYMENT_QUEUE:-payments}\n", False),
        ("src/main/resources/application.yml", "queue: ${PAYMENT_QUEUE}\n", True),
        ("src/main/resources/application.yml", "queue: ${PAYMENT_QUEUE:payments}\n", False),
        ("src/main/resources/application-docker.yml", "queue: ${PAYMENT_QUEUE}\n", False),
        ("src/main/resources/application.yml", "a: b\n---\nqueue: ${PAYMENT_QUEUE}\n", False),
        ("src/main/resources/application.yml", "payment:\n  queue: payments\n", False),
    ],
)
def test_languages(path: str, line: str, found: bool) -> None:
    files = system("print()\n") | {f"cart/{path}": line}
    assert [one.element for one in findings(files)] == (["cart:env/PAYMENT_QUEUE"] if found else [])


def overlays(**literals: str) -> dict[str, str]:
    files = {
        "k8s/base/kustomization.yaml": "resources: [cart.yaml]\n",
        "k8s/base/cart.yaml": deployment(
            "cart", "shop/cart", "envFrom:\n  - configMapRef:\n      name: shop"
        ),
    }
    for name, text in literals.items():
        files[f"k8s/overlays/{name}/kustomization.yaml"] = (
            f"resources: [../../base]\nconfigMapGenerator:\n  - name: shop\n    literals: [{text}]\n"
        )
    return files


def test_one_cluster_lacks_what_the_others_have() -> None:
    files = overlays(staging="REGION=a, PAYMENT_QUEUE=b", prod="REGION=c") | built("cart")
    assert [(one.rule, one.severity.value, one.element) for one in findings(files)] == [
        ("ED06", "warning", "cart:env/PAYMENT_QUEUE")
    ]
    assert rows(overlays(staging="REGION=a, PAYMENT_QUEUE=b", prod="PAYMENT_QUEUE=c") | built("cart")) == []


def test_values_that_differ_on_purpose_are_no_drift() -> None:
    assert rows(overlays(staging="PAYMENT_QUEUE=b", prod="PAYMENT_QUEUE=c") | built("cart")) == []


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "queue: ''\n",
    "chart/templates/cart.yaml": deployment(
        "cart",
        "shop/cart",
        "{{- with .Values.queue }}\nenv:\n  - name: PAYMENT_QUEUE\n    value: {{ . }}\n{{- end }}",
    ),
}


def test_a_chart_that_would_set_it_lacks_it_only_with_the_values_of_production() -> None:
    real(helm.resolve_helm)
    local = {"compose.yaml": compose("cart", *SET), **built("cart")}
    assert rows(local | CHART) == []
    (found,) = findings(local | CHART | {"chart/values-prod.yaml": "replicas: 3\n"})
    assert found.element == "cart:env/PAYMENT_QUEUE"
    assert "chart shop with values file chart/values-prod.yaml does not" in found.message


def test_a_chart_that_takes_variables_of_whoever_installs_it_may_have_them() -> None:
    real(helm.resolve_helm)
    local = {"compose.yaml": compose("cart", *SET), **built("cart")}
    chart = {
        "chart/Chart.yaml": CHART["chart/Chart.yaml"],
        "chart/values.yaml": "extraEnv: []\n",
        "chart/templates/cart.yaml": deployment("cart", "shop/cart", "env: {{ toJson .Values.extraEnv }}"),
    }
    assert rows(local | chart) == []


def test_an_environment_that_lacks_everything_is_one_finding() -> None:
    names = ("ALPHA", "BETA", "GAMMA", "DELTA")
    local = ["build: cart", "environment:", *(f"  {name}: x" for name in names)]
    main = "import os\n" + "".join(f"os.environ['{name}']\n" for name in names)
    (found,) = findings(system(main, local=local))
    assert (found.element, found.severity.value) == ("cart:env", "warning")
    assert found.message.endswith("sets: ALPHA, BETA, DELTA, GAMMA")
    has_others = "env:" + "".join(f"\n  - name: {name}\n    value: x" for name in ("A", "B", "C", "D"))
    other = findings(system(main, has_others, local))
    assert [one.element for one in other] == [f"cart:env/{name}" for name in sorted(names)]
