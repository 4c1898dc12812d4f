from __future__ import annotations

import pytest
from gotool import real

from environments.shop import compose, deployment, drift, findings, rows
from workspai_hooks.tools import helm


def stores(local: str, production: str, path: str = "k8s/db.yaml") -> dict[str, str]:
    return {"compose.yaml": compose("db", f"image: {local}"), path: deployment("db", production)}


@pytest.mark.parametrize(
    ("local", "production", "severity"),
    [
        ("postgres:13", "postgres:15", "warning"),
        ("postgres:13-alpine", "docker.io/library/postgres:15.4-bookworm", "warning"),
        ("postgres:9.5", "postgres:9.6", "warning"),
        ("postgres:15.1", "postgres:15.4", "note"),
        ("redis:6.2-alpine", "bitnami/redis:4.0.6", "warning"),
        ("redis:7.0", "redis:7.2", "note"),
        ("mongo:4.2", "mongo:4.4", "warning"),
        ("mysql:5.7", "mysql:8.0", "warning"),
        ("rabbitmq:3.8-management-alpine", "rabbitmq:3.12-management", "note"),
        (
            "mcr.microsoft.com/mssql/server:2019-latest",
            "mcr.microsoft.com/mssql/server:2022-latest",
            "warning",
        ),
        ("registry:5000/postgres:13", "postgres:15@sha256:0f", "warning"),
    ],
)
def test_another_version_is_told_with_both_lines(local: str, production: str, severity: str) -> None:
    found = rows(stores(local, production))
    assert len(found) == 1
    assert found[0].startswith(f"ED01 {severity} db:image/")
    assert found[0].endswith("compose.yaml:3 k8s/db.yaml:17")


@pytest.mark.parametrize(
    ("local", "production"),
    [
        ("postgres:15", "postgres:15.4"),
        ("postgres:15.4", "bitnami/postgresql:15.4.0-debian-11-r45"),
        ("postgres", "postgres:15"),
        ("postgres:latest", "postgres:15"),
        ("redis:alpine", "redis:7"),
        ("postgres:13@sha256:0f", "postgres@sha256:0e"),
        ("postgres:${PG_VERSION}", "postgres:15"),
        ("bitnami/kafka:3.4", "confluentinc/cp-kafka:7.5.0"),
        ("postgis/postgis:13-3.1", "postgres:15"),
        ("wurstmeister/kafka:2.13-2.8.1", "wurstmeister/kafka:2.12-2.8.1"),
        ("redis:7", "valkey/valkey:8"),
    ],
)
def test_nothing_is_said_of_what_agrees_or_is_not_known(local: str, production: str) -> None:
    assert rows(stores(local, production)) == []


def test_the_version_of_an_env_file_is_told_there() -> None:
    files = stores("${DB_IMAGE}", "postgres:15") | {".env": "# images\nDB_IMAGE=postgres:13\n"}
    assert rows(files) == ["ED01 warning db:image/postgresql .env:2 k8s/db.yaml:17"]


def test_production_overlays_stand_before_others() -> None:
    base = deployment("db", "postgres:13")
    kinds = {
        "k8s/base/kustomization.yaml": "resources: [db.yaml]\n",
        "k8s/base/db.yaml": base,
        "k8s/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
        "k8s/overlays/production/kustomization.yaml": (
            "resources: [../../base]\nimages:\n  - name: postgres\n    newTag: '15'\n"
        ),
    }
    files = {"compose.yaml": compose("db", "image: postgres:13"), **kinds}
    (found,) = findings(files)
    assert (found.rule, found.severity.value, found.element) == ("ED01", "warning", "db:image/postgresql")
    assert "kustomization k8s/overlays/production" in found.message
    assert found.change == "postgres:13 -> production postgres:15"


def test_a_chart_is_rendered_with_the_values_of_production() -> None:
    real(helm.resolve_helm)
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/values.yaml": "db:\n  tag: '13'\n",
        "chart/values-dev.yaml": "db:\n  tag: '12'\n",
        "chart/values-prod.yaml": "db:\n  # as the managed one\n  tag: '15.4'\n",
        "chart/templates/db.yaml": deployment("db", "postgres:{{ .Values.db.tag }}"),
    }
    files = {"docker-compose.yml": compose("db", "image: postgres:13"), **chart}
    assert "ED01 warning db:image/postgresql docker-compose.yml:3 chart/values-prod.yaml:3" in rows(files)


def test_compose_for_production_lies_over_the_plain_one() -> None:
    files = {
        "docker-compose.yml": compose("db", "image: postgres:13"),
        "docker-compose.prod.yml": compose("db", "image: postgres:15"),
    }
    assert rows(files) == ["ED01 warning db:image/postgresql docker-compose.yml:3 docker-compose.prod.yml:3"]


def test_stores_that_are_called_differently_are_compared_where_a_system_has_one() -> None:
    files = {
        "compose.yaml": "services:\n  web:\n    build: web\n  mongodb:\n    image: mongo:3.4\n",
        "k8s/web.yaml": deployment("web", "shop/web"),
        "k8s/db.yaml": deployment("catalogue-db", "mongo:4.4"),
        "web/Dockerfile": "FROM python:3.12\nCOPY . .\n",
        "web/main.py": "print()\n",
    }
    assert rows(files, "ED01") == ["ED01 warning mongodb:image/mongodb compose.yaml:5 k8s/db.yaml:17"]


@pytest.mark.parametrize("around", ["", "apps/"])
def test_systems_that_share_a_repository_are_not_compared(around: str) -> None:
    files = {
        "old/compose.yaml": "services:\n  web:\n    build: .\n  db:\n    image: postgres:11\n",
        "old/Dockerfile": "FROM python:3.12\nCOPY . .\n",
        "old/main.py": "print()\n",
        "new/k8s/db.yaml": deployment("db", "postgres:15"),
        "new/app/Dockerfile": "FROM python:3.12\nCOPY . .\n",
        "new/app/main.py": "print()\n",
    }
    assert rows({f"{around}{path}": text for path, text in files.items()}, "ED01") == []


@pytest.mark.parametrize("path", ["tests/compose.yaml", "docker-compose.ci.yml", "examples/a/compose.yaml"])
def test_what_tests_and_examples_run_is_no_environment(path: str) -> None:
    files = {path: compose("db", "image: postgres:11"), "k8s/db.yaml": deployment("db", "postgres:15")}
    assert rows(files) == []


def test_a_chart_that_does_not_render_is_undecided_where_something_runs_locally() -> None:
    real(helm.resolve_helm)
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
        "chart/templates/db.yaml": deployment("db", 'postgres:{{ required "say which" .Values.tag }}'),
    }
    assert drift(chart).undecided == ()
    (asked,) = drift({"compose.yaml": compose("db", "image: postgres:13"), **chart}).undecided
    assert asked.what.startswith("chart/templates/db.yaml")
    assert "what runs locally is not compared with it" in asked.why


def test_values_of_production_that_do_not_render_are_not_replaced_by_the_charts_own() -> None:
    real(helm.resolve_helm)
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
        "chart/values.yaml": "tag: '12'\n",
        "chart/values-prod.yaml": "tag: null\n",
        "chart/templates/db.yaml": deployment("db", 'postgres:{{ required "say which" .Values.tag }}'),
    }
    found = drift({"compose.yaml": compose("db", "image: postgres:13"), **chart})
    assert found.findings == ()
    assert len(found.undecided) == 1


@pytest.mark.parametrize("kind", ["init", "job"])
def test_a_client_of_a_store_is_no_store(kind: str) -> None:
    web = deployment("web", "shop/web")
    job = deployment("backup", "postgres:12").replace("kind: Deployment", "kind: Job")
    more = {"k8s/backup.yaml": job} if kind == "job" else {}
    if kind == "init":
        web += "      initContainers:\n        - name: wait\n          image: postgres:12\n"
    files = {
        "compose.yaml": "services:\n  web:\n    build: web\n  db:\n    image: postgres:15\n",
        "k8s/web.yaml": web,
        "web/Dockerfile": "FROM python:3.12\nCOPY . .\n",
        "web/main.py": "print()\n",
    }
    assert rows(files | more, "ED01") == []
