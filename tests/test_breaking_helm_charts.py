"""What changes of a chart break: its values for those who set them, what it renders to with all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from deployed import Edit, between, edited, line_of, name_of, told
from gotool import real

from workspai_hooks.breaking.values import Break
from workspai_hooks.source import Location
from workspai_hooks.tools import helm

ERROR, WARNING = "error", "warning"

SERVICE = """\
{{- if .Values.service.enabled }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "shop.name" . }}
spec:
  selector:
    app: {{ include "shop.name" . }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: 8080
{{- end }}
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      app: {{ include "shop.name" . }}
  template:
    metadata:
      labels:
        app: {{ include "shop.name" . }}
    spec:
      containers:
        - name: shop
          image: {{ .Values.image | quote }}
          ports:
            - containerPort: 8080
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "shop.name" . }}
data:
  LOG_LEVEL: {{ .Values.logLevel | default "info" }}
"""
VALUES = """\
# What the shop takes.
replicaCount: 2
image: shop:1
service:
  enabled: true
  port: 80
hosts:
  - shop.example
resources:
  limits:
    memory: 256Mi
"""
CHART = "apiVersion: v2\nname: shop\nversion: 1.4.0\nkubeVersion: '>=1.22.0-0'\n"
SCHEMA = """\
{
  "type": "object",
  "properties": {
    "replicaCount": {"type": ["integer", "string"]},
    "image": {"type": "string"}
  }
}
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  source:
    repoURL: https://git.example/shop
    path: charts/shop
    helm:
      valueFiles:
        - values-prod.yaml
      parameters:
        - name: service.port
          value: "8443"
"""
FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: shop-eu
spec:
  chart:
    spec:
      chart: ./charts/shop
      sourceRef: {kind: GitRepository, name: shop}
  values:
    replicaCount: 5
"""
HELMFILE = """\
releases:
  - name: shop-us
    chart: ./charts/shop
    values:
      - deploy/us.yaml
    set:
      - name: image
        value: shop:us
"""
WORKFLOW = """\
jobs:
  deploy:
    steps:
      - run: |
          cd charts
          helm upgrade --install shop ./shop \\
            --namespace web \\
            --set replicaCount=3,image=shop:ci \\
            -f shop/ci/test-values.yaml
"""
UMBRELLA = {
    "charts/all/Chart.yaml": "apiVersion: v2\nname: all\nversion: 0.1.0\ndependencies:\n"
    "  - {name: shop, version: 1.x.x, repository: 'file://../shop', alias: front}\n",
    "charts/all/values.yaml": "front:\n  replicaCount: 7\n",
}
FILES: Mapping[str, str] = {
    "charts/shop/Chart.yaml": CHART,
    "charts/shop/values.yaml": VALUES,
    "charts/shop/values-prod.yaml": "replicaCount: 4\n",
    "charts/shop/values.schema.json": SCHEMA,
    "charts/shop/ci/test-values.yaml": "image: shop:test\n",
    "charts/shop/templates/_names.tpl": '{{- define "shop.name" -}}{{ .Release.Name }}{{- end -}}\n',
    "charts/shop/templates/service.yaml": SERVICE,
    "charts/shop/templates/shop.yaml": WORKLOAD,
    "argocd/shop.yaml": ARGO,
    "flux/shop.yaml": FLUX,
    "helmfile.yaml": HELMFILE,
    "deploy/us.yaml": "replicaCount: 6\n",
    ".github/workflows/deploy.yaml": WORKFLOW,
    **UMBRELLA,
}
PLACE, VALUES_FILE = "charts/shop/", "charts/shop/values.yaml"
SERVICE_FILE, WORKLOAD_FILE = "charts/shop/templates/service.yaml", "charts/shop/templates/shop.yaml"
CHART_FILE = "charts/shop/Chart.yaml"
BUMP: Edit = (CHART_FILE, "version: 1.4.0", "version: 2.0.0")


@pytest.fixture(scope="module", autouse=True)
def tool() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSPAI_HELM", real(helm.resolve_helm).path)
        yield


def breaks(*edits: Edit) -> tuple[Break, ...]:
    """What these edits break, with the chart's version raised along."""
    answer = between(FILES, edited(FILES, [BUMP, *edits]))
    assert answer.undecided == answer.base_errors == ()
    return answer.breaks


def the(*edits: Edit) -> Break:
    (one,) = breaks(*edits)
    return one


def rows(*edits: Edit) -> set[tuple[str, str, str]]:
    return {(name_of(one), one.element, str(one.severity)) for one in breaks(*edits)}


def test_a_renamed_key_names_every_file_that_sets_it() -> None:
    edits = [
        (VALUES_FILE, "replicaCount: 2", "replicas: 2"),
        (WORKLOAD_FILE, ".Values.replicaCount", ".Values.replicas"),
        ("charts/shop/values.schema.json", '"replicaCount"', '"replicas"'),
    ]
    one = the(*edits)
    assert (name_of(one), one.element) == ("values-key-renamed", "chart:shop:values.replicaCount")
    assert one.renamed_to == "chart:shop:values.replicas"
    assert (line_of(edited(FILES, edits), one), one.base_location) == (
        "replicas: 2",
        Location(VALUES_FILE, 2),
    )
    assert {str(place) for place in one.related} == {
        "charts/shop/values-prod.yaml:1",
        "flux/shop.yaml:11",
        "deploy/us.yaml:1",
        ".github/workflows/deploy.yaml:8",
        "charts/all/values.yaml:2",
    }


def test_commands_that_give_the_same_are_each_named() -> None:
    """Also where another command, of a later file, installs the chart with its own values."""
    run = "jobs: {a: {steps: [{run: helm upgrade shop charts/shop%s}]}}\n"
    files = {
        "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "charts/shop/values.yaml": "count: 2\n",
        "charts/shop/templates/a.yaml": "data: {{ .Values.count }}\n",
        ".github/workflows/a.yaml": run % " --set count=3",
        ".github/workflows/b.yaml": run % " --set count=3",
        ".github/workflows/c.yaml": run.replace("shop charts", "charts") % "",
    }
    edits = [
        ("charts/shop/values.yaml", "count", "number"),
        ("charts/shop/templates/a.yaml", "count", "number"),
        ("charts/shop/Chart.yaml", "1.0.0", "2.0.0"),
    ]
    (one,) = between(files, edited(files, edits)).breaks
    assert {place.path for place in one.related} == {".github/workflows/a.yaml", ".github/workflows/b.yaml"}


def test_a_map_that_is_renamed_is_one_finding() -> None:
    edits = [
        (VALUES_FILE, "service:\n", "svc:\n"),
        (SERVICE_FILE, ".Values.service.enabled", ".Values.svc.enabled"),
        (SERVICE_FILE, ".Values.service.port", ".Values.svc.port"),
    ]
    key, port = breaks(*edits)
    assert (name_of(key), key.element) == ("values-key-renamed", "chart:shop:values.service")
    assert key.renamed_to == "chart:shop:values.svc"
    assert [str(place) for place in key.related] == ["argocd/shop.yaml:13"]
    # What Argo CD still sets under the old name is not read any more.
    assert (name_of(port), port.element) == ("service-port-changed", "Service/shop:port/8443")


def test_a_removed_key_is_told_with_who_sets_it() -> None:
    one = the((VALUES_FILE, "replicaCount: 2\n", ""), (WORKLOAD_FILE, "{{ .Values.replicaCount }}", "2"))
    assert (name_of(one), one.severity) == ("values-key-removed", ERROR)
    assert "charts/shop/values-prod.yaml" in one.message
    assert len(one.related) == 5


def test_a_key_that_no_template_reads_any_more_is_gone_though_it_stands_there() -> None:
    one = the((WORKLOAD_FILE, "{{ .Values.replicaCount }}", "2"))
    assert (name_of(one), "read by no template any more" in one.message) == ("values-key-removed", True)
    assert one.location == Location(VALUES_FILE, 2)


def test_what_only_notes_say_is_not_read() -> None:
    notes = {**FILES, "charts/shop/templates/NOTES.txt": "{{ .Values.replicaCount }} of them\n"}
    head = edited(notes, [BUMP, (WORKLOAD_FILE, "{{ .Values.replicaCount }}", "2")])
    assert told(between(notes, head)) == {("values-key-removed", "chart:shop:values.replicaCount", ERROR)}


def test_a_key_that_values_never_named_is_a_warning_where_nobody_sets_it() -> None:
    assert rows((WORKLOAD_FILE, '{{ .Values.logLevel | default "info" }}', "info")) == {
        ("values-key-removed", "chart:shop:values.logLevel", WARNING)
    }


@pytest.mark.parametrize(
    "edits",
    [
        [(VALUES_FILE, "# What the shop takes.\n", "# Values.\n")],
        [
            (
                VALUES_FILE,
                "  limits:\n    memory: 256Mi\n",
                "  requests:\n    memory: 256Mi\n  limits:\n    memory: 256Mi\n",
            )
        ],
        [(VALUES_FILE, "hosts:\n  - shop.example\n", "")],
        [(WORKLOAD_FILE, ".Values.replicaCount", ".Values.replicas | default .Values.replicaCount")],
        [(VALUES_FILE, "replicaCount: 2", "replicaCount: 3")],
        [(SERVICE_FILE, "spec:\n  selector", "spec:\n  sessionAffinity: None\n  selector")],
    ],
    ids=["comment", "a key more", "a dead key", "both names", "another default", "a field more"],
)
def test_changes_of_a_chart_that_break_nobody(edits: list[Edit]) -> None:
    assert rows(*edits) == set()


@pytest.mark.parametrize(
    ("old", "new", "element", "severity"),
    [
        ("hosts:\n  - shop.example\n", "hosts:\n  shop: shop.example\n", "hosts", ERROR),
        ("hosts:\n  - shop.example\n", "hosts:\n  - name: shop.example\n", "hosts", ERROR),
        ("image: shop:1", "image:\n  name: shop\n", "image", ERROR),
        ("  enabled: true", "  enabled: 'yes'", "service.enabled", WARNING),
    ],
)
def test_a_key_of_another_type(old: str, new: str, element: str, severity: str) -> None:
    read = (WORKLOAD_FILE, "    spec:\n", "    spec:\n      # {{ .Values.hosts }}\n")
    base = edited(FILES, [read])
    schema = ("charts/shop/values.schema.json", ',\n    "image": {"type": "string"}', "")
    head = edited(base, [BUMP, (VALUES_FILE, old, new), schema])
    found = {row for row in told(between(base, head)) if row[0] == "values-key-retyped"}
    assert found == {("values-key-retyped", f"chart:shop:values.{element}", severity)}


def test_a_schema_that_takes_less_is_told_with_who_is_refused() -> None:
    one = the(("charts/shop/values.schema.json", '["integer", "string"]', '"integer"'))
    assert (name_of(one), one.element) == ("values-schema-tightened", "chart:shop:values.replicaCount")
    assert "string no longer" in one.message
    assert one.location == Location("charts/shop/values.schema.json", 4, 22)


def test_a_schema_that_takes_more_is_quiet() -> None:
    assert (
        rows(("charts/shop/values.schema.json", '{"type": "string"}', '{"type": ["string", "null"]}'))
        == set()
    )


def test_values_of_this_repository_that_are_refused() -> None:
    one = the(
        (
            WORKLOAD_FILE,
            "    spec:\n",
            '    spec:\n      # {{ required "a tenant is needed" .Values.tenant }}\n',
        )
    )
    assert (name_of(one), one.element) == ("values-refused", "chart:shop:values")
    assert "a tenant is needed" in one.message
    assert one.location == Location(WORKLOAD_FILE, 15)
    assert {place.path for place in one.related} >= {"argocd/shop.yaml", "flux/shop.yaml", "helmfile.yaml"}


def test_values_that_only_one_installation_lacks() -> None:
    asks = '{{ if gt (int .Values.replicaCount) 5 }}{{ fail "too many" }}{{ end }}'
    one = the((WORKLOAD_FILE, "    spec:\n", f"    spec:\n      # {asks}\n"))
    assert name_of(one) == "values-refused"
    assert [place.path for place in one.related] == ["charts/all/values.yaml", "helmfile.yaml"]


def test_a_port_in_a_template() -> None:
    base = edited(
        FILES, [(SERVICE_FILE, "port: {{ .Values.service.port }}", "port: 80 # {{ .Values.service.port }}")]
    )
    head = edited(base, [BUMP, (SERVICE_FILE, "port: 80 #", "port: 81 #")])
    (one,) = between(base, head).breaks
    assert (name_of(one), one.element) == ("service-port-changed", "Service/shop:port/80")
    assert (line_of(head, one), one.base_location) == (
        line_of(base, one).replace("80", "81"),
        Location(SERVICE_FILE, 11),
    )
    names = ("all", "shop-eu", "shop-us", "shop")
    assert one.reaches == tuple(f"Service/{name}:port/80" for name in names)
    assert one.contract == CHART_FILE


def test_a_port_in_values_is_told_there() -> None:
    one = next(one for one in breaks((VALUES_FILE, "port: 80", "port: 81")))
    assert (name_of(one), one.element) == ("service-port-changed", "Service/shop:port/80")
    assert (one.location, one.base_location) == (Location(VALUES_FILE, 6, 3), Location(VALUES_FILE, 6, 3))


def test_values_of_one_installation_are_compared_for_that_one() -> None:
    head = edited(FILES, [("argocd/shop.yaml", 'value: "8443"', 'value: "9443"')])
    (one,) = between(FILES, head).breaks
    assert (name_of(one), one.element) == ("service-port-changed", "Service/shop:port/8443")
    assert one.location.path == "argocd/shop.yaml"


def test_a_selector_in_a_template_is_an_error() -> None:
    label = '      app: {{ include "shop.name" . }}\n'
    found = rows(
        (WORKLOAD_FILE, "    matchLabels:\n" + label, "    matchLabels:\n" + label + "      tier: web\n")
    )
    assert ("selector-changed", "Deployment/shop:selector", ERROR) in found


def test_a_job_that_helm_keeps_can_not_change() -> None:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: load}\nspec:\n  template:\n"
        "    spec:\n      containers: [{name: a, image: b}]\n"
    )
    base = {**FILES, "charts/shop/templates/job.yaml": job}
    head = edited(base, [BUMP, ("charts/shop/templates/job.yaml", "image: b", "image: c")])
    assert told(between(base, head)) == {("immutable-field-changed", "Job/load:spec.template", ERROR)}
    hook = job.replace("{name: load}", "{name: load, annotations: {helm.sh/hook: pre-upgrade}}")
    base = {**FILES, "charts/shop/templates/job.yaml": hook}
    head = edited(base, [BUMP, ("charts/shop/templates/job.yaml", "image: b", "image: c")])
    assert told(between(base, head)) == set()


def test_a_chart_that_changes_without_its_version() -> None:
    removed = [(VALUES_FILE, "replicaCount: 2\n", ""), (WORKLOAD_FILE, "{{ .Values.replicaCount }}", "2")]
    answer = between(FILES, edited(FILES, removed))
    version = next(one for one in answer.breaks if name_of(one) == "chart-version-not-raised")
    assert (version.severity, version.location) == (WARNING, Location(CHART_FILE, 3))
    assert "2.0.0" in version.message
    assert answer.bump["shop"] == "major"


@pytest.mark.parametrize(
    ("edit", "raised", "quiet"),
    [
        ((VALUES_FILE, "replicaCount: 2", "replicaCount: 3"), "1.4.1", True),
        ((VALUES_FILE, "replicaCount: 2", "replicaCount: 2\nmore: x"), "1.4.1", False),
        ((VALUES_FILE, "replicaCount: 2", "replicaCount: 2\nmore: x"), "1.5.0", True),
        (("charts/shop/ci/test-values.yaml", "shop:test", "shop:other"), "1.4.0", True),
        (("charts/shop/README.md", "", "The shop.\n"), "1.4.0", True),
    ],
)
def test_the_version_that_a_change_asks_for(edit: Edit, raised: str, quiet: bool) -> None:
    head = edited(FILES, [edit, (CHART_FILE, "1.4.0", raised)])
    assert (told(between(FILES, head)) == set()) == quiet


def test_a_chart_for_fewer_clusters() -> None:
    one = the((CHART_FILE, ">=1.22.0-0", ">=1.27.0-0"))
    assert (name_of(one), one.element) == ("kubernetes-version-tightened", "chart:shop:kubeVersion")
    assert "1.22 to 1.26" in one.message
    assert rows((CHART_FILE, ">=1.22.0-0", ">=1.20.0-0")) == set()


def test_apis_are_those_of_the_newest_cluster_that_the_chart_takes() -> None:
    ingress = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: shop}\n"
    new = ("charts/shop/templates/pdb.yaml", "", ingress)
    assert rows(new) == {("api-version-removed", "PodDisruptionBudget/shop:apiVersion", ERROR)}
    alone = {path: text for path, text in FILES.items() if path.startswith(PLACE)}
    base = edited(alone, [(CHART_FILE, "'>=1.22.0-0'", "'>=1.16.0-0 <1.22.0-0'")])
    assert told(between(base, edited(base, [BUMP, new]))) == set()


def test_a_chart_that_is_renamed_or_removed() -> None:
    alone = {path: text for path, text in FILES.items() if path.startswith(PLACE)}
    head = edited(alone, [BUMP, (CHART_FILE, "name: shop", "name: store")])
    assert ("chart-removed", "chart:shop", ERROR) in told(between(alone, head))
    assert told(between(alone, {})) == {("chart-removed", "chart:shop", ERROR)}


def test_a_chart_that_moves_is_compared_with_itself() -> None:
    alone = {path: text for path, text in FILES.items() if path.startswith(PLACE)}
    head = {path.replace(PLACE, "deploy/helm/"): text for path, text in alone.items()}
    head = edited(
        head,
        [("deploy/helm/Chart.yaml", "1.4.0", "2.0.0"), ("deploy/helm/values.yaml", "port: 80", "port: 81")],
    )
    assert told(between(alone, head)) == {("service-port-changed", "Service/shop:port/80", ERROR)}


LIBRARY = {
    "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n",
    "charts/lib/templates/_all.tpl": (
        '{{- define "lib.labels" -}}app: x{{- end -}}\n{{- define "lib.port" -}}80{{- end -}}\n'
    ),
    "charts/web/Chart.yaml": (
        "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n"
        "  - {name: lib, version: 0.1.0, repository: 'file://../lib'}\n"
    ),
    "charts/web/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    'spec:\n  ports:\n    - port: {{ include "lib.port" . }}\n',
}


def test_a_template_of_a_library_chart() -> None:
    head = edited(
        LIBRARY, [("charts/lib/templates/_all.tpl", '{{- define "lib.labels" -}}app: x{{- end -}}\n', "")]
    )
    found = told(between(LIBRARY, head))
    assert ("chart-template-removed", "chart:lib:template.lib.labels", ERROR) in found


def test_a_chart_that_another_one_takes_in_is_compared_through_it() -> None:
    head = edited(LIBRARY, [("charts/lib/templates/_all.tpl", "80", "81")])
    found = told(between(LIBRARY, head))
    assert ("service-port-changed", "Service/web:port/80", ERROR) in found


def test_charts_in_charts_are_told_at_their_own_lines() -> None:
    base = {
        "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
        "shop/values.yaml": "db:\n  port: 5432\n",
        "shop/charts/postgres/Chart.yaml": "apiVersion: v2\nname: db\nversion: 0.1.0\n",
        "shop/charts/postgres/values.yaml": "port: 1\n",
        "shop/charts/postgres/templates/s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
        "spec:\n  ports:\n    - port: {{ .Values.port }}\n      name: a\n",
    }
    head = edited(base, [("shop/charts/postgres/templates/s.yaml", "name: a", "name: b")])
    one = next(one for one in between(base, head).breaks if name_of(one) == "service-port-renamed")
    assert one.location == Location("shop/charts/postgres/templates/s.yaml", 7)
    head = edited(base, [("shop/values.yaml", "5432", "5433")])
    one = next(one for one in between(base, head).breaks if name_of(one) == "service-port-changed")
    assert (one.element, one.location) == ("Service/db:port/5432", Location("shop/values.yaml", 2, 3))
