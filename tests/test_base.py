"""Which commit a change is compared with, in clones of every depth and with every kind of remote."""

from __future__ import annotations

from pathlib import Path

import pytest
from git import Repo

from workspai_hooks.changes.base import Base, find_base
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.tools.git import Repository


def commit(repo: Repo, text: str, path: str = "a.proto") -> str:
    folder = Path(repo.working_dir)
    (folder / path).write_text(text)
    repo.index.add([path])
    return repo.index.commit(text).hexsha


def start(folder: Path, branch: str = "main") -> Repo:
    repo = Repo.init(folder, initial_branch=branch)
    with repo.config_writer() as config:
        config.set_value("user", "name", "t").set_value("user", "email", "t@example.com")
    return repo


def base_of(repo: Repo, *, wanted: str | None = None, default_branch: str | None = None) -> Base:
    repository = Repository.open(Path(repo.working_dir))
    head = repository.resolve("HEAD")
    heads = tuple(rev for rev in (head, *repository.merge_heads()) if rev)
    return find_base(repository, heads, wanted=wanted, default_branch=default_branch)


@pytest.fixture
def upstream(tmp_path: Path) -> Repo:
    """main with three commits."""
    repo = start(tmp_path / "upstream")
    for number in range(3):
        commit(repo, f"main {number}")
    return repo


def clone(upstream: Repo, folder: Path, *options: str) -> Repo:
    repo = Repo.clone_from(Path(upstream.working_dir).as_uri(), folder, multi_options=list(options))
    with repo.config_writer() as config:
        config.set_value("user", "name", "t").set_value("user", "email", "t@example.com")
    return repo


def test_a_topic_is_compared_with_where_it_left_the_default_branch(upstream: Repo, tmp_path: Path) -> None:
    fork = upstream.head.commit.hexsha
    repo = clone(upstream, tmp_path / "clone")
    repo.git.checkout("-b", "topic")
    commit(repo, "topic")
    commit(upstream, "main moved ahead")
    repo.remotes.origin.fetch()
    assert base_of(repo) == Base(
        fork, "merge-base of HEAD and origin/main", upstream="refs/remotes/origin/main"
    )


def test_a_pushed_topic_is_not_compared_with_itself(upstream: Repo, tmp_path: Path) -> None:
    fork = upstream.head.commit.hexsha
    repo = clone(upstream, tmp_path / "clone")
    repo.git.checkout("-b", "topic")
    commit(repo, "a break")
    repo.git.push("-u", "origin", "topic")
    assert base_of(repo).rev == fork


def test_on_the_default_branch_it_is_what_has_been_pushed(upstream: Repo, tmp_path: Path) -> None:
    pushed = upstream.head.commit.hexsha
    repo = clone(upstream, tmp_path / "clone")
    commit(repo, "not pushed")
    assert base_of(repo).rev == pushed


def test_the_remote_names_its_default_branch(tmp_path: Path) -> None:
    upstream = start(tmp_path / "upstream", "trunk")
    fork = commit(upstream, "one")
    repo = clone(upstream, tmp_path / "clone")
    commit(repo, "two")
    assert base_of(repo) == Base(
        fork, "merge-base of HEAD and origin/trunk", upstream="refs/remotes/origin/trunk"
    )


def test_a_configured_name_wins(upstream: Repo, tmp_path: Path) -> None:
    upstream.git.branch("develop", "HEAD~1")
    repo = clone(upstream, tmp_path / "clone")
    assert base_of(repo, default_branch="develop").how == "merge-base of HEAD and origin/develop"


def test_a_merge_under_way_has_the_base_of_the_merge_commit(upstream: Repo, tmp_path: Path) -> None:
    repo = clone(upstream, tmp_path / "clone")
    repo.git.checkout("-b", "topic")
    commit(repo, "topic", "b.proto")
    tip = commit(upstream, "main moved ahead")
    repo.remotes.origin.fetch()
    repo.git.merge("--no-commit", "--no-ff", "origin/main")
    assert base_of(repo) == Base(
        tip, "merge-base of HEAD and MERGE_HEAD and origin/main", upstream="refs/remotes/origin/main"
    )


def test_without_a_remote_it_is_the_local_default_branch(upstream: Repo) -> None:
    fork = upstream.head.commit.hexsha
    upstream.git.checkout("-b", "topic")
    commit(upstream, "topic")
    assert base_of(upstream).rev == fork
    upstream.git.checkout("main")
    assert base_of(upstream).rev == fork


def test_before_the_first_commit_there_is_nothing_to_break(tmp_path: Path) -> None:
    assert base_of(start(tmp_path / "new")) == Base(None, "no commit yet")


def test_a_shallow_clone_with_the_base_is_decided(upstream: Repo, tmp_path: Path) -> None:
    tip = upstream.head.commit.hexsha
    repo = clone(upstream, tmp_path / "clone", "--depth=1")
    commit(repo, "on top")
    assert base_of(repo).rev == tip


def test_a_shallow_clone_without_the_base_says_how_to_get_it(upstream: Repo, tmp_path: Path) -> None:
    upstream.git.checkout("-b", "topic", "HEAD~1")
    commit(upstream, "topic")
    upstream.git.checkout("main")
    repo = clone(upstream, tmp_path / "clone", "--depth=1", "--no-single-branch", "--branch=topic")
    with pytest.raises(UndecidedError) as caught:
        base_of(repo)
    assert "shallow" in caught.value.undecided.why
    assert caught.value.undecided.remedy.startswith("git fetch --unshallow origin")
    repo.git.fetch("--unshallow", "origin")
    assert base_of(repo).how == "merge-base of HEAD and origin/main"


def test_a_merge_base_behind_which_a_better_one_may_be_cut_off_is_none(tmp_path: Path) -> None:
    """main and topic meet in `late`, too, but the way of topic there is longer than the clone is deep."""
    repo = start(tmp_path / "upstream")
    early = commit(repo, "early")
    late = commit(repo, "late")
    repo.git.checkout("-b", "long")
    for number in range(5):
        commit(repo, f"long {number}", "long.txt")
    repo.git.checkout("-b", "topic", early)
    repo.git.merge("--no-ff", "--no-edit", "long")
    repo.git.checkout("main")
    commit(repo, "main goes on", "main.txt")
    shallow = clone(repo, tmp_path / "clone", "--depth=4", "--no-single-branch", "--branch=topic")
    assert shallow.git.merge_base("HEAD", "origin/main") == early
    with pytest.raises(UndecidedError, match="ends before the branches meet"):
        base_of(shallow)
    shallow.git.fetch("--unshallow")
    assert base_of(shallow).rev == late


def test_a_single_branch_clone_says_how_to_get_the_default_branch(upstream: Repo, tmp_path: Path) -> None:
    upstream.git.branch("topic")
    repo = clone(upstream, tmp_path / "clone", "--single-branch", "--branch=topic")
    with pytest.raises(UndecidedError) as caught:
        base_of(repo)
    remedy = caught.value.undecided.remedy.split("   ")[0]
    assert remedy == "git fetch origin main:refs/remotes/origin/main"
    repo.git.execute(remedy.split())
    assert base_of(repo).rev == upstream.head.commit.hexsha


def test_unrelated_histories_are_undecided(upstream: Repo, tmp_path: Path) -> None:
    repo = clone(upstream, tmp_path / "clone")
    repo.git.checkout("--orphan", "other")
    commit(repo, "another root")
    with pytest.raises(UndecidedError, match="no commit in common"):
        base_of(repo)


def test_an_unknown_base_is_wrong_usage(upstream: Repo) -> None:
    with pytest.raises(UsageError, match="--base no-such"):
        base_of(upstream, wanted="no-such")


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="not in a git repository"):
        Repository.open(tmp_path)
