"""The real helm: what a chart renders to, what is told if it does not, what it must not read or reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from gotool import real, script

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import helm
from workspai_hooks.tools.helm import Fault, Helm, Rendered, template


@pytest.fixture(scope="module")
def tool() -> Helm:
    return real(helm.resolve_helm)


SHOP = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "values.yaml": "port: 80\nhost: shop.example\n",
    "templates/_names.tpl": '{{- define "shop.name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}\n',
    "templates/service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "shop.name" . }}
  namespace: {{ .Release.Namespace }}
spec:
  ports:
    - port: {{ .Values.port }}
""",
}
Make = Callable[..., Path]


@pytest.fixture
def chart(tmp_path: Path) -> Make:
    """The shop's chart with these files besides or instead; its folder has another name."""

    def make(files: Mapping[str, str] | None = None, name: str = "deploy") -> Path:
        for path, text in {**SHOP, **(files or {})}.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / name

    return make


def fault(rendered: Rendered) -> Fault:
    assert rendered.documents == ()
    (one,) = rendered.faults
    return one


def test_each_object_is_a_document_that_names_its_template(tool: Helm, chart: Make) -> None:
    both = SHOP["templates/service.yaml"] + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    rendered = template(tool, chart({"templates/service.yaml": both}), release="r", namespace="n")
    assert rendered.faults == ()
    assert [document.source for document in rendered.documents] == ["shop/templates/service.yaml"] * 2
    secret, service = (document.text for document in rendered.documents)
    assert "kind: Secret" in secret
    assert "name: r-shop\n  namespace: n\n" in service
    assert "port: 80\n" in service


def test_values_of_files_win_over_the_charts_the_last_most(tool: Helm, chart: Make, tmp_path: Path) -> None:
    """A comma in a name would be two files to helm."""
    first, last = tmp_path / "a,b.yaml", tmp_path / 'c"d.yaml'
    first.write_text("port: 1\nhost: first\n")
    last.write_text("port: 2\n")
    text = template(tool, chart(), [first, last]).documents[0].text
    assert "port: 2\n" in text


def test_hooks_crds_and_subcharts_are_rendered_tests_are_not(tool: Helm, chart: Make) -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {}\n  annotations: {{helm.sh/hook: {}}}\n"
    made = chart(
        {
            "templates/hook.yaml": job.format("before", "pre-install"),
            "templates/tests/test.yaml": job.format("test", "test"),
            "crds/book.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "metadata: {name: books.shop.example}\n",
            "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
            "charts/db/templates/db.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\n",
        }
    )
    assert sorted({document.source for document in template(tool, made).documents}) == [
        "shop/charts/db/templates/db.yaml",
        "shop/crds/book.yaml",
        "shop/templates/hook.yaml",
        "shop/templates/service.yaml",
    ]


def test_what_the_cluster_can_do_is_what_was_asked(tool: Helm, chart: Make) -> None:
    asks = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        "  version: {{ .Capabilities.KubeVersion }}\n"
        '  monitored: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}\n'
    )
    made = chart({"templates/asks.yaml": asks})
    given = template(tool, made, kube_version="1.27.3", api_versions=["monitoring.coreos.com/v1"])
    (text,) = (one.text for one in given.documents if one.source.endswith("asks.yaml"))
    assert "version: v1.27.3\n" in text
    assert "monitored: true\n" in text
    assert "monitored: false\n" in template(tool, made).documents[0].text


def test_a_template_that_quotes_the_mark_of_a_document_is_one(tool: Helm, chart: Make) -> None:
    data = "data:\n  x: |\n    ---\n    # Source: y\n    z: 1\n"
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{data}"
    documents = template(tool, chart({"templates/a.yaml": text})).documents
    assert len(documents) == 2
    assert any("# Source: y" in document.text for document in documents)


@pytest.mark.parametrize(
    ("files", "words", "place"),
    [
        (
            {"templates/x.yaml": 'a: 1\nb: {{ fail "no way" }}\n'},
            "no way",
            ("shop/templates/x.yaml", 2, 6),
        ),
        (
            {"templates/x.yaml": "a: 1\nb: {{ .Values.a.b.c }}\n"},
            "nil pointer",
            ("shop/templates/x.yaml", 2, 13),
        ),
        (
            {
                "templates/_names.tpl": '{{ define "shop.name" }}\n{{ .Values.a.b.c }}{{ end }}\n',
            },
            'executing "shop.name"',
            ("shop/templates/_names.tpl", 2, 10),
        ),
        (
            {"templates/x.yaml": "\n\n{{ nothing }}\n"},
            'function "nothing" not defined',
            ("shop/templates/x.yaml", 3, 0),
        ),
        (
            {"templates/x.yaml": "a: [1\n"},
            "YAML parse error",
            ("shop/templates/x.yaml", 0, 0),
        ),
        (
            {"values.yaml": "a: 1\nb: [\n"},
            "cannot load values.yaml",
            ("values.yaml", 2, 0),
        ),
        (
            {
                "Chart.yaml": SHOP["Chart.yaml"]
                + "dependencies: [{name: redis, version: 1.0.0, repository: x}]\n"
            },
            "missing in charts/ directory: redis",
            ("", 0, 0),
        ),
        ({"Chart.yaml": ""}, "chart.metadata", ("", 0, 0)),
        (
            {"templates/x.yaml": '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}'},
            "exceeded maximum template depth",
            ("shop/templates/x.yaml", 1, 28),
        ),
    ],
    ids=["fail", "nil", "helper", "parse", "yaml", "values", "dependency", "empty", "recursion"],
)
def test_a_chart_that_does_not_render_is_told_in_helms_words(
    tool: Helm,
    chart: Make,
    tmp_path: Path,
    files: dict[str, str],
    words: str,
    place: tuple[str, int, int],
) -> None:
    told = fault(template(tool, chart(files)))
    assert words in told.message
    assert (told.path, told.line, told.column) == place
    assert str(tmp_path) not in told.message
    assert "--debug" not in told.message


def test_values_that_the_charts_schema_does_not_allow_are_a_fault_each(tool: Helm, chart: Make) -> None:
    schema = '{"required": ["owner"], "properties": {"port": {"type": "string"}}}'
    faults = template(tool, chart({"values.schema.json": schema})).faults
    assert [one.message for one in faults] == [
        "shop: at '': missing property 'owner'",
        "shop: at '/port': got number, want string",
    ]
    assert {one.path for one in faults} == {"values.schema.json"}


def test_a_file_of_values_that_can_not_be_read_is_a_fault(tool: Helm, chart: Make, tmp_path: Path) -> None:
    values = tmp_path / "prod.yaml"
    values.write_text("a: 1\nb: [\n")
    told = fault(template(tool, chart(), [values]))
    assert (told.path, told.line) == ("prod.yaml", 2)
    assert "missing.yaml" in fault(template(tool, chart(), [tmp_path / "missing.yaml"])).message


def test_a_schema_on_a_network_is_not_fetched(tool: Helm, chart: Make) -> None:
    told = fault(template(tool, chart({"values.schema.json": '{"$ref": "http://shop.invalid/s.json"}'})))
    assert 'failing loading "http://shop.invalid/s.json"' in told.message


def test_no_cluster_is_asked_and_no_name_resolved(tool: Helm, chart: Make) -> None:
    asks = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        '  pod: {{ lookup "v1" "Pod" "a" "b" | toJson | quote }}\n'
        '  address: {{ getHostByName "localhost" | quote }}\n'
    )
    text = template(tool, chart({"templates/asks.yaml": asks})).documents[0].text
    assert 'pod: "{}"' in text
    assert 'address: ""' in text


def test_nothing_of_the_users_helm_is_used_or_made(
    tool: Helm, chart: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    plugin = home / "plugins" / "spy"
    plugin.mkdir(parents=True)
    (plugin / "plugin.yaml").write_text(f"name: template\nversion: 1.0.0\ncommand: touch {home / 'ran'}\n")
    for name in ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("HELM_PLUGINS", str(home / "plugins"))
    monkeypatch.setenv("HELM_NAMESPACE", "theirs")
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setenv("KUBECONFIG", str(home / "kubeconfig"))
    made = chart()
    before = sorted(made.rglob("*"))
    assert "namespace: default" in template(tool, made).documents[0].text
    assert [path.name for path in home.iterdir()] == ["plugins"]
    assert sorted(made.rglob("*")) == before


@pytest.mark.parametrize(
    ("bomb", "why"),
    [
        ('{{ repeat 1000000000 (repeat 8 "x") }}', "MiB of memory"),
        ('a: {{ repeat 2000000 "x" }}', "printed more than 1 MiB"),
    ],
)
def test_a_chart_that_grows_is_stopped(
    tool: Helm, chart: Make, monkeypatch: pytest.MonkeyPatch, bomb: str, why: str
) -> None:
    monkeypatch.setattr(helm, "OUTPUT_BYTES", 1 << 20)
    with pytest.raises(UndecidedError, match=why):
        template(tool, chart({"templates/bomb.yaml": bomb}))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo broken >&2; exit 1", "exit code 1: broken"),
        ("kill -9 $$", "signal 9"),
        ("exit 3", "said nothing"),
    ],
)
def test_one_that_fails_is_named(chart: Make, tmp_path: Path, body: str, why: str) -> None:
    broken = Helm(str(script(tmp_path, body, "helm")), "3.22.0", "PATH")
    with pytest.raises(UndecidedError) as caught:
        template(broken, chart())
    assert caught.value.undecided.what == "helm template"
    assert why in caught.value.undecided.why


def test_one_that_hangs_is_stopped(chart: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "_TIMEOUT_S", 0.3)
    slow = Helm(str(script(tmp_path, "exec sleep 60", "helm")), "3.22.0", "PATH")
    with pytest.raises(UndecidedError, match=r"no answer within 0\.3 s"):
        template(slow, chart())
