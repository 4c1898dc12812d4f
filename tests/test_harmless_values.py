"""Values of files reach no report: a secret stands in every place where a value can, and is looked for in all
that is printed and written."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch
from planted import MARK, base, head, secrets_in

from workspai_hooks import cli, disclosure
from workspai_hooks.inspection import run

CREDENTIALS = f"https://bot:{MARK}999@git.example/shop.git"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """The planted repository; what breaks is in the index."""
    made = Scratch.init(tmp_path_factory.mktemp("planted") / "repository").write(base())
    made.commit("base")
    made.branch("topic").write(head())
    made.repo.git.remote("add", "origin", CREDENTIALS)
    return made


Printed = Callable[..., tuple[int, str]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Run our command line in a folder: exit code and all that it prints."""

    def call(root: Path, *arguments: str) -> tuple[int, str]:
        monkeypatch.chdir(root)
        code = cli.main(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "itself failed" not in said.err + said.out
        return code, said.out + said.err

    return call


ELEMENTS = ("shop.v1.Order.total", "GET /orders", "chart:shop:values.token", "Secret/stored:key/password")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--format", "json"),
        ("impact", *ELEMENTS),
        ("impact", *ELEMENTS, "--format", "json"),
        *(("graph", "--format", form) for form in ("terminal", "json", "mermaid", "dot", "graphml", "html")),
        ("facts", "export", "-"),
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)
def test_no_value_reaches_a_report(planted: Scratch, printed: Printed, arguments: tuple[str, ...]) -> None:
    code, text = printed(planted.root, *arguments)
    assert code == (1 if arguments[0] == "check" else 0), text
    assert secrets_in(text) == set()
    assert len(text) > 300


def test_what_breaks_beside_values_is_told(planted: Scratch, printed: Printed) -> None:
    """Or silence is all that the test above shows: each of what breaks is there, by key, type and place."""
    _, text = printed(planted.root, "check", "--format", "json")
    messages = "\n".join(finding["message"] for finding in json.loads(text)["findings"])
    for said in (
        "values key replicas of chart shop was a number and is a string now",
        "no longer renders with",
        "Secret/stored: key gone was removed; StatefulSet/db (envFrom) still reads it",
        "Secret/generated: key other was removed",
        "shop.v1.Order.note (field 1) changed its default value",
        'shop.v1.Order.total (field 4) changed type from "int32" to "string"',
        "response's property `type` changed from `integer` to `string`",
        "Service/outside stood for old.example and stands for new.example now",
        "its pods have 5 s to end, no longer 60 s",
        "from `https://login.example/token` to `https://login.example/token`",
        "spec.volumeClaimTemplates changed",
    ):
        assert said in messages, messages
    questions = [question["why"] for question in json.loads(text)["undecided"]]
    assert "kustomization k8s/over: helmCharts are not followed: db" in questions
    assert "kustomization k8s/over: https://git.example/base is fetched from elsewhere" in questions


def test_no_value_reaches_a_report_on_a_whole_description(planted: Scratch, printed: Printed) -> None:
    """In CI it is validated as a whole, examples and defaults included."""
    planted.repo.git.stash("--quiet")
    try:
        planted.branch("released").write(head())
        listed = f'{{description: ["{MARK}777"]}}'
        planted.replace("api/orders.yaml", "{description: ok}", listed).commit("head")
        for form in ("terminal", "json"):
            _, text = printed(planted.root, "check", "--stage", "ci", "--base", "main", "--format", form)
            assert "is no valid OpenAPI" in text
            assert secrets_in(text) == set()
    finally:
        planted.repo.git.switch("--quiet", "--force", "topic")
        planted.repo.git.stash("pop", "--quiet", "--index")


def test_no_value_is_in_a_file_that_is_written(planted: Scratch, printed: Printed, tmp_path: Path) -> None:
    for number, arguments in enumerate(
        (
            ("check", "--output"),
            ("check", "--format", "json", "--output"),
            ("graph", "--format", "html", "--output"),
            ("facts", "export"),
        )
    ):
        printed(planted.root, *arguments, str(tmp_path / str(number)))
        assert secrets_in((tmp_path / str(number)).read_text()) == set()
    reason = ("--reason", "x", "--owner", "y", "--expires", "2999-01-01")
    code, text = printed(planted.root, "approve", "WSP108", "shop.v1.Order.note", *reason)
    assert code == 0, text
    written = (planted.root / ".workspai/approvals.yaml").read_text()
    assert "shop.v1.Order.note" in written
    assert secrets_in(text + written) == set()


def _in(template: str) -> dict[str, str]:
    """A template of the chart that does something with values."""
    return {
        "deploy/shop/templates/x.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + f'data: {{a: "{template}"}}\n'
        )
    }


def _edited(path: str, old: str, new: str) -> dict[str, str]:
    text = base()[path]
    assert old in text
    return {path: text.replace(old, new.replace("$S", f"{MARK}777"))}


def _with(path: str, more: str) -> dict[str, str]:
    return {path: base()[path] + more.replace("$S", f"{MARK}777")}


BROKEN: Mapping[str, Mapping[str, str]] = {
    # helm quotes what it was given; two kinds of wrong things in a description; a patch in its place
    "a template that fails with a value": {
        **_in("{{ fail .Values.token }}"),
        **_with("k8s/base/kustomization.yaml", 'patchesStrategicMerge: ["{kind: Secret, a: $S"]\n'),
        **_edited("api/orders.yaml", "total: {type: integer}", 'total: {type: integer, minimum: "$S"}'),
    },
    "a template that fails with all values": _in('{{ fail (printf \\"x%vx\\" .Values) }}'),
    "a template that fails with a value in base64": _in("{{ fail (b64enc .Values.token) }}"),
    "a template that takes a value for a time": _in('{{ mustToDate \\"2006\\" .Values.token }}'),
    "a tag that a value does not fit": {
        **_with("deploy/shop/values.yaml", "x: !!int $S\n"),
        **_edited("api/orders.yaml", "total: {type: integer}", "total: {type: integer, enum: $S}"),
        **_with("k8s/base/app.yaml", "---\nx: *$S\n"),
    },
    "an alias that nobody meant": {
        **_with("deploy/shop/values.yaml", "x: *$S\n"),
        **_with("api/orders.yaml", "x: *$S\n"),
        **_with("k8s/base/kustomization.yaml", "x: [$S\n"),
    },
    "a schema that no value fits": {
        "deploy/shop/values.schema.json": json.dumps(
            {
                "properties": {
                    "token": {"enum": ["a"]},
                    "number": {"format": "email", "const": "k"},
                    "list": {"maxItems": 1, "uniqueItems": True, "items": {"pattern": "^a"}},
                    "admin": {"required": ["zz"], "additionalProperties": False},
                    "database": {"additionalProperties": {"type": "integer"}},
                }
            }
        )
    },
    "a default that does not fit its type": _with(
        "protos/shop/v1/shop.proto", 'message X { optional int32 a = 1 [default = "$S"]; }\n'
    ),
    "a reference with credentials": _edited(
        "api/orders.yaml", "total: {type: integer}", 'total: {$ref: "https://u:$S@x.example/a?k=$S#/a"}'
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_value_is_quoted_where_something_is_wrong(tmp_path: Path, printed: Printed, name: str) -> None:
    needed = ("deploy/", "k8s/", "api/", "protos/")
    files = {path: text for path, text in base().items() if path.startswith(needed)}
    made = Scratch.init(tmp_path / "repository").write(files)
    made.commit("base")
    made.branch("topic").write(BROKEN[name])
    code, text = printed(made.root, "check", "--format", "json")
    assert code in (1, 3)
    assert secrets_in(text) == set()


@pytest.mark.parametrize(
    "configuration",
    [
        f"fail_on: {MARK}777\n",
        f'facts: [{{url: "https://u:{MARK}777@h.example/x"}}]\n',
        f'facts: [{{url: "https://h.example/x?token={MARK}777"}}]\n',
        f"x: *{MARK}777\n",
    ],
)
def test_no_value_of_the_configuration_is_quoted(
    tmp_path: Path, printed: Printed, configuration: str
) -> None:
    proto = "protos/shop/v1/shop.proto"
    made = Scratch.init(tmp_path / "repository").write({proto: base()[proto]})
    made.commit("base")
    made.branch("topic").write({proto: head()[proto], ".workspai.yaml": configuration})
    code, text = printed(made.root, "check")
    assert code in (1, 2)
    assert secrets_in(text) == set()


def test_a_fault_of_ours_quotes_nothing(
    scratch: Callable[..., Scratch], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = scratch({"a.proto": "x"})

    def fails(*_: object) -> None:
        raise ValueError(f"invalid literal: {MARK}777")

    monkeypatch.chdir(made.root)
    monkeypatch.setattr(run, "_merged", fails)
    for form in ("terminal", "json"):
        assert cli.main(["check", "--format", form]) == 3
        said = capsys.readouterr()
        assert "ValueError at inspection/run.py:" in said.out + said.err
        assert secrets_in(said.out + said.err) == set()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_index_is_for_those_who_read_the_objects(tmp_path: Path, printed: Printed, mask: int) -> None:
    """It holds what files say, values among it, as git's objects beside it do."""
    before = os.umask(mask)
    try:
        proto = "protos/shop/v1/shop.proto"
        made = Scratch.init(tmp_path / "repository").write({proto: base()[proto]})
        made.commit("base")
        made.branch("topic").write({proto: head()[proto]})
        printed(made.root, "check")
    finally:
        os.umask(before)
    git = made.root / ".git"
    (blob, *_) = (path for path in (git / "objects").rglob("*") if path.is_file())
    readers = stat.S_IRGRP | stat.S_IROTH
    kept = [path for path in (git / "workspai-hooks").iterdir() if path.is_file()]
    assert kept
    for path in kept:
        assert path.stat().st_mode & readers == blob.stat().st_mode & readers


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://user:pass@shop.example:8080/v1?key=1#x", "https://shop.example:8080/v1"),
        ("postgres://u:p@ss@db/x", "postgres://db/x"),
        ("//u:p@h/x", "//h/x"),
        ("https://shop.example/a@b", "https://shop.example/a@b"),
        ("/v1?key=1", "/v1"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("", ""),
    ],
)
def test_an_address_is_where_it_leads_to(url: str, told: str) -> None:
    assert disclosure.address(url) == told


@pytest.mark.parametrize(
    ("said", "given", "told"),
    [
        ("cannot parse hunter22 as a number", ["hunter22"], "cannot parse … as a number"),
        ('bad value "abc" of key abc', ["abc"], 'bad value "…" of key abc'),
        ("xlong-enough-secretx", ["long-enough-secret"], "x…x"),
        ("port 8080 is taken, true", ["8080", "true"], "port 8080 is taken, true"),
        ("got c2VjcmV0LXRleHQ=", ["secret-text"], "got …"),
        ("unmarshal !!str `secret-...` into int", ["secret-text"], "unmarshal !!str `…` into int"),
        ("began with a-long-text-that-was-cut-off...", [f"a-long-text-that-was-cut{MARK}"], "began with …"),
        ('"first line of two\\nsecond line of two"', ["first line of two\nsecond line of two"], '"…\\n…"'),
        ("template shop/templates/a.yaml:3", ["templates"], "template shop/templates/a.yaml:3"),
        ("nothing", ["", " "], "nothing"),
    ],
)  # fmt: skip
def test_what_a_tool_was_given_is_hidden_in_its_words(said: str, given: list[str], told: str) -> None:
    assert disclosure.without(said, given) == told


def test_hiding_takes_time_that_grows_with_the_words() -> None:
    import time

    began = time.process_time()
    disclosure.without("a" * 5_000_000, [f"{'a' * 30}{number}" for number in range(20_000)])
    disclosure.address("//" + "a@" * 20_000)
    assert time.process_time() - began < 5
