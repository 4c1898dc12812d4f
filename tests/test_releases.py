"""Comparison with the last release, with several bases in one run, and contracts that may still break."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
WITHOUT_Y = PROTO.replace("  int32 y = 2;\n", "")
WITHOUT_X = PROTO.replace("  string x = 1;\n", "")
EMPTY = WITHOUT_Y.replace("  string x = 1;\n", "")

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def check(cli: Cli, root: Path, code: int, *arguments: str, **environment: str) -> dict[str, Any]:
    done = cli(root, "check", "--format", "json", *arguments, **environment)
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def found(value: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(one["element"], one["against"]) for one in value["findings"]]


@pytest.fixture
def released(scratch: Make) -> Scratch:
    """v1.0.0 has x and y, main has lost y since, the topic loses x as well."""
    made = scratch({"a.proto": PROTO})
    made.repo.create_tag("v1.0.0")
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": WITHOUT_Y}).commit("main breaks")
    made.repo.git.switch("--quiet", "--force-create", "topic")
    made.write({"a.proto": EMPTY})
    return made


def test_the_last_release_in_place_of_the_merge_base(released: Scratch, cli: Cli) -> None:
    value = check(cli, released.root, 1, "--base", "tag:v*")
    assert sorted(found(value)) == [("a.v1.A.x", []), ("a.v1.A.y", [])]
    assert value["base"]["how"] == "merge-base of HEAD and v1.0.0"
    assert [one["element"] for one in check(cli, released.root, 1)["findings"]] == ["a.v1.A.x"]


def test_both_in_one_run(released: Scratch, cli: Cli) -> None:
    value = check(cli, released.root, 1, "--base", "default", "--base", "tag:v*")
    main, release = "merge-base of HEAD and main", "merge-base of HEAD and v1.0.0"
    assert sorted(found(value)) == [("a.v1.A.x", [main, release]), ("a.v1.A.y", [release])]
    assert [one["how"] for one in value["bases"]] == [main, release]
    shown = cli(released.root, "check", "--base", "default", "--base", "tag:v*").stdout
    assert f"against {release} only" in shown


def test_bases_that_are_configured_count_at_the_gate(released: Scratch, cli: Cli) -> None:
    released.write({".workspai.yaml": 'bases: [default, "tag:v*"]\n'})
    assert [one["element"] for one in check(cli, released.root, 1)["findings"]] == ["a.v1.A.x"]
    released.commit()
    for stage in ("pre-push", "ci"):
        assert len(check(cli, released.root, 1, "--stage", stage)["findings"]) == 2
    assert len(check(cli, released.root, 1, "--stage", "ci", "--base", "default")["findings"]) == 1


@pytest.mark.parametrize(
    ("tags", "taken"),
    [
        (("v1.9.0", "v1.10.0", "v1.2.0"), "v1.10.0"),
        (("v2.0.0", "v2.0.0-rc1", "v2.1.0-beta.1"), "v2.0.0"),
        (("v2.0.0-rc1", "v2.0.0-rc2"), "v2.0.0-rc2"),
        (("v1.0.0", "other-9"), "v1.0.0"),
    ],
)
def test_which_release_is_the_last(scratch: Make, cli: Cli, tags: tuple[str, ...], taken: str) -> None:
    made = scratch({"a.proto": PROTO})
    for tag in tags:
        made.repo.create_tag(tag)
    made.write({"a.proto": WITHOUT_Y})
    assert check(cli, made.root, 1, "--base", "tag:v*")["base"]["how"].endswith(f" {taken}")


def test_a_release_of_another_line_does_not_count(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.create_tag("v1.0.0")
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": WITHOUT_Y}).commit("the next major")
    made.repo.create_tag("v2.0.0")
    made.repo.git.switch("--quiet", "topic")
    made.write({"a.proto": WITHOUT_X})
    value = check(cli, made.root, 1, "--base", "tag:v*")
    assert value["base"]["how"].endswith(" v1.0.0")


def test_before_the_first_release_nothing_can_break(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    assert check(cli, made.root, 0, "--base", "tag:v*")["findings"] == []
    made.repo.create_tag("release-1")
    assert "no such tag" in check(cli, made.root, 2, "--base", "tag:v*")["error"]
    assert "pattern is missing" in check(cli, made.root, 2, "--base", "tag:")["error"]


@pytest.mark.parametrize(
    ("options", "why"),
    [(("--depth", "1"), "shallow"), (("--no-tags",), "without tags")],
    ids=["shallow", "no tags"],
)
def test_a_clone_without_its_releases(
    scratch: Make, cli: Cli, tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.create_tag("v1.0.0")
    made.write({"a.proto": WITHOUT_Y}).commit()
    clone = tmp_path / "clone"
    made.repo.git.execute(["git", "clone", "--quiet", *options, made.root.as_uri(), str(clone)])
    value = check(cli, clone, 3, "--base", "tag:v*", "--base", "HEAD")
    (question,) = value["undecided"]
    assert why in question["why"]
    assert "--tags" in question["remedy"]


def test_an_approval_for_the_release_is_of_use_where_it_is_configured(released: Scratch, cli: Cli) -> None:
    released.write({".workspai.yaml": 'bases: [default, "tag:v*"]\n'})
    why = ("--reason", "announced", "--owner", "me", "--expires", "2999-01-01")
    for element in ("a.v1.A.x", "a.v1.A.y"):
        done = cli(released.root, "approve", "WSP101", element, *why)
        assert done.returncode == 0, done.stderr
    assert "every approval is of use" in cli(released.root, "approve", "--prune").stdout
    released.repo.git.add(".workspai")
    released.commit()
    check(cli, released.root, 0, "--stage", "ci")
    idle = check(cli, released.root, 0, "--stage", "ci", "--base", "default")["approvals"]["idle"]
    assert [one["element"] for one in idle] == ["a.v1.A.y"]


def test_packages_that_may_still_break(scratch: Make, cli: Cli) -> None:
    alpha = PROTO.replace("a.v1", "a.v2alpha1")
    made = scratch({"a.proto": PROTO, "b.proto": alpha})
    made.write({"b.proto": WITHOUT_Y.replace("a.v1", "a.v2alpha1")})
    check(cli, made.root, 1)
    made.write({".workspai.yaml": 'unstable: {packages: ["*.v*alpha*"]}\n'})
    assert [one["severity"] for one in check(cli, made.root, 0)["findings"]] == ["note"]
    made.write({"a.proto": WITHOUT_Y})
    assert [one["severity"] for one in check(cli, made.root, 1)["findings"]] == ["error", "note"]


API = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      x-stability-level: LEVEL
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/O"}}}}
  /stable:
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/S"}}}}
components:
  schemas:
    O: {type: object, required: [total], properties: {total: {type: integer}}}
    S: {type: object, required: [total], properties: {total: {type: integer}}}
"""


@pytest.mark.parametrize(("level", "code"), [("alpha", 0), ("draft", 0), ("beta", 1), ("stable", 1)])
def test_operations_that_may_still_break(scratch: Make, cli: Cli, level: str, code: int) -> None:
    text = API.replace("LEVEL", level)
    made = scratch({"api.yaml": text, ".workspai.yaml": "unstable: {stability: [draft, alpha]}\n"})
    made.write({"api.yaml": text.replace("total: {type: integer}", "total: {type: string}", 1)})
    value = check(cli, made.root, code)
    assert [one["severity"] for one in value["findings"]] == ["error" if code else "note"]


def test_what_a_stable_operation_shares_with_one_that_is_not(scratch: Make, cli: Cli) -> None:
    text = API.replace("LEVEL", "alpha").replace("schemas/S", "schemas/O")
    made = scratch({"api.yaml": text, ".workspai.yaml": "unstable: {stability: [draft, alpha]}\n"})
    made.write({"api.yaml": text.replace("total: {type: integer}", "total: {type: string}", 1)})
    assert [one["severity"] for one in check(cli, made.root, 1)["findings"]] == ["error"]
