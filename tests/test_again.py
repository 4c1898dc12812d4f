"""The same question asked again: the same bytes, nothing is read; and no other question gets them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Scratch
from test_start_up import Run

from workspai_hooks import again, asked
from workspai_hooks.again import Asked
from workspai_hooks.tools.staged import Git

Cli = Callable[..., subprocess.CompletedProcess[str]]

PROTO = """\
syntax = "proto3";
package shop.v1;
message Cart { string id = 1; string owner = 2; }
"""
API = """\
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      responses: {'200': {description: ok}}
  /carts:
    get:
      responses: {'200': {description: ok}}
"""
CHART = {
    "deploy/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "deploy/values.yaml": "port: 80\n",
    "deploy/templates/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\n"
        "spec:\n  selector: {app: cart}\n  ports: [{port: {{ .Values.port }}, name: http}]\n"
    ),
}
FILES = {"protos/cart.proto": PROTO, "api/orders.yaml": API, "web/main.py": "import os\n", **CHART}
EDITS = {
    "a break of protobuf": ("protos/cart.proto", "string owner = 2;", ""),
    "a clean change of protobuf": (
        "protos/cart.proto",
        "string owner = 2;",
        "string owner = 2; string x = 3;",
    ),
    "a break of OpenAPI": (
        "api/orders.yaml",
        "  /carts:\n    get:\n      responses: {'200': {description: ok}}\n",
        "",
    ),
    "a break of a chart": ("deploy/values.yaml", "port: 80", "port: 81"),
}
HOOK = ("check", "--stage", "pre-commit")
GATE = ("check", "--stage", "pre-push")


def clone(tmp_path: Path) -> Scratch:
    """A clone that stands on `topic`, of a remote with two services' contracts."""
    theirs = Scratch.init(tmp_path / "theirs").write(FILES)
    theirs.commit("base")
    theirs.repo.clone(str(tmp_path / "ours"))
    ours = Scratch.init(tmp_path / "ours")
    ours.repo.git.config("user.name", "a")
    ours.repo.git.config("user.email", "a@example.com")
    ours.repo.git.checkout("-q", "-b", "topic")
    return ours


def untimed(text: str) -> str:
    return re.sub(r"(· |\"timings_ms\": ?)(\d+\.\d s|\{[^}]*\})", r"\1", text)


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, untimed(done.stdout), done.stderr


def push_of(ours: Scratch, ref: str = "refs/heads/topic") -> str:
    return f"refs/heads/topic {ours.repo.head.commit.hexsha} {ref} {'0' * 40}\n"


def is_kept(cli: Cli, ours: Scratch, *arguments: str, pushed: str | None = None) -> bool:
    """Whether a run is told what is known: all others keep what they find out."""
    before = kept(ours)
    cli(ours.root, *arguments, stdin=pushed)
    return bool(before) and kept(ours) == before


def kept(ours: Scratch) -> set[tuple[str, int]]:
    folder = ours.root / ".git/workspai-hooks/reports"
    return {(one.name, one.stat().st_mtime_ns) for one in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("form", ["terminal", "json"])
def test_hook_hook_gate_gate(tmp_path: Path, cli: Cli, name: str, form: str) -> None:
    """Each asked twice: the same but for how long it took; the gate's first answer is the hook's, and what
    it says is what a gate says that knows nothing."""
    ours = clone(tmp_path).replace(*EDITS[name])
    hook, gate = (*HOOK, "--format", form), (*GATE, "--format", form)
    first = cli(ours.root, *hook)
    before = kept(ours)
    assert said(cli(ours.root, *hook)) == said(first)
    assert kept(ours) == before
    assert (first.returncode == 1) == ("break" in name)
    ours.repo.git.commit("-q", "--no-verify", "-m", "edit")
    lines = push_of(ours)
    known = cli(ours.root, *gate, stdin=lines)
    assert kept(ours) == before
    assert said(known) == said(cli(ours.root, *gate, stdin=lines, WORKSPAI_INDEX="off"))


def test_a_branch_of_several_commits(tmp_path: Path, cli: Cli) -> None:
    """The hook tells of the commit, the gate of the branch: what the first one broke, too."""
    ours = clone(tmp_path)
    for name in ("a break of protobuf", "a break of OpenAPI"):
        ours.replace(*EDITS[name])
        cli(ours.root, *HOOK)
        ours.repo.git.commit("-q", "--no-verify", "-m", name)
    lines, before = push_of(ours), kept(ours)
    known = cli(ours.root, *GATE, stdin=lines)
    assert kept(ours) == before
    assert said(known) == said(cli(ours.root, *GATE, stdin=lines, WORKSPAI_INDEX="off"))
    assert "Cart.owner" in known.stdout
    assert "/carts" in known.stdout


def test_another_push_gets_its_own_report(tmp_path: Path, cli: Cli) -> None:
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    cli(ours.root, *HOOK)
    assert not is_kept(cli, ours, *GATE, pushed=push_of(ours)), "not committed yet"
    ours.repo.git.commit("-q", "--no-verify", "-m", "edit")
    git = ours.repo.git
    lines = push_of(ours)
    assert is_kept(cli, ours, *GATE, pushed=lines)
    assert not is_kept(cli, ours, *GATE, pushed=push_of(ours, "refs/heads/main")), "what main was is replaced"
    assert not is_kept(cli, ours, *GATE, pushed=lines + lines.replace("topic", "other")), "two refs"
    assert not is_kept(cli, ours, *GATE, "--only", "breaking", pushed=lines)
    git.branch("elsewhere", "HEAD~1")
    assert not is_kept(cli, ours, *GATE, pushed=lines), "another ref"
    git.branch("-D", "elsewhere")
    assert is_kept(cli, ours, *GATE, pushed=lines)
    git.update_ref("refs/remotes/origin/main", "HEAD")
    assert not is_kept(cli, ours, *GATE, pushed=lines), "the default branch moved"
    git.update_ref("refs/remotes/origin/main", "HEAD~1")
    ours.write({"web/main.py": "import sys\n"}).repo.git.commit("-q", "--no-verify", "--amend", "-m", "x")
    assert not is_kept(cli, ours, *GATE, pushed=push_of(ours)), "other files"


def test_a_commit_that_was_there_already(tmp_path: Path, cli: Cli) -> None:
    """The hook refuses what somebody else has pushed since: forwarded to that, there is nothing to tell."""
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    tree = ours.repo.git.write_tree()
    theirs = ours.repo.git.commit_tree(tree, "-p", "HEAD", "-m", "theirs")
    ours.repo.git.update_ref("refs/remotes/origin/main", theirs)
    cli(ours.root, *HOOK)
    ours.repo.git.reset("-q", "--hard", theirs)
    lines = push_of(ours)
    assert said(cli(ours.root, *GATE, stdin=lines)) == said(
        cli(ours.root, *GATE, stdin=lines, WORKSPAI_INDEX="off")
    )


def test_a_manager_says_what_is_pushed(tmp_path: Path, cli: Cli) -> None:
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    cli(ours.root, *HOOK)
    ours.repo.git.commit("-q", "--no-verify", "-m", "edit")
    manager = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_TO_REF": ours.repo.head.commit.hexsha,
        "PRE_COMMIT_FROM_REF": ours.repo.commit("HEAD~1").hexsha,
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/topic",
        "PRE_COMMIT_REMOTE_NAME": "origin",
    }
    first = cli(ours.root, *GATE, **manager)
    assert said(first) == said(cli(ours.root, *GATE, WORKSPAI_INDEX="off", **manager))


def test_a_repository_without_a_remote(scratch: Callable[..., Scratch], cli: Cli) -> None:
    """And without any setting that counts: git says then that it found none."""
    ours = scratch(FILES).replace(*EDITS["a break of protobuf"])
    first = cli(ours.root, *HOOK)
    before = kept(ours)
    assert len(before) == 1, "nothing for a push: the branch of this clone may be the one that moves"
    assert said(cli(ours.root, *HOOK)) == said(first)
    assert kept(ours) == before


def test_what_the_second_asking_loads(tmp_path: Path, cli: Cli) -> None:
    """Nothing of the workspace: neither the index, nor a tool, nor a library of somebody else."""
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    Run(ours.root)
    run = Run(ours.root)
    assert run.code == 1
    assert run.git == ["diff-index", "for-each-ref", "config"]
    assert run.ours == {
        *("entry", "again", "asked", "fact_versions", "contract_files", "deferred", "changes", "tools"),
        *("changes.documents", "tools.answers", "tools.spawn", "tools.staged"),
    }
    assert not run.others & {"msgspec", "sqlite3", "argparse", "pathlib", "subprocess", "typing", "rich"}


def mutations(ours: Scratch, home: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every input of a report, changed one after the other."""
    git = ours.repo.git
    yield "nothing"
    ours.write({"web/main.py": "import sys\n"})
    yield "a file"
    git.update_index("--chmod=+x", "web/main.py")
    yield "a mode"
    ours.write({"web/b.py": ""})
    yield "a new file"
    git.rm("-q", "--cached", "web/b.py", "deploy/values.yaml")
    yield "a file that goes"
    git.commit("-q", "--no-verify", "-m", "one more")
    yield "HEAD"
    git.checkout("-q", "-b", "other")
    yield "a branch"
    git.checkout("-q", "--detach")
    yield "no branch"
    git.update_ref("refs/remotes/origin/main", "HEAD")
    yield "what the remote has"
    git.symbolic_ref("refs/remotes/origin/HEAD", "refs/remotes/origin/other")
    yield "the default branch"
    git.tag("v1", "HEAD~1")
    yield "a release"
    git.remote("add", "fork", "https://example.com/fork.git")
    yield "a remote"
    (ours.root / ".git/shallow").write_text(ours.repo.head.commit.hexsha + "\n")
    yield "where history ends"
    (ours.root / ".git/shallow").unlink()
    (ours.root / ".git/MERGE_HEAD").write_text(ours.repo.commit("HEAD~1").hexsha + "\n")
    yield "a merge"
    patch.setenv("WORKSPAI_FETCH", "1")
    yield "what the user allows"
    tool = home / "helm"
    tool.write_text("a program\n")
    tool.chmod(0o755)
    patch.setenv("WORKSPAI_HELM", str(tool))
    yield "a tool"
    tool.write_text("another program\n")
    yield "another version of a tool"
    patch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    patch.setenv("WORKSPAI_HELM", "helm")
    yield "a tool by its name"
    tool.write_text("a third program\n")
    yield "another version of a tool by its name"
    git.config("versionsort.suffix", "-beta")
    yield "which release is the last"
    (home / "workspai").mkdir()
    (home / "workspai/config.yaml").write_text("fetch: true\n")
    yield "the user's configuration"
    (ours.root / ".git/workspai-hooks/facts").mkdir(parents=True)
    (ours.root / ".git/workspai-hooks/facts/0123").touch()
    yield "facts of others"
    (home / "buf/v3/modules/b5/buf.build/acme/api/0123").mkdir(parents=True)
    yield "buf's cache"
    beside = home / "site"
    (beside / "acme-1.dist-info").mkdir(parents=True)
    patch.syspath_prepend(str(beside))
    yield "a library"
    (beside / "acme-1.dist-info").rename(beside / "acme-2.dist-info")
    yield "another version of a library"
    patch.setenv("COLUMNS", "72")
    yield "the width"
    patch.setenv("NO_COLOR", "1")
    yield "the colors"
    patch.setenv("PRE_COMMIT_REMOTE_NAME", "origin")
    yield "what a manager says"
    now = time.gmtime()
    patch.setattr(asked.time, "gmtime", lambda: time.struct_time((now[0], 1, 1, 0, 0, 0, 0, now[7] + 1, 0)))
    yield "the day"
    patch.setattr(asked, "_file", lambda path: f"{path} 0 0")
    yield "our code"


def test_whatever_changes_is_another_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    home = tmp_path / "home"
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in ("BUF_CACHE_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    seen: dict[str, str] = {}
    for name in mutations(ours, home, monkeypatch):
        asking = [(HOOK, None), ((*HOOK, "--format", "json"), None), ((*HOOK, "--only", "breaking"), None)]
        for arguments, lines in (*asking, (GATE, None), (GATE, "a"), (GATE, "b"), (("check",), None)):
            key = Asked(arguments, lines, Git(ours.root)).key
            assert key is not None
            assert key == Asked(arguments, lines, Git(ours.root)).key
            is_new = seen.setdefault(key, f"{name} {arguments} {lines}") == f"{name} {arguments} {lines}"
            index_alone = arguments == GATE and name in ("a file", "a mode", "a new file", "a file that goes")
            assert is_new or index_alone, f"{name} {arguments} {lines} is the same as {seen[key]}"
    (home / "workspai/config.yaml").write_text("facts: [a.json]\n")
    assert Asked(HOOK, None, Git(ours.root)).key is None


@pytest.mark.parametrize("is_link", [False, True])
def test_what_only_starts_a_tool_says_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_link: bool
) -> None:
    """Version managers put a script of theirs, or a link to themselves, in the place of each tool."""
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    tool = tmp_path / "helm"
    if is_link:
        (tmp_path / "mise").write_text("a program\n")
        (tmp_path / "mise").chmod(0o755)
        tool.symlink_to(tmp_path / "mise")
    else:
        tool.write_text("#!/bin/sh\nexec somewhere/helm\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert Asked(HOOK, None, Git(ours.root)).key is not None, "the one that is bundled is used"
    monkeypatch.setenv("WORKSPAI_HELM", str(tool))
    assert Asked(HOOK, None, Git(ours.root)).key is None


@pytest.mark.parametrize("base", ["main@{1}", "@{upstream}", "FETCH_HEAD"])
def test_a_base_that_is_no_ref(tmp_path: Path, cli: Cli, base: str) -> None:
    """What it means changes with a reflog, a setting of the branch, a fetch: none of it is asked again."""
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    ours.write({".workspai.yaml": f"bases: ['{base}']\n"}).commit("break")
    ours.repo.git.update_ref("--create-reflog", "refs/heads/main", "HEAD")
    ours.repo.git.branch("--set-upstream-to", "origin/main")
    (ours.root / ".git/FETCH_HEAD").write_text(ours.repo.commit("HEAD~1").hexsha + "\n")
    assert cli(ours.root, *GATE, stdin=push_of(ours)).returncode == 1
    assert not kept(ours)


def test_a_version_of_ours_is_another_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Asked(HOOK, None, Git(clone(tmp_path).replace(*EDITS["a break of protobuf"]).root))
    asking.keep("all is well", 0)
    assert asking.recalled() == ("all is well", 0)
    monkeypatch.setitem(again.VERSIONS, again.KIND, "another")
    assert asking.recalled() is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--stage", "ci"),
        ("check", "--base", "main"),
        ("check", "--from", "HEAD~1", "--to", "HEAD"),
        ("check", "--stage", "pre-commit", "--output", "report.txt"),
        ("check", "--stage"),
        ("check", "--stage", "pre-commit", "--stage", "pre-push"),
        ("stubs", "--stage", "pre-commit"),
        ("graph",),
    ],
)
def test_what_is_never_kept(arguments: tuple[str, ...]) -> None:
    assert again.flags_of(arguments) is None


def test_what_is_undecided_or_wrong_is_asked_anew(tmp_path: Path, cli: Cli) -> None:
    ours = clone(tmp_path).write({"protos/cart.proto": PROTO.replace("string owner", "Owner owner")})
    assert cli(ours.root, *HOOK).returncode == 3
    assert not kept(ours)
    ours.write({"protos/cart.proto": PROTO.replace("owner", "by"), ".workspai.yaml": "nothing: of it\n"})
    assert cli(ours.root, *HOOK).returncode == 2
    assert not kept(ours)


def test_conflicts_and_a_run_without_an_index_have_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    ours.commit("ours")
    ours.repo.git.checkout("-q", "-b", "theirs", "HEAD~1")
    ours.write({"protos/cart.proto": PROTO.replace("owner", "holder")}).commit("theirs")
    with pytest.raises(Exception, match="CONFLICT"):
        ours.repo.git.merge("topic")
    assert Asked(HOOK, None, Git(ours.root)).key is None
    ours.repo.git.merge("--abort")
    assert Asked(HOOK, None, Git(ours.root)).key is not None
    monkeypatch.setenv("WORKSPAI_INDEX", "off")
    assert Asked(HOOK, None, Git(ours.root)).key is None


def test_what_is_kept_says_no_more_than_the_report(tmp_path: Path, cli: Cli) -> None:
    """And json is json."""
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    first = json.loads(cli(ours.root, *HOOK, "--format", "json").stdout)
    second = json.loads(cli(ours.root, *HOOK, "--format", "json").stdout)
    assert set(second["timings_ms"]) == {"total"}
    assert {**first, "timings_ms": {}} == {**second, "timings_ms": {}}
    folder = ours.root / ".git/workspai-hooks/reports"
    assert all(one.stat().st_mode & 0o077 == 0 for one in folder.iterdir())


def test_the_verb_cache_counts_and_clears(tmp_path: Path, cli: Cli) -> None:
    ours = clone(tmp_path).replace(*EDITS["a break of protobuf"])
    cli(ours.root, *HOOK)
    assert "beside it: 2 answers" in cli(ours.root, "cache").stdout
    assert cli(ours.root, "cache", "--clear").returncode == 0
    assert not kept(ours)
