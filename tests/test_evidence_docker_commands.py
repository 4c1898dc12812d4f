"""Containers that scripts start, machines that Docker runs on, gateways that ask Docker for labels."""

# ruff: noqa: E501 (small files, each on its line)

from __future__ import annotations

import pytest
from test_edges import pairs
from test_services import GO

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.manifests.docker_commands import read
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.services import discover

CODE = {
    "stock/main.go": GO,
    "stock/Dockerfile": "FROM golang\nEXPOSE 7070\n",
    "web/a.py": "import os\nos.environ['AT']\nif __name__ == '__main__':\n    run()\n",
    "web/Dockerfile": "FROM python\n",
}
FOUND = [("web", "shop-stock")]
BUILDS = "docker build -t acme/s ./stock\ndocker build -f web/Dockerfile --tag acme/w web\n"
RUNS = "docker run -d --name shop-stock -p 8070:7070 acme/s\n"


def edges(script: str, path: str = "run.sh", **more: str) -> list[tuple[str, str]]:
    files = {
        **CODE,
        path: f"#!/bin/sh\n{script}",
        **{name.replace("__", "/"): text for name, text in more.items()},
    }
    return [(one[0], one[1]) for one in pairs(files) if one[3] == "proven"]


@pytest.mark.parametrize(
    "script",
    [
        BUILDS + RUNS + "docker run --name web --detach -e AT=shop-stock:7070 -it acme/w python a.py\n",
        BUILDS + RUNS + "docker run -d \\\n  --name web \\\n  --env AT='http://shop-stock:7070' \\\n  acme/w\n",
        BUILDS + RUNS + "podman run -d --name web --env-file web/web.env acme/w\n",
        "TAG=acme/w\n" + BUILDS + RUNS + "docker service create --replicas 2 --name web -e AT=shop-stock:7070 $TAG\n",
        "cd stock && docker build -t acme/s . ; cd ../web\ndocker build -t acme/w .\n" + RUNS + "docker run -d --name web -e AT=shop-stock:7070 acme/w\n",
    ],
)  # fmt: skip
def test_a_script_that_deploys(script: str) -> None:
    assert edges(script, **{"web__web.env": "AT=shop-stock:7070\n"}) == FOUND


@pytest.mark.parametrize("path", ["Makefile", "scripts/run.sh", "run.ps1"])
def test_scripts_of_other_kinds(path: str) -> None:
    script = BUILDS + RUNS + "docker run -d --name web -e AT=shop-stock:7070 acme/w\n"
    assert edges(script, path) == FOUND


@pytest.mark.parametrize(
    "script",
    [
        "# docker run -d --name shop-stock acme/s\n",
        "docker run --rm --name shop-stock acme/s migrate\n",
        "docker run -d acme/s\n",
        'docker run -d --name "$NAME" acme/s\n',
        "docker run -d --name shop-stock postgres:15\n",
        "docker run -d --name portal elsewhere/tool\n",
        "docker stop shop-stock\n",
    ],
)
def test_what_is_no_deployment(script: str) -> None:
    files = {**CODE, "run.sh": f"docker build -t acme/s stock\n{script}"}
    assert {one.name for one in discover(Snapshot.of(files)).all} == {"stock", "web"}


def test_scripts_of_tests_and_hostile_ones_say_nothing() -> None:
    assert (
        edges(BUILDS + RUNS + "docker run -d --name web -e AT=shop-stock:7070 acme/w\n", "tests/run.sh") == []
    )
    for text in (
        b"docker run -p",
        b"docker run -",
        b"docker build -t",
        b"docker run --name= -e x\n",
        b"\0docker run a",
    ):
        assert read("run.sh", text, Charts()).declarations == ()


LISTS = "const docker = new Docker({host: process.env.DOCKER_HOST});\ndocker.listServices((e, all) => all.forEach(s => add(s.Spec.Labels.path)));\n"
LABELS = "docker run -d --name gate --net=host -e PORT=8900 -e DOCKER_HOST=tcp://203.0.113.5:2376 acme/g\n"
GATE = {"gate__Dockerfile": "FROM node\n", "gate__index.js": LISTS}
DEPLOY = (
    "docker build -t acme/g gate\n"
    + BUILDS
    + LABELS
    + "docker run -d --name shop-stock -l path=/stock -p 8070:7070 acme/s\n"
)


def test_a_gateway_that_asks_docker_for_a_label() -> None:
    assert edges(DEPLOY, **GATE) == [("gate", "shop-stock")]
    assert edges(DEPLOY.replace("-l path=", "-l other="), **GATE) == []
    assert edges(DEPLOY, **{**GATE, "gate__index.js": LISTS.replace("docker.list", "// docker.list")}) == []


def test_labels_of_compose() -> None:
    compose = "services:\n  gate: {build: gate}\n  shop-stock:\n    build: stock\n    labels: [path=/stock]\n"
    assert edges("", **GATE, **{"compose.yaml": compose}) == [("gate", "shop-stock")]


ASKS = "import httpx\nMockClient('http://203.0.113.5:%d')\nclient('http://203.0.113.5:%d').get('%s')\n"


@pytest.mark.parametrize(
    ("port", "path", "found"),
    [
        (8900, "/stock/items", [("gate", "shop-stock"), ("web", "gate"), ("web", "shop-stock")]),
        (8900, "/other/items", [("gate", "shop-stock"), ("web", "gate")]),
        (8070, "/items", [("gate", "shop-stock"), ("web", "shop-stock")]),
        (8901, "/stock/items", [("gate", "shop-stock")]),
    ],
)
def test_an_address_of_the_machine_that_docker_runs_on(
    port: int, path: str, found: list[tuple[str, str]]
) -> None:
    assert edges(DEPLOY, **GATE, **{"web__b.py": ASKS % (port, port, path)}) == found
    without = DEPLOY.replace("-e DOCKER_HOST=tcp://203.0.113.5:2376", "")
    assert edges(without, **GATE, **{"web__b.py": ASKS % (port, port, path)}) == [("gate", "shop-stock")]
