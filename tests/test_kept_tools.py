"""What a tool has made is another fact with another release of it, and none where the tool failed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from gotool import real

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.collected import collected
from workspai_hooks.resilience.gather import gather
from workspai_hooks.store import Store
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.workspace.services import discover

pytestmark = pytest.mark.skipif(os.name != "posix", reason="puts a shell script in place of a tool")

ROUTE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: orders}
spec:
  hosts: [orders]
  http: [{timeout: 5s, route: [{destination: {host: orders}}]}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
        - {name: orders, image: "orders:1", env: [{name: LIMIT, value: {{ .Values.limit | quote }}}]}
"""
FILES: Mapping[str, str] = {
    "chart/Chart.yaml": "apiVersion: v2\nname: orders\nversion: 1.0.0\n",
    "chart/templates/route.yaml": ROUTE,
    "chart/templates/orders.yaml": DEPLOYMENT,
    "chart/values.yaml": "limit: 1\n",
    "chart/values-production.yaml": "limit: 5\n",
    "chart/values-staging.yaml": "limit: 6\n",
    "compose.yaml": "services: {orders: {build: orders, environment: {LIMIT: 1}}}\n",
    "orders/Dockerfile": "FROM scratch\n",
}


def asked(store: Store) -> tuple[object, object]:
    """What charts say of policies, and what runs where."""
    snapshot = replace(Snapshot.of(FILES), store=store)
    return gather(snapshot, ()), collected(snapshot, discover(snapshot))


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another helm: a script that renders something else, and fails as long as a file `fails` is there."""
    helm = real(resolve_helm).path
    script = tmp_path / "helm"
    script.write_text(
        f"#!/bin/sh\n[ \"$1\" = version ] && echo v3.19.9 && exit\n[ -e '{tmp_path}/fails' ] && kill -9 $$\n"
        f"'{helm}' \"$@\" | sed 's/timeout: 5s/timeout: 7s/; s/orders:1/orders:2/'\n"
    )
    script.chmod(0o755)
    return script


def test_another_release_is_asked_anew(another: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    before = asked(store)
    assert asked(store) == before
    monkeypatch.setenv("WORKSPAI_HELM", str(another))
    after = asked(store)
    assert after == asked(Store())
    assert after[0] != before[0]
    assert after[1] != before[1]
    monkeypatch.delenv("WORKSPAI_HELM")
    assert asked(store) == before


def test_what_failed_is_asked_again(another: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPAI_HELM", str(another))
    another.with_name("fails").touch()
    store = Store(another.parent / "workspai-hooks" / "index.sqlite")
    failed = asked(store)
    store.close()
    another.with_name("fails").unlink()
    store = Store(another.parent / "workspai-hooks" / "index.sqlite")
    assert asked(store) == asked(Store()) != failed
    store.close()


def test_other_parsers_make_other_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    store, key = Store(), Store.key("a")
    store.remember("tree go", {key: "one"})
    store.remember("settings", {key: "one"})
    monkeypatch.setattr("workspai_hooks.store.installed", lambda: "another")
    assert store.recall("tree go", [key], str) == {}
    assert store.recall("settings", [key], str) in ({}, {key: "one"})
