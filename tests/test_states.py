"""States of git in which a base or a verdict was once wrong: each one a wrong green or a wrong red before."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch
from forked import completed

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
WITHOUT_Y = PROTO.replace("  int32 y = 2;\n", "")
WITH_Z = PROTO.replace("  int32 y = 2;\n", "  int32 y = 2;\n  string z = 3;\n")
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: 1}]}\n"

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def answer(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def check(cli: Cli, made: Scratch, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return cli(made.root, "check", "--format", "json", *arguments, **environment)


def found(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["element"], finding["introduced"]) for finding in value["findings"]]


def test_a_merge_that_drops_what_main_added(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({"a.proto": PROTO.replace("message", "// topic\nmessage")}).commit()
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": WITH_Z.replace("message", "// main\nmessage")}).commit()
    made.repo.git.switch("--quiet", "topic")
    made.repo.git.execute(["git", "merge", "--quiet", "main"], with_exceptions=False)
    made.write({"a.proto": PROTO.replace("message", "// resolved\nmessage")})
    assert found(answer(check(cli, made, "--stage", "pre-commit"), 1)) == [("a.v1.A.z", "commit")]


def test_a_second_break_of_the_same_element(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.replace("a.proto", "int32 y", "uint32 y").commit()
    made.replace("a.proto", "uint32 y", "string y")
    assert found(answer(check(cli, made), 1)) == [("a.v1.A.y", "commit")]


@pytest.mark.parametrize("folder", [".", "sub"])
def test_a_merge_that_takes_nothing_of_the_other_side(scratch: Make, cli: Cli, folder: str) -> None:
    """The index is as HEAD has it, and what main has newer is gone with it."""
    made = scratch({"a.proto": PROTO, "sub/b.txt": "b", "k8s/shop/cart.yaml": SERVICE})
    made.write({"sub/b.txt": "topic"}).commit()
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": WITH_Z, "k8s/shop/book.yaml": SERVICE.replace("cart", "book")}).commit()
    made.repo.git.switch("--quiet", "topic")
    made.repo.git.merge("--quiet", "--no-commit", "--strategy=ours", "main")
    arguments = ("check", "--stage", "pre-commit")
    value = answer(cli(made.root / folder, *arguments, "--format", "json"), 1)
    assert found(value) == [("a.v1.A.z", "commit"), ("Service/book", "commit")]
    assert cli(made.root / folder, *arguments).returncode == 1


def test_a_merge_that_keeps_what_the_topic_broke_asks_nothing(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO, "b.txt": "b"})
    made.write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.switch("--quiet", "main")
    made.write({"b.txt": "main"}).commit()
    made.repo.git.switch("--quiet", "topic")
    made.repo.git.merge("--quiet", "--no-commit", "--no-ff", "main")
    assert answer(check(cli, made, "--stage", "pre-commit"), 0)["findings"] == []


def test_what_becomes_less_bad_is_no_break_of_the_commit(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.replace("a.proto", "  int32 y = 2;\n", "").commit()
    made.replace("a.proto", "message A {\n", 'message A {\n  reserved 2;\n  reserved "y";\n')
    assert found(answer(check(cli, made), 0)) == [("a.v1.A.y", "branch")]


def test_a_package_gets_another_name_twice(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.replace("a.proto", "package a.v1;", "package a.v2;").commit()
    made.replace("a.proto", "package a.v2;", "package a.v3;")
    assert found(answer(check(cli, made), 1)) == [("package:a.v1", "commit")]


def test_what_becomes_a_little_less_bad_is_none_either(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.replace("a.proto", "int32 y", "repeated string y").commit()
    made.replace("a.proto", "repeated string y", "string y")
    assert found(answer(check(cli, made), 0)) == [("a.v1.A.y", "branch")]


def test_a_message_comes_back_without_a_field(scratch: Make, cli: Cli) -> None:
    other = "message B {\n  string x = 1;\n}\n"
    made = scratch({"a.proto": PROTO + other})
    made.write({"a.proto": 'syntax = "proto3";\npackage a.v1;\n' + other}).commit()
    made.write({"a.proto": WITHOUT_Y + other})
    assert found(answer(check(cli, made), 0)) == [("a.v1.A.y", "branch")]


def test_a_file_comes_back_without_a_message(scratch: Make, cli: Cli) -> None:
    other = "message B {\n  string x = 1;\n}\n"
    made = scratch({"a.proto": PROTO + other, "b.proto": 'syntax = "proto3";\npackage a.v1;\nmessage C {}\n'})
    made.repo.git.rm("--quiet", "a.proto")
    made.commit()
    made.write({"a.proto": PROTO})
    assert found(answer(check(cli, made), 0)) == [("a.v1.B", "branch")]


def test_another_copy_breaks_in_the_same_way(scratch: Make, cli: Cli) -> None:
    made = scratch({"one/a.proto": PROTO, "two/a.proto": PROTO})
    made.write({"one/a.proto": WITHOUT_Y}).commit()
    made.write({"two/a.proto": WITHOUT_Y})
    assert ("a.v1.A.y", "commit") in found(answer(check(cli, made), 1))


def test_a_break_of_a_shared_schema_that_reaches_fewer_operations(scratch: Make, cli: Cli) -> None:
    """How many operations it reaches is told, and makes no other break of it."""
    text = {"type": "string"}
    schema: dict[str, Any] = {"type": "object", "required": ["n"], "properties": {"n": text, "m": text}}
    body = {"a/json": {"schema": {"$ref": "#/components/schemas/S"}}}
    get = {"responses": {"200": {"description": "x", "content": body}}}
    described: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"get": {**get, "deprecated": path == "/b"}} for path in ("/a", "/b")},
        "components": {"schemas": {"S": schema}},
    }
    made = scratch({"openapi.json": json.dumps(described)})
    del schema["required"]
    schema["properties"] = {"m": text}
    made.write({"openapi.json": json.dumps(described)}).commit()
    del described["paths"]["/b"]
    made.write({"openapi.json": json.dumps(described)})
    told = dict(found(answer(check(cli, made), 0)))
    assert told.pop("GET /a#response.200.n") == "branch"


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_a_local_name_that_looks_like_the_upstream(
    scratch: Make, cli: Cli, kind: str, tmp_path: Path
) -> None:
    made = scratch({"a.proto": PROTO})
    bare = tmp_path / "bare.git"
    made.repo.git.execute(["git", "clone", "--quiet", "--bare", str(made.root), str(bare)])
    made.repo.create_remote("origin", bare.as_uri()).fetch()
    made.write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.execute(["git", kind, "origin/main"])
    assert found(answer(check(cli, made, "--stage", "pre-push"), 1)) == [("a.v1.A.y", "branch")]


def test_criss_cross_history_has_several_bases(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    git = made.repo.git
    git.switch("--quiet", "main")
    first = made.write({"a.proto": WITH_Z}).commit("main adds z")
    git.switch("--quiet", "topic")
    other = made.write({"b.txt": "topic"}).commit("topic")
    git.merge("--quiet", "--no-edit", first)
    git.switch("--quiet", "main")
    git.merge("--quiet", "--no-edit", other)
    git.switch("--quiet", "topic")
    assert len(git.merge_base("--all", "main", "topic").split()) == 2
    made.write({"a.proto": PROTO})
    assert found(answer(check(cli, made), 1)) == [("a.v1.A.z", "commit")]


def test_an_exact_comparison_fails_in_every_stage(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({"a.proto": WITHOUT_Y}).commit()
    arguments = ("--stage", "pre-commit", "--from", "main", "--to", "topic")
    assert found(answer(check(cli, made, *arguments), 1)) == [("a.v1.A.y", "branch")]


def test_several_remotes_and_none_is_origin(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO})
    for name in ("mine", "theirs"):
        bare = tmp_path / f"{name}.git"
        made.repo.git.execute(["git", "clone", "--quiet", "--bare", str(made.root), str(bare)])
        made.repo.create_remote(name, bare.as_uri()).fetch()
    made.write({"a.proto": WITHOUT_Y})
    (question,) = answer(check(cli, made), 3)["undecided"]
    assert "none is called origin: mine, theirs" in question["why"]
    made.write({".workspai.yaml": "default_branch: theirs/main\n"})
    assert answer(check(cli, made), 1)["base"]["how"] == "merge-base of HEAD and theirs/main"


def test_pre_commit_runs_before_git_writes_merge_head(scratch: Make, cli: Cli) -> None:
    """git merge runs pre-merge-commit first; the environment has GITHEAD_<commit>=<name>."""
    made = scratch({"a.proto": PROTO})
    made.repo.git.switch("--quiet", "main")
    tip = made.write({"a.proto": WITHOUT_Y}).commit("main breaks, and is published")
    made.repo.git.switch("--quiet", "topic")
    made.write({"b.txt": "topic"}).commit()
    made.repo.git.merge("--no-commit", "--no-ff", "main")
    (made.root / ".git" / "MERGE_HEAD").unlink()
    value = answer(check(cli, made, "--stage", "pre-commit", **{f"GITHEAD_{tip}": "main"}), 0)
    assert value["findings"] == []


def test_sources_that_a_partial_clone_does_not_have(shop: Scratch, tmp_path: Path) -> None:
    """No use can be ruled out in what can't be read; nothing is fetched."""
    shop.repo.git.config("uploadpack.allowFilter", "true")
    shop.repo.git.switch("--quiet", "main")
    part = tmp_path / "part"
    arguments = ["clone", "--quiet", "--filter=blob:none", "--sparse", shop.root.as_uri(), str(part)]
    subprocess.run(["git", *arguments], check=True)
    subprocess.run(["git", "sparse-checkout", "set", "protos"], cwd=part, check=True, capture_output=True)
    contract = part / "protos/bookshop/catalog/v1/catalog.proto"
    contract.write_text(contract.read_text().replace("  string title = 2;\n", ""))
    subprocess.run(["git", "add", "protos"], cwd=part, check=True)
    done = completed(
        ["check", "--format", "json"],
        part,
    )
    value = answer(done, 1)
    assert value["findings"][0]["element"] == "bookshop.catalog.v1.Book.title"
    assert any("not in this clone" in question["why"] for question in value["undecided"])


@pytest.mark.parametrize("stage", ["pre-push"])
def test_input_that_is_not_gits(scratch: Make, stage: str) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    made.commit()
    done = completed(
        ["check", "--stage", stage, "--format", "json"],
        made.root,
        stdin="hello\n",
    )
    assert "standard input is not what git hands" in answer(done, 2)["error"]


def test_an_announced_file_is_not_in_the_commit(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    importing = PROTO.replace("package", 'import "b.proto";\npackage')
    (made.root / "b.proto").write_text('syntax = "proto3";\npackage a.v1;\nmessage B {}\n')
    made.repo.git.add("--intent-to-add", "b.proto")
    assert answer(check(cli, made), 0)["undecided"] == []
    made.write({"a.proto": importing})
    (question, *_) = answer(check(cli, made), 3)["undecided"]
    assert question["what"].startswith("a.proto:2")


def test_a_contract_that_became_a_submodule(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.git.rm("--quiet", "a.proto")
    made.repo.git.update_index("--add", "--cacheinfo", f"160000,{made.repo.head.commit.hexsha},a.proto")
    assert found(answer(check(cli, made), 1)) == [("file:a.proto", "commit")]


def test_the_strictest_of_what_is_pushed_counts(scratch: Make) -> None:
    made = scratch({"protos/a.proto": PROTO})
    first = made.write({"b.txt": "x"}).commit()
    made.write({".workspai.yaml": "fail_on: note\n"})
    made.repo.git.mv("protos/a.proto", "protos/b.proto")
    second = made.commit()
    lines = "".join(f"refs/heads/{c} {c} refs/heads/{c} {'0' * 40}\n" for c in (first, second))
    done = completed(
        ["check", "--stage", "pre-push", "--format", "json"],
        made.root,
        stdin=lines,
    )
    assert found(answer(done, 1)) == [("file:protos/a.proto", "branch")]


def test_a_history_of_its_own_without_contracts(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.git.checkout("--quiet", "--orphan", "gh-pages")
    made.repo.git.rm("-rf", "--quiet", ".")
    made.write({"index.html": "hello"}).commit()
    assert answer(check(cli, made, "--stage", "pre-push"), 0)["undecided"] == []


def test_a_bare_repository_has_no_index(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({"a.proto": WITHOUT_Y}).commit()
    bare = tmp_path / "bare.git"
    made.repo.git.execute(["git", "clone", "--quiet", "--bare", str(made.root), str(bare)])
    assert "--from REF" in answer(cli(bare, "check", "--format", "json"), 2)["error"]
    assert found(answer(cli(bare, "check", "--from", "main", "--to", "topic", "--format", "json"), 1))


def test_paths_that_are_no_text(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO})
    folder = os.fsencode(made.root) + b"/p\xffq"
    os.mkdir(folder)
    with open(folder + b"/b.proto", "w") as file:
        file.write(PROTO.replace("a.v1", "b.v1"))
    made.repo.git.execute(["git", "add", "--all"])
    made.commit("odd path")
    made.repo.git.branch("--force", "main", "topic")
    subprocess.run([b"git", b"rm", b"-r", b"--quiet", folder], cwd=made.root, check=True)
    assert len(answer(check(cli, made), 1)["findings"]) == 1
    output = tmp_path / "report.json"
    assert check(cli, made, "--output", str(output)).returncode == 1
    assert json.loads(output.read_text())["findings"]


def test_breaking_alone_says_nothing_of_drift(shop: Scratch, cli: Cli) -> None:
    path = "services/warehouse/src/Protos/stock.proto"
    text = (shop.root / path).read_text()
    shop.write({path: text.replace("message Level {", "message Level {\n  string shelf_note = 99;")})
    both = answer(check(cli, shop), 0)
    assert [finding["name"] for finding in both["findings"]] == ["copies-drift"]
    assert answer(check(cli, shop, "--only", "breaking"), 0)["findings"] == []


def test_a_replaced_object_is_judged_by_what_is_pushed(scratch: Make, cli: Cli) -> None:
    """`git replace` shows another content here, and nowhere else."""
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    git = made.repo.git
    git.replace(git.rev_parse(":a.proto"), git.rev_parse("HEAD:a.proto"))
    assert found(answer(check(cli, made), 1)) == [("a.v1.A.y", "commit")]


def test_a_merge_that_keeps_our_side_drops_what_the_other_added(scratch: Make, cli: Cli) -> None:
    """The index is HEAD's tree to the last byte, and yet the merge commit takes a field away from main."""
    made = scratch({"a.proto": PROTO})
    made.write({"b.txt": "topic"}).commit()
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": WITH_Z}).commit()
    made.repo.git.switch("--quiet", "topic")
    made.repo.git.merge("--no-commit", "-s", "ours", "main")
    assert made.repo.git.diff("--cached", "HEAD") == ""
    assert found(answer(check(cli, made, "--stage", "pre-commit"), 1)) == [("a.v1.A.z", "commit")]
    assert cli(made.root, "check", "--stage", "pre-commit").returncode == 1


@pytest.mark.parametrize(("by_git", "code"), [(True, 0), (False, 1)])
def test_an_empty_pipe_of_gits_says_that_nothing_is_pushed(scratch: Make, by_git: bool, code: int) -> None:
    """Everything is up to date; the branch that is checked out breaks, and is not pushed."""
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    made.commit()
    done = completed(
        ["check", "--stage", "pre-push"],
        made.root,
        {"GIT_PREFIX": ""} if by_git else {},
        stdin="",
    )
    assert done.returncode == code, done.stdout + done.stderr


def test_pre_commit_names_the_branch_alone_where_a_root_is_pushed(scratch: Make) -> None:
    """Without PRE_COMMIT_TO_REF; the branch is not the one that is checked out, and git's pipe is read up."""
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    made.commit()
    made.repo.git.switch("--quiet", "main")
    told = {"PRE_COMMIT": "1", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/topic", "GIT_PREFIX": ""}
    done = completed(
        ["check", "--stage", "pre-push", "--format", "json"],
        made.root,
        told,
        stdin="",
    )
    assert found(answer(done, 1)) == [("a.v1.A.y", "branch")]


def test_what_happens_in_a_package_that_has_another_name_already(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({"a.proto": PROTO.replace("package a.v1;", "package a.v2;")}).commit()
    made.write({"a.proto": WITHOUT_Y.replace("package a.v1;", "package a.v2;")})
    assert found(answer(check(cli, made), 0)) == [("package:a.v1", "branch")]


def test_a_merge_of_two_sides_that_each_let_copies_drift(scratch: Make, cli: Cli) -> None:
    """The copies differ in both ways then, and neither is the merge's own."""
    made = scratch({"one/a.proto": PROTO, "two/a.proto": PROTO})
    git = made.repo.git
    git.switch("--quiet", "main")
    made.write({"one/a.proto": PROTO.replace("string x = 1", "bytes x = 1")}).commit("main")
    git.switch("--quiet", "topic")
    made.write({"two/a.proto": PROTO.replace("int32 y = 2", "string y = 2")}).commit("topic")
    git.merge("--quiet", "--no-commit", "--no-ff", "main")
    value = answer(check(cli, made, "--stage", "pre-commit"), 0)
    assert {introduced for _, introduced in found(value)} <= {"branch"}


def test_a_second_server_goes_after_another_one(scratch: Make, cli: Cli) -> None:
    api = 'openapi: 3.0.3\ninfo: {title: A, version: "1"}\nservers:\n'
    one, two, three = (f"  - url: https://{name}.shop.example/v1\n" for name in ("one", "two", "three"))
    end = 'paths:\n  /a:\n    get:\n      responses: {"200": {description: ok}}\n'
    made = scratch({"api.yaml": api + one + two + three + end})
    made.write({"api.yaml": api + two + three + end}).commit()
    made.write({"api.yaml": api + three + end})
    value = json.loads(check(cli, made).stdout)
    assert sorted(found(value)) == [
        ("api.yaml::server:https://one.shop.example/v1", "branch"),
        ("api.yaml::server:https://two.shop.example/v1", "commit"),
    ]
