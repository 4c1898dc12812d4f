"""Bad input: one clear message with path, line and remedy, exit 2 or 3, never 0 and never a traceback."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
BROKEN = PROTO.replace("  int32 y = 2;\n", "")

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[[Mapping[str, str | bytes]], Scratch]


def undecided(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    """The report's open questions, each complete; the run ended with 3 and without a traceback."""
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["schema"] == "workspai-hooks/report/1"
    for question in report["undecided"]:
        assert all(question[part] for part in ("what", "why", "remedy"))
    assert report["undecided"]
    questions: list[dict[str, str]] = report["undecided"]
    return questions


def check(cli: Cli, made: Scratch, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return cli(made.root, "check", "--format", "json", *arguments, **environment)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (PROTO + "message B {\n  strin\n}\n", 9),
        ("<<<<<<< HEAD\n" + PROTO + "=======\n" + BROKEN + ">>>>>>> other\n", 1),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 20, 1),
        (PROTO.replace("package", 'import "a/v1/b.proto";\npackage'), 2),
        (PROTO.replace("int32 y", "Missing y"), 6),
    ],
    ids=["syntax error", "conflict markers", "binary", "import that is not here", "unknown type"],
)
def test_a_contract_that_does_not_compile(scratch: Make, cli: Cli, content: str | bytes, line: int) -> None:
    made = scratch({"protos/a/v1/a.proto": PROTO}).write({"protos/a/v1/a.proto": content})
    (question, *_) = undecided(check(cli, made))
    assert question["what"].startswith(f"protos/a/v1/a.proto:{line}"), question


def test_cyclic_imports(scratch: Make, cli: Cli) -> None:
    other = 'syntax = "proto3";\npackage a.v1;\nimport "a/v1/a.proto";\nmessage B { A a = 1; }\n'
    cyclic = PROTO.replace("package", 'import "a/v1/b.proto";\npackage')
    made = scratch({"a/v1/a.proto": PROTO, "a/v1/b.proto": other}).write({"a/v1/a.proto": cyclic})
    assert any("cycl" in question["why"] for question in undecided(check(cli, made)))


def test_a_contract_that_is_a_link_out_of_the_repository(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a/v1/a.proto": PROTO})
    (tmp_path / "secret.proto").write_text("message Secret { string password = 1; }")
    link = made.root / "a/v1/a.proto"
    link.unlink()
    link.symlink_to(tmp_path / "secret.proto")
    made.repo.git.add("--all")
    done = check(cli, made)
    (question, *_) = undecided(done)
    assert question["what"].startswith("a/v1/a.proto")
    assert "password" not in done.stdout


def test_unresolved_conflicts(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO})
    made.replace("a.proto", "int32 y", "int64 y").commit()
    made.repo.git.switch("--quiet", "main")
    made.replace("a.proto", "int32 y", "string y").commit()
    made.repo.git.execute(["git", "merge", "topic"], with_exceptions=False)
    (question,) = undecided(check(cli, made))
    assert question["what"] == "a.proto"
    assert "git add a.proto" in question["remedy"]


def script(folder: Path, body: str) -> str:
    """A program that pretends to be a tool."""
    path = folder / "tool"
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "was not found"),
        ("import os; os.abort()", ""),
        ("raise SystemExit(1)", ""),
        ("print('garbage')", ""),
        ("import time; time.sleep(600)", "no answer"),
    ],
    ids=["missing", "crashes", "fails", "prints garbage", "hangs"],
)
def test_a_tool_that_does_not_work(
    scratch: Make, cli: Cli, tmp_path: Path, body: str | None, why: str
) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": BROKEN})
    tool = str(tmp_path / "no-such-buf") if body is None else script(tmp_path, body)
    began = time.monotonic()
    questions = undecided(check(cli, made, WORKSPAI_BUF=tool))
    assert time.monotonic() - began < 30
    assert any("buf" in "".join(question.values()) for question in questions)
    assert any(why in question["why"] for question in questions)


def test_an_unknown_base_is_wrong_usage(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": BROKEN})
    done = check(cli, made, "--base", "no-such-branch")
    assert done.returncode == 2
    assert "no-such-branch" in json.loads(done.stdout)["error"]
    plain = cli(made.root, "check", "--base", "no-such-branch")
    assert plain.returncode == 2
    assert "--base no-such-branch: no such revision" in plain.stdout


def test_no_repository(cli: Cli, tmp_path: Path) -> None:
    done = cli(tmp_path, "check", "--format", "json", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    (question,) = undecided(done)
    assert question["why"] == "is not in a git repository"
    assert json.loads(done.stdout)["base"] is None


@pytest.mark.skipif(os.name != "posix", reason="folder permissions are POSIX's")
def test_a_repository_that_can_not_be_written(scratch: Make, cli: Cli) -> None:
    """Nothing is written there, so nothing is missed: the same verdict as in any other folder."""
    made = scratch({"a.proto": PROTO}).write({"a.proto": BROKEN})
    folders = [made.root, *(path for path in made.root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = check(cli, made)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["element"] == "a.v1.A.y"


def test_no_room_for_temporary_files(scratch: Make, cli: Cli, tmp_path: Path) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": BROKEN})
    nowhere = str(tmp_path / "no-such-folder")
    done = check(cli, made, TMPDIR=nowhere, TEMP=nowhere, TMP=nowhere, HOME=nowhere)
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 3)


def test_a_wrong_configuration(scratch: Make, cli: Cli) -> None:
    made = scratch({"a.proto": PROTO}).write({"a.proto": BROKEN, ".workspai.yaml": "fail_onn: error\n"})
    done = cli(made.root, "check")
    assert done.returncode == 2
    assert ".workspai.yaml:1: unknown key fail_onn; did you mean fail_on?" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--from", "a", "--base", "b"),
        ("check", "--to", "a"),
        ("impact",),
        ("rules", "WSP999"),
        ("x",),
    ],
    ids=" ".join,
)
def test_wrong_flags(scratch: Make, cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(scratch({"a.proto": PROTO}).root, *arguments)
    assert done.returncode == 2
    assert done.stderr + done.stdout
    assert "Traceback" not in done.stderr
