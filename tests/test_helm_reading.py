"""What is read of charts without rendering: who installs them, which keys they read, schemas, versions."""

from __future__ import annotations

import pytest

from workspai_hooks.breaking.helm.schemas import tightened
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm import installations
from workspai_hooks.contracts.helm.installations import Installation
from workspai_hooks.contracts.helm.installations.values import partners
from workspai_hooks.contracts.helm.kubernetes import installed, minors, newest
from workspai_hooks.contracts.helm.nodes import Plain, read
from workspai_hooks.contracts.helm.objects import objects_of
from workspai_hooks.contracts.helm.reads import Reads
from workspai_hooks.contracts.helm.semver import allows, parse
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.template_lines import TemplateText
from workspai_hooks.contracts.helm.values import assignments, dotted, merged
from workspai_hooks.source import Location

CHART = {"charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "charts/a/values.yaml": "x: 1\n"}
HERE = Location("x")


def found(files: dict[str, str]) -> list[Installation]:
    return list(installations.find(Side(Snapshot.of({**CHART, **files}))))


def only(files: dict[str, str]) -> Installation:
    (one,) = found(files)
    return one


def settings(one: Installation) -> dict[str, Plain]:
    return {dotted(setting.key): setting.value for setting in one.settings}


ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  destination: {namespace: web}
  sources:
    - repoURL: https://git.example/shop
      path: charts/a
      helm:
        releaseName: front
        valueFiles: [values.yaml, $values/env/prod.yaml, ../gone.yaml]
        values: |
          x: 2
          y: [1]
        parameters:
          - {name: image.tag, value: "1.10", forceString: true}
    - repoURL: https://git.example/shop
      ref: values
"""


def test_argo_cd() -> None:
    one = only({"argo/shop.yaml": ARGO, "env/prod.yaml": "x: 3\n"})
    assert (one.chart, one.release, one.namespace) == ("charts/a", "front", "web")
    assert one.files == ("charts/a/values.yaml", "env/prod.yaml")
    assert one.inline[0].plain() == {"x": 2, "y": [1]}
    assert one.inline[0].nearest("y") == Location("argo/shop.yaml", 14, 1)
    assert settings(one) == {"image.tag": "1.10"}


def test_an_application_set_means_every_file_that_its_variables_may_name() -> None:
    text = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
spec:
  template:
    spec:
      source: {path: charts/a, helm: {valueFiles: ["values.{{env}}.yaml"]}}
"""
    files = {"a.yaml": text, "charts/a/values.dev.yaml": "x: 1\n", "charts/a/values.prod.yaml": "x: 2\n"}
    assert sorted(one.files[0] for one in found(files)) == [
        "charts/a/values.dev.yaml",
        "charts/a/values.prod.yaml",
    ]


def test_flux() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: more}
data:
  values.yaml: |
    y: 2
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: web}
spec:
  releaseName: front
  chart:
    spec:
      chart: ./charts/a
      sourceRef: {kind: GitRepository, name: here}
      valuesFiles: [charts/a/values.yaml]
  valuesFrom: [{kind: ConfigMap, name: more}]
  values: {x: 3}
"""
    one = only({"flux.yaml": text})
    assert (one.chart, one.release, one.namespace) == ("charts/a", "front", "web")
    assert one.files == ("charts/a/values.yaml",)
    assert [node.plain() for node in one.inline] == [{"y": 2}, {"x": 3}]


def test_a_chart_of_a_repository_of_charts_is_known_by_its_name_only() -> None:
    text = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop}
spec:
  chart: {spec: {chart: a, sourceRef: {kind: HelmRepository, name: ours}}}
  values: {x: 3}
"""
    one = only({"flux.yaml": text})
    assert (one.chart, one.chart_name) == ("", "a")


def test_helmfile_with_templates_of_its_own() -> None:
    text = """\
{{- range .Values.list }}
releases:
  - name: shop-{{ .Environment.Name }}
    chart: ./charts/a
    namespace: web
    values:
      - env/{{ .Environment.Name }}.yaml
      - x: 9
    set:
      - name: deep.key
        value: text
{{- end }}
"""
    files = {"helmfile.yaml.gotmpl": text, "env/dev.yaml": "x: 1\n", "env/prod.yaml": "x: 2\n"}
    assert [one.files for one in found(files)] == [("env/dev.yaml",), ("env/prod.yaml",)]
    assert all(
        settings(one) == {"deep.key": "text"} and one.inline[0].plain() == {"x": 9} for one in found(files)
    )


def test_skaffold() -> None:
    text = """\
apiVersion: skaffold/v4beta6
kind: Config
deploy:
  helm:
    releases:
      - name: shop
        chartPath: charts/a
        valuesFiles: [env/dev.yaml]
        setValues: {a.b: "7"}
        overrides: {x: 5}
"""
    one = only({"skaffold.yaml": text, "env/dev.yaml": "x: 1\n"})
    assert (one.chart, one.files, one.inline[0].plain(), settings(one)) == (
        "charts/a",
        ("env/dev.yaml",),
        {"x": 5},
        {"a.b": 7},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "helm upgrade --install web ./charts/a -n shop --set x=2 --set-string tag=1.10",
            {"x": 2, "tag": "1.10"},
        ),
        ("cd charts/a\nhelm template . --set 'a\\.b.c=d,list={1,2}'", {"a\\.b.c": "d", "list": [1, 2]}),
        ("cd charts && helm install web a --set=x=null", {"x": None}),
        (
            "/usr/bin/helm3 diff upgrade web charts/a \\\n  --atomic --timeout 5m \\\n  --set x=true # why",
            {"x": True},
        ),
        (
            'helm upgrade web charts/a --set "image=$REGISTRY/shop:${TAG}" && echo done',
            {"image": "$REGISTRY/shop:${TAG}"},
        ),
        ("helm lint charts/a --set hosts[0].name=x", {"hosts": "x"}),
    ],
)
def test_commands(text: str, expected: dict[str, Plain]) -> None:
    one = only({"deploy.sh": text + "\n"})
    assert (one.chart, settings(one)) == ("charts/a", expected)


def test_commands_that_install_nothing_of_ours() -> None:
    text = (
        "# helm install x ./charts/a\nhelm repo add x https://x\n"
        "helm install x ./charts/gone\nhelm list\nwhelm install x charts/a\n"
    )
    assert found({"deploy.sh": text}) == []


def test_the_lines_of_a_workflow() -> None:
    text = """\
jobs:
  deploy:
    steps:
      - name: one
        working-directory: charts
        run: |
          helm upgrade web ./a \\
            --values a/values.yaml \\
            --set x=1,y=2
      - name: two
        run: helm template charts/a
"""
    one, two = found({".github/workflows/x.yml": text})
    assert (one.place.line, one.files, [setting.place.line for setting in one.settings]) == (
        7,
        ("charts/a/values.yaml",),
        [9, 9],
    )
    assert (two.place.line, two.chart) == (11, "charts/a")


def test_installations_are_paired_by_what_they_say_and_then_in_their_order() -> None:
    def side(text: str) -> list[Installation]:
        return found({"deploy.sh": text})

    before = side("helm template charts/a --set x=1\nhelm template charts/a --set x=2\n")
    after = side("helm template charts/a --set new=1\nhelm template charts/a --set x=2\n")
    assert [(settings(one), settings(other)) for one, other in partners(before, after)] == [
        ({"x": 2}, {"x": 2}),
        ({"x": 1}, {"new": 1}),
    ]


def test_layers_of_values() -> None:
    trees = [
        read(f"{n}.yaml", text).documents[0]
        for n, text in enumerate([b"a: {b: 1, c: [1]}\nd: 1\n", b"a: {c: [2]}\nd: {e: 1}\n"])
    ]
    values = merged(trees, assignments("a.b=5,d.f=x", HERE))
    assert {dotted(key): value for key, (_, value) in values.items()} == {
        "a.b": 5,
        "a.c": [2],
        "d.e": 1,
        "d.f": "x",
    }
    assert values["a", "c"][0] == Location("1.yaml", 1, 5)


def test_what_templates_may_read() -> None:
    reads = Reads(
        [
            "{{ .Values.a.b | quote }}{{/* .Values.commented */}}{{ $.Values.deep }}",
            "{{- with .Values.service }}{{ .port }}{{ end }}",
            "{{ toYaml .Values.whole | nindent 2 }}{{ range .Values.hosts }}{{ .name }}{{ end }}",
            '{{ index .Values "looked" "up" }}',
        ]
    )
    for key in ("a", "a.b", "deep", "service.port", "whole.any.thing", "hosts", "looked.up"):
        assert reads.may_read(tuple(key.split("."))), key
    for key in ("a.c", "commented", "service.other", "looked.down", "nothing"):
        assert not reads.may_read(tuple(key.split("."))), key


def test_lines_of_a_template() -> None:
    template = """\
{{- if .Values.on }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.name }}-config
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "x.fullname" . }}
data:
  {{- range .Values.all }}
  {{ .key }}: x
  {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Values.name }}
  {{- with .Values.labels }}
  labels: {{ toYaml . | nindent 4 }}
  {{- end }}
spec:
  ports:
  - name: one
    port: 1
  - name: two
    # of it
    port: {{ .Values.port }}
  selector:
    app: x
{{- end }}
"""
    text = TemplateText(template)
    values = {"name": "shop", "port": "2"}
    rendered = """\
apiVersion: v1
kind: Service
metadata: {name: shop, labels: {a: b}}
spec:
  ports: [{name: one, port: 1}, {name: two, port: 2}]
  selector: {app: x}
"""
    node = read("r", rendered.encode()).documents[0]
    lines = {
        ("spec", "ports", 1, "port"): 29,
        ("spec", "ports", 0, "port"): 26,
        ("spec", "ports"): 24,
        ("spec", "selector", "app"): 31,
        ("spec", "gone"): 23,
        ("metadata", "labels", "a"): 21,
        (): 17,
    }
    assert {path: text.line(node, path, values) for path in lines} == lines
    assert text.expression(29) == ["port"]
    first, second = (
        read("r", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n".encode()).documents[0]
        for name in ("shop-config", "release-x")
    )
    assert (
        text.line(first, ("metadata", "name"), values),
        text.line(second, ("metadata", "name"), values),
    ) == (5, 10)


@pytest.mark.parametrize(
    ("constraint", "allowed", "refused"),
    [
        (">=1.2.0 <2", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.x || 3.x", ["1.5.0", "3.0.0"], ["2.0.0"]),
        ("1.2 - 1.4", ["1.2.0", "1.4.9"], ["1.5.0"]),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        ("!=1.5.0", ["1.5.1"], ["1.5.0"]),
        ("not a version", ["1.0.0"], []),
    ],
)
def test_constraints(constraint: str, allowed: list[str], refused: list[str]) -> None:
    for text in (*allowed, *refused):
        version = parse(text)
        assert version is not None
        assert allows(constraint, version.triple) == (text in allowed), text


def test_versions_of_kubernetes() -> None:
    assert (minors(">=1.22.0-0 <1.25.0-0"), newest("<1.25.3"), installed("~1.20.15")) == (
        (22, 23, 24),
        (1, 25),
        "v1.20.15",
    )


def schema(**properties: Plain) -> Plain:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"type": ["string", "integer"]}, {"type": "string"}, "must be string now, integer no longer"),
        ({"type": "integer"}, {"type": "number"}, ""),
        ({"type": "number"}, {"type": "integer"}, "must be integer now, number no longer"),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "may no longer be b"),
        ({}, {"enum": ["a"]}, "must be one of a now"),
        ({"minimum": 1}, {"minimum": 2}, "has minimum 2 now, was 1"),
        ({"maximum": 1}, {"maximum": 2}, ""),
        ({"maxLength": 9}, {"maxLength": 3}, "has maxLength 3 now, was 9"),
        ({}, {"minLength": 0}, ""),
        ({}, {"pattern": "^a"}, "has a new pattern ^a now"),
        ({"pattern": "^a"}, {}, ""),
        ({"properties": {"b": {}}}, {"properties": {"b": {}}, "required": ["b"]}, "is required now"),
        ({}, {"additionalProperties": False}, "takes no further keys any more"),
        (
            {"properties": {"b": {}}},
            {"additionalProperties": False, "properties": {}},
            "is not allowed any more",
        ),
        (
            {"items": {"type": "string"}},
            {"items": {"type": "integer"}},
            "must be integer now, string no longer",
        ),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, ""),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}]},
            "has fewer forms in anyOf",
        ),
        ({"$ref": "#/d/x"}, {"$ref": "#/d/x"}, ""),
        ({"type": "string", "nullable": True}, {"type": "string"}, "must be string now, null no longer"),
        ({"x-kubernetes-int-or-string": True}, {"type": "string"}, "must be string now, integer no longer"),
        (True, False, "is not allowed any more"),
    ],
)
def test_schemas_that_take_less(old: Plain, new: Plain, expected: str) -> None:
    one, other = schema(a=old), schema(a=new)
    whys = [row.why for row in tightened(one, other, lambda _: False)]
    assert (expected in whys) if expected else whys == []


def test_references_of_a_schema_are_followed_inside_and_round() -> None:
    old: Plain = {
        "$defs": {
            "x": {"type": "object", "properties": {"next": {"$ref": "#/$defs/x"}, "n": {"type": "integer"}}}
        },
        "$ref": "#/$defs/x",
    }
    new: Plain = {
        "$defs": {
            "x": {"type": "object", "properties": {"next": {"$ref": "#/$defs/x"}, "n": {"type": "string"}}}
        },
        "$ref": "#/$defs/x",
    }
    assert {row.why for row in tightened(old, new, lambda _: False)} == {
        "must be string now, integer no longer"
    }


def test_what_is_named_for_the_first_time_counts_where_it_was_used() -> None:
    old, new = schema(), schema(a={"type": "string"})
    assert list(tightened(old, new, lambda _: False)) == []
    (row,) = tightened(old, new, lambda key: key == "a")
    assert (row.key, row.certain) == ("a", False)


def test_lists_of_objects_are_taken_apart() -> None:
    text = (
        b"apiVersion: v1\nkind: List\nitems:\n"
        b"  - {apiVersion: v1, kind: Secret, metadata: {name: a}}\n  - 7\n"
    )
    assert [one.title for one in objects_of(read("x", text).documents[0])] == ["Secret/a"]
