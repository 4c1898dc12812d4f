"""The gate on pushes to the default branch itself: the base is what the remote has, as git's lines say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Scratch
from forked import completed
from git import Repo

PROTO = 'syntax = "proto3";\npackage a.v1;\n\nmessage A {\n  string x = 1;\n  int32 y = 2;\n}\n'
WITHOUT_Y = PROTO.replace("  int32 y = 2;\n", "")
WITH_Z = PROTO.replace("  int32 y = 2;\n", "  int32 y = 2;\n  string z = 3;\n")
ZEROS = "0" * 40


def cloned(remote: Scratch, folder: Path) -> Scratch:
    return Scratch(Repo.clone_from(remote.root.as_uri(), folder))


def of_one_branch(remote: Scratch, folder: Path) -> Scratch:
    """A clone that has a topic and not the default branch."""
    remote.repo.git.branch("topic")
    options = ["--single-branch", "--branch=topic"]
    return Scratch(Repo.clone_from(remote.root.as_uri(), folder, multi_options=options))


@pytest.fixture
def remote(tmp_path: Path) -> Scratch:
    """A repository with a contract on main."""
    made = Scratch.init(tmp_path / "remote").write({"a.proto": PROTO})
    made.commit("main")
    return made


def gate(made: Scratch, code: int, *rows: tuple[str, str, str], **manager: str) -> dict[str, Any]:
    """Run the gate on git's lines, a row (commit, remote ref, remote commit), or on what a manager sets."""
    done = completed(
        ["check", "--stage", "pre-push", "--format", "json"],
        made.root,
        manager,
        stdin="".join(f"refs/heads/here {commit} {ref} {before}\n" for commit, ref, before in rows),
    )
    assert done.returncode == code, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def manager(
    made: Scratch, before: str, ref: str = "refs/heads/main", remote: str = "origin"
) -> dict[str, str]:
    """The variables of pre-commit's pre-push hook."""
    return {
        "PRE_COMMIT_TO_REF": made.repo.head.commit.hexsha,
        "PRE_COMMIT_FROM_REF": before,
        "PRE_COMMIT_REMOTE_BRANCH": ref,
        "PRE_COMMIT_REMOTE_NAME": remote,
    }


def elements(report: dict[str, Any]) -> list[str]:
    return [finding["element"] for finding in report["findings"]]


@pytest.fixture
def stale(remote: Scratch, tmp_path: Path) -> tuple[Scratch, str, str]:
    """A clone whose main stands on what the remote has now, and whose origin/main does not know it.

    With what the remote has, and what origin/main says. In between somebody gave up `y`.
    """
    made = cloned(remote, tmp_path / "clone")
    known = made.repo.head.commit.hexsha
    now = remote.write({"a.proto": WITHOUT_Y}).commit("y is given up, and that is decided")
    made.repo.git.pull("--quiet", remote.root.as_uri(), "main")  # a URL moves no remote-tracking branch
    assert made.repo.git.rev_parse("origin/main") == known
    return made, now, known


def test_a_push_to_the_default_branch_is_compared_with_what_the_remote_has(
    stale: tuple[Scratch, str, str],
) -> None:
    made, now, _ = stale
    harmless = made.write({"b.txt": "x"}).commit()
    for report in (
        gate(made, 0, (harmless, "refs/heads/main", now)),
        gate(made, 0, **manager(made, now)),
    ):
        assert report["base"] == {"rev": now, "how": "main as the remote has it"}
        assert elements(report) == []
    broken = made.write({"a.proto": WITHOUT_Y.replace("string x = 1;", "")}).commit()
    assert elements(gate(made, 1, (broken, "refs/heads/main", now))) == ["a.v1.A.x"]
    assert elements(gate(made, 1, **manager(made, now))) == ["a.v1.A.x"]


def test_a_push_to_another_branch_is_compared_with_the_default_branch(
    remote: Scratch, tmp_path: Path
) -> None:
    """Whatever that branch had before: a pushed break would turn green."""
    made = cloned(remote, tmp_path / "clone")
    known = made.repo.head.commit.hexsha
    broken = made.branch("topic").write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.push("--quiet", "origin", "topic")
    then = made.write({"b.txt": "x"}).commit()
    for report in (
        gate(made, 1, (then, "refs/heads/topic", broken)),
        gate(made, 1, **manager(made, broken, "refs/heads/topic")),
    ):
        assert report["base"]["rev"] == known
    assert gate(made, 1, (then, "refs/heads/main", known))["base"]["rev"] == known


def test_a_forced_push_to_the_default_branch_takes_away_what_it_had(remote: Scratch, tmp_path: Path) -> None:
    fork = remote.repo.head.commit.hexsha
    now = remote.write({"a.proto": WITH_Z}).commit("main has z")
    made = cloned(remote, tmp_path / "clone")
    made.repo.git.reset("--quiet", "--hard", fork)
    rewritten = made.write({"b.txt": "x"}).commit()
    for report in (
        gate(made, 1, (rewritten, "refs/heads/main", now)),
        gate(made, 1, **manager(made, now)),
    ):
        assert report["base"]["rev"] == now
        assert elements(report) == ["a.v1.A.z"]
    assert elements(gate(made, 0, (rewritten, "refs/heads/topic", now))) == []


def test_a_forced_push_over_commits_that_are_not_here_is_undecided(remote: Scratch, tmp_path: Path) -> None:
    made = cloned(remote, tmp_path / "clone")
    now = remote.write({"a.proto": WITH_Z}).commit("main has z")
    made.write({"b.txt": "x"}).commit()
    report = gate(made, 3, (made.repo.head.commit.hexsha, "refs/heads/main", now))
    (question,) = report["undecided"]
    assert question["what"] == "main as the remote has it"
    assert question["remedy"] == "git fetch origin, then push again"
    made.repo.remotes.origin.fetch()
    assert elements(gate(made, 1, (made.repo.head.commit.hexsha, "refs/heads/main", now))) == ["a.v1.A.z"]


def test_the_default_branch_of_a_fork_is_not_the_one_that_counts(remote: Scratch, tmp_path: Path) -> None:
    made = cloned(remote, tmp_path / "clone")
    fork = tmp_path / "fork.git"
    made.repo.git.execute(["git", "clone", "--quiet", "--bare", remote.root.as_uri(), str(fork)])
    made.repo.create_remote("mine", fork.as_uri())
    broken = made.write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.push("--quiet", "mine", "main")
    then = made.write({"b.txt": "x"}).commit()
    assert elements(gate(made, 1, (then, "refs/heads/main", broken))) == ["a.v1.A.y"]
    assert elements(gate(made, 1, **manager(made, broken, remote="mine"))) == ["a.v1.A.y"]


def test_a_fork_that_is_behind_is_not_what_counts(remote: Scratch, tmp_path: Path) -> None:
    """It is brought up to date: what it lacks was decided at the remote that counts."""
    old = remote.repo.head.commit.hexsha
    now = remote.write({"a.proto": WITHOUT_Y}).commit("y is given up")
    made = cloned(remote, tmp_path / "clone")
    made.repo.create_remote("mine", (tmp_path / "never-fetched.git").as_uri())
    assert gate(made, 0, (now, "refs/heads/main", old))["base"]["rev"] == now


def test_what_a_manager_found_on_another_branch_is_not_what_the_default_branch_has(
    remote: Scratch, tmp_path: Path
) -> None:
    """Where it does not know the remote's commit, it names the end of what any branch there has."""
    made = cloned(remote, tmp_path / "clone")
    broken = made.branch("topic").write({"a.proto": WITHOUT_Y}).commit()
    made.repo.git.push("--quiet", "origin", "topic")
    made.write({"b.txt": "x"}).commit()
    assert elements(gate(made, 1, **manager(made, broken))) == ["a.v1.A.y"]


def test_the_first_push_of_a_root_has_nothing_to_break(tmp_path: Path) -> None:
    made = Scratch.init(tmp_path / "new").write({"a.proto": PROTO})
    first = made.commit()
    assert gate(made, 0, (first, "refs/heads/main", ZEROS))["undecided"] == []


def test_a_remote_that_was_never_fetched_says_what_it_has(tmp_path: Path) -> None:
    """Pushed to by its URL: no remote-tracking branch, and HEAD is main itself."""
    made = Scratch.init(tmp_path / "new").write({"a.proto": PROTO})
    first = made.commit()
    broken = made.write({"a.proto": WITHOUT_Y}).commit()
    assert elements(gate(made, 1, (broken, "refs/heads/main", first))) == ["a.v1.A.y"]
    assert elements(gate(made, 1, **manager(made, first))) == ["a.v1.A.y"]


def test_one_commit_to_several_refs_is_asked_about_once(remote: Scratch, tmp_path: Path) -> None:
    made = cloned(remote, tmp_path / "clone")
    known = made.repo.head.commit.hexsha
    broken = made.write({"a.proto": WITHOUT_Y}).commit()
    rows = [
        (broken, "refs/heads/topic", ZEROS),
        (broken, "refs/heads/main", known),
        (ZEROS, "refs/heads/old", known),
    ]
    report = gate(made, 1, *rows)
    assert elements(report) == ["a.v1.A.y"]
    assert report["base"]["how"] == "main as the remote has it"


@pytest.mark.parametrize("last", [{}, {"index.html": "x"}])
def test_the_last_contract_is_deleted_in_a_clone_without_the_default_branch(
    remote: Scratch, tmp_path: Path, last: dict[str, str | bytes]
) -> None:
    """What is left has no contract, and that says nothing of what was there."""
    made = of_one_branch(remote, tmp_path / "clone")
    made.repo.git.rm("--quiet", "a.proto")
    made.write(last) if last else None
    assert gate(made, 3, (made.commit("gone"), "refs/heads/topic", ZEROS))["undecided"]


def test_a_clone_without_the_default_branch_that_never_had_a_contract(tmp_path: Path) -> None:
    other = Scratch.init(tmp_path / "other").write({"index.html": "x", "package.json": "{}"})
    other.commit()
    made = of_one_branch(other, tmp_path / "clone")
    report = gate(made, 0, (made.commit("more"), "refs/heads/topic", ZEROS))
    assert report["findings"] == report["undecided"] == []
