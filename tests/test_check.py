"""`check` from git to exit code: what is compared, what fails, what is said, and that nothing is touched."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch
from forked import completed

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
WITHOUT_Y = PROTO.replace("  int32 y = 2;\n", "")
WITHOUT_X = PROTO.replace("  string x = 1;\n", "")

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def report(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def elements(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["element"], finding["introduced"]) for finding in value["findings"]]


def everything(root: Path) -> dict[str, str]:
    """SHA-256 of every file of a repository, git's own included; only our index is left out."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and root / ".git/workspai-hooks" not in path.parents
    }


def test_the_index_counts_and_not_the_work_tree(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    (made.root / "a.proto").write_text(PROTO)
    value = report(cli(made.root, "check", "--format", "json"), 1)
    assert elements(value) == [("a.v1.A.y", "commit")]
    assert value["head"] == "index"
    assert value["base"] == {
        "rev": made.repo.commit("main").hexsha,
        "how": "merge-base of HEAD and main",
    }


def test_an_unstaged_break_is_not_asked_about(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    (made.root / "a.proto").write_text(WITHOUT_Y)
    done = cli(made.root, "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_main_moved_ahead_with_a_new_message(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.git.switch("--quiet", "main")
    made.write({"a.proto": PROTO + "message New { string z = 1; }\n"}).commit("main moves")
    made.repo.git.switch("--quiet", "topic")
    made.write({"a.proto": PROTO.replace("message A", "// A comment.\nmessage A")})
    value = report(cli(made.root, "check", "--format", "json"), 0)
    assert value["findings"] == []
    assert value["undecided"] == []
    assert cli(made.root, "check").stdout == ""


def test_only_what_the_commit_does_fails_it_the_gate_fails_on_all(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": WITHOUT_Y})
    made.commit("broken, with --no-verify")
    assert report(cli(made.root, "check", "--format", "json"), 0)["findings"] == []
    made.write({"a.proto": WITHOUT_Y + "// a comment\n"})
    quiet = report(cli(made.root, "check", "--format", "json"), 0)
    assert elements(quiet) == [("a.v1.A.y", "branch")]
    assert "1 more finding of this branch" in cli(made.root, "check").stdout
    made.commit("a comment")
    for stage in ("pre-push", "ci"):
        gate = report(cli(made.root, "check", "--stage", stage, "--format", "json"), 1)
        assert elements(gate) == [("a.v1.A.y", "branch")]
        assert gate["head"] == made.repo.head.commit.hexsha


def test_a_merge_fails_only_with_what_neither_parent_has(scratch: Make, cli: Cli) -> None:
    other = PROTO.replace("a.v1", "b.v1")
    made = scratch({"a.proto": PROTO, "b.proto": other})
    made.write({"a.proto": WITHOUT_Y}).commit("topic breaks a")
    made.repo.git.switch("--quiet", "--create", "other", "main")
    made.write({"b.proto": WITHOUT_Y.replace("a.v1", "b.v1")}).commit("other breaks b")
    made.repo.git.merge("--no-commit", "--no-ff", "topic")
    clean = report(cli(made.root, "check", "--format", "json"), 0)
    assert elements(clean) == [("a.v1.A.y", "branch"), ("b.v1.A.y", "branch")]
    made.write({"b.proto": 'syntax = "proto3";\npackage b.v1;\n\nmessage A {}\n'})
    worse = report(cli(made.root, "check", "--format", "json"), 1)
    assert ("b.v1.A.x", "commit") in elements(worse)
    assert ("b.v1.A.y", "branch") in elements(worse)


def test_from_and_to_compare_exactly(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({"a.proto": WITHOUT_Y}).commit()
    made.write({"a.proto": PROTO}).commit()
    assert elements(
        report(cli(made.root, "check", "--from", "HEAD~2", "--to", "HEAD~1", "--format", "json"), 1)
    )
    assert report(cli(made.root, "check", "--from", "HEAD~2", "--format", "json"), 0)["findings"] == []


def test_a_base_that_is_named(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.create_tag("v1")
    made.write({"a.proto": WITHOUT_Y}).commit()
    value = report(cli(made.root, "check", "--base", "v1", "--format", "json"), 1)
    assert value["base"]["how"] == "merge-base of HEAD and v1"


def test_the_pushed_revision_counts_and_not_what_is_checked_out(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    broken = made.write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.switch("--quiet", "main")
    arguments = ("check", "--stage", "pre-push", "--format", "json")
    assert report(cli(made.root, *arguments), 0)["findings"] == []
    pushed = report(cli(made.root, *arguments, PRE_COMMIT_TO_REF=broken), 1)
    assert pushed["head"] == broken


@pytest.mark.parametrize(("deleted", "code"), [(False, 1), (True, 0)])
def test_gits_own_pre_push_hook(scratch: Make, tmp_path: Path, deleted: bool, code: int) -> None:
    """All refs of a push are looked at; a deleted one pushes nothing."""
    made = scratch({"a.proto": PROTO})
    fine = made.repo.head.commit.hexsha
    broken = made.write({"a.proto": WITHOUT_Y}).commit()
    zeros = "0" * 40
    lines = f"refs/heads/fine {fine} refs/heads/fine {zeros}\n"
    lines += f"(delete) {zeros} refs/heads/x {fine}\n"
    lines += "" if deleted else f"refs/heads/topic {broken} refs/heads/topic {zeros}\n"
    done = completed(
        ["check", "--stage", "pre-push", "--format", "json"],
        made.root,
        stdin=lines,
    )
    assert bool(report(done, code)["findings"]) is not deleted


def test_a_base_that_does_not_compile_gives_way_to_an_ancestor(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.repo.git.switch("--quiet", "main")
    good = made.repo.head.commit.hexsha
    made.write({"a.proto": PROTO.replace("int32", "in t32")}).commit("main is broken")
    made.repo.git.switch("--quiet", "--force-create", "topic", "main")
    made.write({"a.proto": WITHOUT_Y})
    value = report(cli(made.root, "check", "--format", "json"), 1)
    assert elements(value) == [("a.v1.A.y", "commit")]
    assert value["base"]["rev"] == good
    assert "nearest ancestor" in value["base"]["how"]


def test_a_closed_contract_that_hits_nobody_is_a_note(scratch: Make, cli: Cli) -> None:
    settings = "contracts:\n  - package: a.v1\n    closed: true\n"
    made = scratch({"a.proto": PROTO, ".workspai.yaml": settings}).write({"a.proto": WITHOUT_Y})
    value = report(cli(made.root, "check", "--format", "json"), 0)
    assert [finding["severity"] for finding in value["findings"]] == ["note"]


def test_fail_on_is_read_from_what_is_inspected(scratch: Make, cli: Cli) -> None:
    moved = {"protos/a.proto": PROTO, ".workspai.yaml": "fail_on: note\n"}
    made = scratch(moved)
    made.repo.git.mv("protos/a.proto", "protos/b.proto")
    assert report(cli(made.root, "check", "--format", "json"), 1)["findings"][0]["severity"] == "note"


def test_a_run_changes_nothing_and_says_the_same_twice(shop: Scratch, cli: Cli) -> None:
    shop.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    before = everything(shop.root)
    first = report(cli(shop.root, "check", "--format", "json", PYTHONHASHSEED="1"), 1)
    shutil.rmtree(shop.root / ".git/workspai-hooks/reports")  # else it would be the first one's
    second = report(cli(shop.root, "check", "--format", "json", PYTHONHASHSEED="2"), 1)
    assert everything(shop.root) == before
    del first["timings_ms"], second["timings_ms"]
    assert first == second


def test_output_goes_to_a_file(shop: Scratch, cli: Cli, tmp_path: Path) -> None:
    shop.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    file = tmp_path / "report.json"
    done = cli(shop.root, "check", "--format", "json", "--output", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(file.read_text())["findings"][0]["id"] == "WSP101"


def test_from_a_subfolder_and_in_a_linked_work_tree(shop: Scratch, cli: Cli, tmp_path: Path) -> None:
    shop.repo.git.worktree("add", "--quiet", str(tmp_path / "linked"), "-b", "linked", "main")
    linked = Scratch.init(tmp_path / "linked")
    linked.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    folder = linked.root / "services" / "orders"
    value = report(cli(folder, "check", "--format", "json"), 1)
    assert value["findings"][0]["location"]["path"] == "protos/bookshop/catalog/v1/catalog.proto"
    assert report(cli(shop.root, "check", "--format", "json"), 0)["findings"] == []
