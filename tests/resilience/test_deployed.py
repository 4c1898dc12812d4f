"""What is deployed: charts with what they are installed with, kustomizations, manifests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resilience.objects import read
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.resilience.deployed import builds_of
from workspai_hooks.resilience.gather import gather
from workspai_hooks.resilience.reading import Read
from workspai_hooks.store import Store

SERVICE = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart]
  http:
  - route: [{destination: {host: cart}}]
    timeout: 2s
    retries: {attempts: 1}
"""
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: cart\nversion: 1.0.0\n",
    "chart/values.yaml": "timeout: 1s\nattempts: 1\n",
    "chart/values-prod.yaml": "timeout: 4s\n",
    "chart/templates/mesh.yaml": SERVICE.replace("2s", "{{ .Values.timeout }}").replace(
        "attempts: 1", "attempts: {{ .Values.attempts }}"
    ),
}


def test_a_chart_with_all_its_values() -> None:
    found = read(CHART)
    assert sorted((one.timeout_s, one.location.path) for one in found.layers) == [
        (1.0, "chart/templates/mesh.yaml"),
        (4.0, "chart/templates/mesh.yaml"),
    ]
    (line,) = {row.location.line for one in found.layers for row in one.lines if row.value == "timeout_s"}
    assert line == 8


def test_a_chart_that_does_not_render_is_an_open_question() -> None:
    broken = CHART | {"chart/templates/mesh.yaml": f'{SERVICE}\n{{{{ fail "no" }}}}\n'}
    found = read(broken)
    assert found.layers == ()
    (question,) = found.undecided
    assert question.what == "chart/templates/mesh.yaml:11"
    assert "does not render" in question.why


def test_a_chart_whose_dependencies_are_elsewhere_says_so() -> None:
    needs = "dependencies: [{name: common, version: 1.x.x, repository: 'https://charts.example.com'}]\n"
    files = CHART | {
        "chart/Chart.yaml": CHART["chart/Chart.yaml"] + needs,
        "chart/templates/mesh.yaml": SERVICE + '{{ include "common.names" . }}\n',
    }
    (question,) = read(files).undecided
    assert "common" in question.why
    assert "helm dependency update" in question.remedy


def test_a_value_that_nobody_sets_is_not_said() -> None:
    found = read(CHART | {"chart/values.yaml": "attempts: 1\n", "chart/values-prod.yaml": "x: 1\n"})
    assert {one.timeout_s for one in found.layers} == {None}
    assert found.faults == ()


def test_a_kustomization_is_built() -> None:
    files = {
        "base/mesh.yaml": SERVICE,
        "base/kustomization.yaml": "resources: [mesh.yaml]\n",
        "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
        "prod/patch.yaml": SERVICE.partition("spec:")[0] + "spec: {http: [{timeout: 9s}]}\n",
    }
    assert [one.timeout_s for one in read(files).layers] == [9.0]


def test_nothing_is_built_without_a_mark() -> None:
    files = {path: text.replace("networking.istio.io", "example.com") for path, text in CHART.items()}
    builds = builds_of(Side(Snapshot.of(files)), {b"networking.istio.io/"})
    assert builds.all == ()
    assert not builds.manifests


DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a.b, labels: {a: b}}
spec:
  group: networking.istio.io/

  versions:
  - name: v1
    schema: &schema
      description: |
        ---8<---
        status:
  - {name: v2, schema: *schema}
status: {stored: [v1]}
"""


@pytest.mark.parametrize(
    "definition",
    [
        DEFINITION,
        DEFINITION.replace("\n", "\r\n"),
        DEFINITION.replace("spec:\n", "spec: # all\n"),
        DEFINITION.partition("spec:")[0] + "spec:\n  group: a\nx: {y: z}\n",
        "spec:\n  group: a\n" + DEFINITION.partition("spec:")[0],
        DEFINITION.replace("  versions:\n  - name", "  versions:\n# between\n  - name"),
        DEFINITION.replace("group: networking.istio.io/", 'group: "a\nb: c"'),
    ],
)
def test_definitions_of_kinds_are_read_in_brief(definition: str) -> None:
    """What they define is most of the bytes of many a repository; all else is as it is, in its lines."""
    path = "k8s/cart/mesh.yaml"
    side = Side(Snapshot.of({path: f"{definition}---\n{SERVICE}"}))
    brief, whole = side.brief(path), side.objects(path)
    assert [one.key for one in brief] == [one.key for one in whole]
    assert [one.api for one in brief] == [one.api for one in whole]
    assert [one.place("metadata") for one in brief] == [one.place("metadata") for one in whole]
    assert brief[0].labels() == {"a": "b"}
    assert brief[1].node == whole[1].node
    assert not side.problems
    other = Side(Snapshot.of({path: f"{definition}kind: Service\n"}))  # what it is is not certain
    assert [one.node for one in other.brief(path)] == [one.node for one in other.objects(path)]
    assert path in other.problems


def test_what_manifests_say_is_kept_by_their_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    files = {"a/k8s/mesh.yaml": SERVICE, "b/k8s/mesh.yaml": SERVICE.replace("name: cart", "name: price")}
    read: list[str] = []
    real = Side.brief
    monkeypatch.setattr(Side, "brief", lambda side, path: (read.append(path), real(side, path))[1])

    def asked(files: dict[str, str]) -> Read:
        read.clear()
        return gather(replace(Snapshot.of(files), store=store), ())

    first = asked(files)
    assert sorted(read) == sorted(files)
    changed = files | {"b/k8s/mesh.yaml": SERVICE.replace("2s", "3s")}
    assert asked(changed) != first
    assert read == ["b/k8s/mesh.yaml"]
    assert asked(changed) == gather(Snapshot.of(changed), ())
