"""Charts, manifests and kustomizations that nobody vouches for: where it is told, in bounded time."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from deployed import MANIFESTS, between, told
from gotool import real, script

from workspai_hooks.breaking.helm.comparison import compare
from workspai_hooks.changes.snapshot import SYMLINK, Snapshot
from workspai_hooks.contracts.helm import reads, template_lines
from workspai_hooks.contracts.helm.installations import commands, helmfile
from workspai_hooks.contracts.helm.nodes import MAX_BYTES, YamlError, read
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.values import assignments
from workspai_hooks.source import Location
from workspai_hooks.tools import helm
from workspai_hooks.tools.git import Entry
from workspai_hooks.tools.helm import Helm

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n    - port: 80\n"
CHART = {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "c/values.yaml": "port: 80\n",
    "c/templates/s.yaml": SERVICE.replace("port: 80", "port: {{ .Values.port }}"),
}
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(scope="module", autouse=True)
def tool() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSPAI_HELM", real(helm.resolve_helm).path)
        yield


def open_questions(base: Mapping[str, str | bytes], head: Mapping[str, str | bytes]) -> list[tuple[str, str]]:
    return [(one.what, one.why) for one in between(base, head).undecided]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: 1\nb: [", 3, "did not find expected node content"),
        ("[" * 300, 1, "nested deeper than 100 levels"),
        ("a: 1\nb: *other\n", 2, "an alias (*name) has no anchor"),
        (BOMB, 6, "aliases written out"),
        ("a: 1\nb: \x00\n", 2, "control characters"),
        ("a:\n\t- b\n", 2, "found character that cannot start any token"),
        ("x" * (MAX_BYTES + 1), 1, "larger than"),
    ],
)
def test_yaml_that_is_no_tree(text: str, line: int, why: str) -> None:
    started = time.process_time()
    with pytest.raises(YamlError, match=re.escape(why)) as error:
        read("x.yaml", text.encode())
    assert error.value.line == line
    assert time.process_time() - started < 5


def test_anchors_end_with_their_document() -> None:
    with pytest.raises(YamlError, match="no anchor"):
        read("x.yaml", b"a: &x 1\n---\nb: *x\n")


def test_types_are_those_of_yaml_as_helm_reads_it() -> None:
    (tree,) = read(
        "x", b"[1, '1', yes, on, ~, 0x10, 0755, 1e3, 1_000, !!str 5, 2001-01-01, .5, 'null', \"\"]"
    ).documents
    assert tree.plain() == [
        1,
        "1",
        True,
        True,
        None,
        16,
        493,
        1000.0,
        "1_000",
        "5",
        "2001-01-01",
        0.5,
        "null",
        "",
    ]


def test_merged_keys_and_carriage_returns_and_a_byte_order_mark() -> None:
    data = b"\xef\xbb\xbfbase: &b {x: 1, y: 2}\r\nown:\r\n  <<: *b\r\n  y: 3\r\n"
    (tree,) = read("x.yaml", data).documents
    own = tree.at("own")
    assert own is not None
    assert own.plain() == {"x": 1, "y": 3}
    assert tree.nearest("own", "y") == Location("x.yaml", 4, 3)


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    head = {path: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for path, text in MANIFESTS.items()}
    answer = between(MANIFESTS, head)
    assert (told(answer), answer.undecided) == (set(), ())


def test_a_manifest_that_can_not_be_read_is_an_open_question_with_its_line() -> None:
    questions = open_questions({"k/s.yaml": SERVICE}, {"k/s.yaml": SERVICE + "  bad: [\n"})
    assert questions == [("k/s.yaml:8", "can't be read: did not find expected node content")]


def test_templates_of_other_tools_are_read_as_they_are() -> None:
    text = (
        "{% if on %}\n"
        + SERVICE.replace("name: a", "name: '{{ name }}-a'")
        + "      nodePort: {{ port }}\n{% endif %}\n"
    )
    answer = between({"k/s.yaml": text}, {"k/s.yaml": text.replace("port: 80", "port: 81")})
    assert answer.undecided == ()
    assert {element for _, element, _ in told(answer)} == {"Service/name-a:port/80"}


def test_contents_that_are_not_here_are_asked_for() -> None:
    def without(files: Mapping[str, str], gone: str) -> Snapshot:
        made = Snapshot.of(files)
        blob = made.entries[gone].blob
        return dataclasses.replace(
            made, reader=lambda ids: {one: None if one == blob else made.reader([one])[one] for one in ids}
        )

    cases: list[tuple[dict[str, str], str]] = [
        ({"k/s.yaml": SERVICE}, "k/s.yaml"),
        (CHART, "c/templates/s.yaml"),
        ({"o/kustomization.yaml": "resources: [s.yaml]\n", "o/s.yaml": SERVICE}, "o/s.yaml"),
    ]
    for files, gone in cases:
        answer = compare(Snapshot.of(files), without({**files, gone: files[gone] + "# x\n"}, gone), [gone])
        assert answer.breaks == (), gone
        assert any("is not in this clone" in one.why for one in answer.undecided), gone


def test_what_could_not_be_read_before_is_told_apart() -> None:
    answer = between({"k/s.yaml": SERVICE + "  bad: [\n"}, {"k/s.yaml": SERVICE})
    assert (answer.breaks, answer.undecided) == ((), ())
    assert [one.what for one in answer.base_errors] == ["k/s.yaml:8"]


def test_what_nobody_changed_is_not_asked() -> None:
    bad = {"k/bad.yaml": SERVICE + "  bad: [\n", "k/s.yaml": SERVICE}
    assert open_questions(bad, {**bad, "k/s.yaml": SERVICE.replace("80", "80 ")}) == []


def test_a_key_that_is_given_twice_is_an_open_question() -> None:
    questions = open_questions({"k/s.yaml": SERVICE}, {"k/s.yaml": SERVICE + "      port: 81\n"})
    assert questions[0][0] == "k/s.yaml:7"
    assert "key port is given twice in one mapping, first in line 6" in questions[0][1]


@pytest.mark.parametrize(
    ("path", "text", "where", "why"),
    [
        ("c/templates/s.yaml", "{{ if }}", "c/templates/s.yaml:1", "does not render"),
        ("c/templates/s.yaml", SERVICE + "  {{ .Values.a.b.c }}", "c/templates/s.yaml:7", "nil pointer"),
        ("c/templates/s.yaml", SERVICE + "  x: [\n", "c/templates/s.yaml", "YAML parse error"),
        (
            "c/templates/s.yaml",
            '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
            "c/templates/s.yaml:1",
            "nested reference name",
        ),
        ("c/Chart.yaml", "name: c\n", "c/Chart.yaml", "version is required"),
        ("c/values.yaml", "a: [\n", "c/values.yaml:2", "can't be read"),
        ("c/values.yaml", BOMB, "c/values.yaml:6", "aliases written out"),
        ("c/values.yaml", "port: 80\nport: 81\n", "c/values.yaml:2", "given twice"),
    ],
)
def test_a_chart_that_does_not_render_says_where(path: str, text: str, where: str, why: str) -> None:
    questions = open_questions(CHART, {**CHART, path: text})
    assert where in [what for what, _ in questions], questions
    assert any(why in reason for _, reason in questions), questions


def test_a_chart_that_did_not_render_is_not_asked_where_nobody_touched_it() -> None:
    broken = {**CHART, "c/templates/s.yaml": "{{ if }}", "k/s.yaml": SERVICE}
    assert open_questions(broken, {**broken, "k/s.yaml": SERVICE + "  type: ClusterIP\n"}) == []


def test_a_chart_that_is_mended_leaves_only_its_past_open() -> None:
    answer = between({**CHART, "c/templates/s.yaml": "{{ if }}"}, CHART)
    assert answer.undecided == ()
    assert [one.what for one in answer.base_errors] == ["c/templates/s.yaml:1"]


def test_a_dependency_that_is_not_here_is_asked_where_it_changes() -> None:
    def with_db(version: str, port: int) -> dict[str, str]:
        listed = (
            f"dependencies:\n  - {{name: db, version: {version}, repository: 'https://charts.example'}}\n"
        )
        return {
            **CHART,
            "c/Chart.yaml": CHART["c/Chart.yaml"] + listed,
            "c/values.yaml": f"port: 80\ndb:\n  port: {port}\n",
        }

    (question,) = between(with_db("1.0.0", 1), with_db("2.0.0", 1)).undecided
    assert (question.what, "db 2.0.0" in question.why) == ("c/Chart.yaml:5", True)
    assert "helm dependency update c" in question.remedy
    (question,) = between(with_db("1.0.0", 1), with_db("1.0.0", 2)).undecided
    assert "its values for db changed" in question.why
    more = {
        **with_db("1.0.0", 1),
        "c/templates/s.yaml": SERVICE.replace("port: 80", "port: {{ .Values.port }} # x"),
    }
    assert between(with_db("1.0.0", 1), more).undecided == ()


def test_a_chart_whose_values_are_nowhere_says_what_to_do() -> None:
    asks = {**CHART, "c/templates/s.yaml": '# {{ required "a host" .Values.host }}\n' + SERVICE}
    (question,) = between(asks, {**asks, "c/values.yaml": "port: 81\n"}).undecided
    assert "no values in this repository render it" in question.why
    assert "c/ci/test-values.yaml" in question.remedy


def test_what_a_cluster_would_answer_is_empty_on_both_sides() -> None:
    looks = '{{ $found := lookup "v1" "Secret" "x" "y" }}{{ if not $found }}\n' + SERVICE + "{{ end }}"
    asks = '{{ if .Capabilities.APIVersions.Has "a.example/v1" }}\n' + SERVICE + "{{ end }}"
    base = {**CHART, "c/templates/a.yaml": looks, "c/templates/b.yaml": asks}
    head = {**base, "c/templates/a.yaml": looks.replace("port: 80", "port: 81")}
    found = {(element, severity) for _, element, severity in told(between(base, head))}
    assert ("Service/a:port/80", "error") in found


def test_hostile_texts_in_templates_reach_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        '  a: {{ .Files.Get "%s" | quote }}\n  b: {{ tpl .Values.t . | quote }}\n'
    )
    base = {
        **CHART,
        "c/templates/m.yaml": text % f"../../../../../..{secret}",
        "c/values.yaml": "port: 80\nt: '{{ env \"HOME\" }}'\n",
    }
    (question, *_) = between(
        base, {**base, "c/templates/m.yaml": base["c/templates/m.yaml"] + "  c: d\n"}
    ).undecided
    assert 'function \\"env\\" not defined' in question.why or 'function "env" not defined' in question.why
    calm = {**base, "c/values.yaml": "port: 80\nt: x\n"}
    answer = between(calm, {**calm, "c/templates/m.yaml": calm["c/templates/m.yaml"].replace("  a:", "  e:")})
    assert "do not read" not in repr(answer)


def linked(files: Mapping[str, str], links: Mapping[str, str], name: str = "index") -> Snapshot:
    """A snapshot with symbolic links: path -> what it points to."""
    made = Snapshot.of({**files, **links}, name)
    entries = {path: Entry(SYMLINK, one.blob) if path in links else one for path, one in made.entries.items()}
    return dataclasses.replace(made, entries=entries)


def test_links_are_followed_inside_of_the_repository_only(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SERVICE)
    files = {path: text for path, text in CHART.items() if "templates" not in path}
    shared = {"shared/s.yaml": CHART["c/templates/s.yaml"], "shared/more/t.yaml": "# nothing\n"}
    links = {
        "c/templates/s.yaml": "../../shared/s.yaml",
        "c/templates/more": "../../shared/more",
        "c/templates/out.yaml": f"../../../../../../../..{tmp_path}/secret.yaml",
        "c/templates/round.yaml": "round.yaml",
    }
    head = {**shared, "shared/s.yaml": SERVICE.replace("port: 80", "port: 81 # {{ .Values.port }}")}
    answer = compare(linked({**files, **shared}, links), linked({**files, **head}, links), ["shared/s.yaml"])
    assert answer.undecided == ()
    assert {one.element for one in answer.breaks} >= {"Service/a:port/80"}


def test_a_chart_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "_TIMEOUT_S", 0.2)
    slow = Helm(str(script(tmp_path, "sleep 20", "helm")), "3.22.0", "WORKSPAI_HELM")
    files = {**CHART, **{f"c/values-{number}.yaml": f"a: {number}\n" for number in range(20)}}
    started = time.monotonic()
    answer = compare(
        Snapshot.of(files), Snapshot.of({**files, "c/values.yaml": "port: 81\n"}), ["c/values.yaml"], slow
    )
    assert time.monotonic() - started < 10
    (question,) = answer.undecided
    assert (question.what, "gave no answer within" in question.why) == ("c/Chart.yaml", True)


def test_a_chart_that_is_too_large_is_told() -> None:
    files = {**CHART, **{f"c/crds/{number}.yaml": "a: 1\n" for number in range(5001)}}
    (question,) = between(files, {**files, "c/values.yaml": "port: 81\n"}).undecided
    assert "too large to be rendered" in question.why


def test_more_sets_of_values_than_are_rendered_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from workspai_hooks.breaking.helm import charts

    monkeypatch.setattr(charts, "MOST_INSTALLATIONS", 2)
    files = {**CHART, **{f"c/values-{number}.yaml": f"a: {number}\n" for number in range(4)}}
    answer = between(files, {**files, "c/values.yaml": "port: 81\n"})
    assert "is installed with 5 sets of values; 2 of them are compared" in answer.undecided[0].why


KUSTOMIZE: list[tuple[dict[str, str], str, str]] = [
    ({"o/kustomization.yaml": "resources: [../o]\n"}, "o/kustomization.yaml:1", "takes itself in"),
    ({"o/kustomization.yaml": "resources:\n  - gone.yaml\n"}, "o/kustomization.yaml:2", "is not there"),
    ({"o/kustomization.yaml": "resources: [s.yaml]\nbad: [\n"}, "o/kustomization.yaml:3", "can't be read"),
    (
        {"o/kustomization.yaml": "resources:\n  - https://example.com/x?ref=v2\n"},
        "o/kustomization.yaml:2",
        "fetched from elsewhere",
    ),
    (
        {"o/kustomization.yaml": "resources:\n  - ../../../etc\n"},
        "o/kustomization.yaml:2",
        "leads out of the repository",
    ),
    ({"o/s.yaml": "a: [\n"}, "o/kustomization.yaml:1", "o/s.yaml:2 can't be read"),
    (
        {
            "o/kustomization.yaml": (
                "resources: [s.yaml]\npatches:\n  - patch: '[{op: remove, path: /spec/gone}]'\n"
                "    target: {kind: Service}\n"
            )
        },
        "o/kustomization.yaml:3",
        "there is no gone",
    ),
    (
        {"o/kustomization.yaml": "resources: [s.yaml]\npatches:\n  - patch: 'a: ['\n"},
        "o/kustomization.yaml:3",
        "its patch can't be read",
    ),
    (
        {"o/kustomization.yaml": "resources: [s.yaml]\nhelmCharts:\n  - name: db\n"},
        "o/kustomization.yaml:3",
        "helmCharts are not followed",
    ),
    (
        {
            "o/kustomization.yaml": "resources: [s.yaml]\n"
            "configMapGenerator:\n  - name: a\n    files: [gone]\n"
        },
        "o/kustomization.yaml:4",
        "is not there",
    ),
]


@pytest.mark.parametrize(("edit", "where", "why"), KUSTOMIZE, ids=[row[2] for row in KUSTOMIZE])
def test_a_kustomization_that_can_not_be_built_says_where(edit: dict[str, str], where: str, why: str) -> None:
    base = {"o/kustomization.yaml": "resources: [s.yaml]\n", "o/s.yaml": SERVICE}
    questions = open_questions(base, {**base, **edit})
    assert [what for what, reason in questions if why in reason] == [where], questions


def test_a_remote_base_that_stays_is_not_asked() -> None:
    text = (
        "resources:\n  - https://example.com/x?ref=v1\n  - s.yaml\npatches:\n"
        "  - patch: |\n      apiVersion: v1\n      kind: Service\n"
        "      metadata: {name: elsewhere}\n"
    )
    base = {"o/kustomization.yaml": text, "o/s.yaml": SERVICE}
    answer = between(base, {**base, "o/s.yaml": SERVICE.replace("80", "81")})
    assert answer.undecided == ()
    assert {element for _, element, _ in told(answer)} == {"Service/a:port/80"}


SIZE = 40_000
FILLS = {
    "newlines": "\n" * SIZE,
    "spaces": " " * SIZE,
    "open action": "{{ x" + " " * SIZE,
    "open actions": "{{ " * (SIZE // 3),
    "quotes": '{{ "' + '\\"' * (SIZE // 2),
    "helm": "helm upgrade " * (SIZE // 13),
    "flags": "helm upgrade x ./c " + "--set a=" * (SIZE // 8),
    "braces": "{" * SIZE,
    "backslashes": "\\" * SIZE,
    "dots": ".Values" + ".a" * (SIZE // 2),
    "equal signs": "=" * SIZE,
    "cd": "cd a/" * (SIZE // 5),
}


def _commands(text: str) -> object:
    return list(commands.find(Side(Snapshot.of({"x.sh": text})), "x.sh"))


def _helmfile(text: str) -> object:
    return list(helmfile.find(Side(Snapshot.of({"helmfile.yaml": text})), "helmfile.yaml"))


READERS: dict[str, Callable[[str], object]] = {
    "commands": _commands,
    "helmfile": _helmfile,
    "reads": lambda text: reads.Reads([text]).may_read(("a",)),
    "template": lambda text: template_lines.TemplateText(text).blocks,
    "expression": lambda text: template_lines.TemplateText(text).expression(1),
    "set": lambda text: assignments(text, Location("x")),
}


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("reader", READERS)
def test_readers_take_linear_time(reader: str, fill: str) -> None:
    started = time.process_time()
    READERS[reader](FILLS[fill])
    assert time.process_time() - started < 3
