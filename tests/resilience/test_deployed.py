"""What is deployed: charts with what they are installed with, kustomizations, manifests."""

from __future__ import annotations

from resilience.objects import read
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.resilience.deployed import builds_of

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
    assert builds_of(Snapshot.of(files), {b"networking.istio.io/"}).all == ()
