"""Readers of environments: compose, run times, clients, what sources read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hostile import seeds, strategies
from hostile.kept import kept
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments import clients, compose, gaps
from workspai_hooks.environments.drift import drift_of
from workspai_hooks.environments.runtimes import demands, dockerfiles, pins
from workspai_hooks.environments.runtimes.values import Runtime
from workspai_hooks.environments.values import Stage, Workload
from workspai_hooks.source import Location
from workspai_hooks.workspace.services import discover

SEEDS = partial(seeds.texts, "environments/test_*", "test_services", "test_kustomize")
BUILD_FILES = (
    "go.mod",
    "pyproject.toml",
    "package.json",
    "pom.xml",
    "build.gradle",
    "x.csproj",
    "global.json",
)
PINS = (".python-version", ".nvmrc", ".tool-versions", ".sdkmanrc", ".devcontainer/devcontainer.json")
AROUND = {
    "compose.yaml": "services:\n  cart:\n    build: cart\n    image: shop/cart:1.0\n"
    "    environment: {QUEUE: a}\n  db:\n    image: postgres:13\n",
    "k8s/cart.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\nspec:\n  template:\n"
    "    spec:\n      containers:\n        - name: cart\n          image: shop/cart:1.2\n",
    "k8s/overlays/prod/kustomization.yaml": "resources: [../../cart.yaml]\n",
    "cart/Dockerfile": "FROM python:3.12\nCOPY . .\n",
    "cart/main.py": "import os\nq = os.environ['QUEUE']\n",
    ".python-version": "3.9\n",
}


def runtimes(data: bytes) -> None:
    for path in BUILD_FILES:
        kept(tuple(demands.read(path, data)), tuple[Runtime, ...])
        kept(tuple(clients.read(path, data)), tuple[clients.Client, ...])
    for path in PINS:
        kept(tuple(pins.read(path, data)), tuple[Runtime, ...])
    kept(tuple(dockerfiles.read("Dockerfile", data)), tuple[Runtime, ...])
    tuple(clients.read("requirements.txt", data))


def composed(data: bytes) -> None:
    found = compose.workloads({"compose.yaml": data, "a/docker-compose.prod.yml": data}, {})
    kept(tuple(found), tuple[Workload, ...])


def flags(data: bytes) -> None:
    place = Location("values-prod.yaml")
    values = {("features", "cart"): (place, True)}
    given = [
        gaps.Given("staging", place, Stage.STAGING, values),
        gaps.Given("production", place, Stage.PRODUCTION, {}),
    ]
    tuple(gaps.gaps("chart", given, [data]))


def system(path: str) -> Callable[[bytes], object]:
    """One hostile file in a small system: all that drifts in it."""

    def read(data: bytes) -> object:
        snapshot = Snapshot.of({**AROUND, path: data})
        return drift_of(snapshot, discover(snapshot))

    return read


TARGETS = (
    Target("environments: run times", runtimes, SEEDS, weight=0.7),
    Target("environments: flags", flags, SEEDS, weight=0.2),
    Target("environments: compose", composed, SEEDS, strategies.documents, weight=0.7),
    *(
        Target(f"environments: {path}", system(path), SEEDS, form, weight=0.3)
        for path, form in (
            ("compose.yaml", strategies.documents),
            ("k8s/cart.yaml", strategies.documents),
            ("k8s/overlays/prod/kustomization.yaml", strategies.documents),
            ("cart/main.py", strategies.code),
            ("cart/Dockerfile", strategies.code),
        )
    ),
)
