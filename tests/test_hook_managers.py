"""Commits under real pre-commit and real prek: what is stopped, what passes, and that nothing is touched."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import Scratch
from git import Repo

from workspai_hooks.hooks import manifest

CATALOG = "protos/bookshop/catalog/v1/catalog.proto"
EVENTS = "protos/bookshop/events/v1/events.proto"
TITLE = "  string title = 2;\n"
IGNORED = {"minimum_pre_commit_version"}
"""Of a hook's keys, those that a `local` one must not have."""
MANAGERS = ("pre-commit", "prek")


def program(name: str) -> str:
    """A console script of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))


def git(shop: Scratch, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=shop.root,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def install(shop: Scratch, manager: str, config: dict[str, object], home: Path) -> None:
    """Put the manager's hook into the repository; its configuration is committed, as a user's is."""
    shop.write({".pre-commit-config.yaml": yaml.safe_dump(config)}).commit("hooks")
    subprocess.run(
        [program(manager), "install"], cwd=shop.root, env=homes(home), check=True, capture_output=True
    )


def homes(home: Path) -> dict[str, str]:
    return {**os.environ, "PRE_COMMIT_HOME": str(home / "pre-commit"), "PREK_HOME": str(home / "prek")}


@pytest.fixture(params=MANAGERS)
def hooked(
    request: pytest.FixtureRequest, shop: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Scratch:
    """The shop with our manifest's first hook, run from this environment instead of one of its own."""
    hook = {
        **{key: value for key, value in yaml.safe_load(manifest())[0].items() if key not in IGNORED},
        "language": "system",
        "entry": f"{program('workspai-hooks')} check --stage pre-commit",
    }
    for name, value in homes(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    install(shop, request.param, {"repos": [{"repo": "local", "hooks": [hook]}]}, tmp_path / "home")
    return shop


def state(shop: Scratch) -> dict[str, str]:
    """Everything that a refused commit must leave byte for byte: HEAD, index, configuration, work tree."""
    files = {
        path.relative_to(shop.root).as_posix(): path
        for path in shop.root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(shop.root).parts
    }
    files |= {name: shop.root / ".git" / name for name in ("index", "config", "HEAD")}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    return digests | {
        "commit": shop.repo.head.commit.hexsha,
        "status": shop.repo.git.status("--porcelain=v2"),
        "stash": shop.repo.git.stash("list"),
    }


def refused(shop: Scratch, *arguments: str) -> str:
    """Try to commit; assert that it was stopped and that nothing changed. What was printed."""
    # `git commit` itself writes file times and tree ids into the index before it asks hooks: done here.
    shop.repo.git.status()
    shop.repo.git.write_tree()
    before = state(shop)
    done = git(shop, "commit", "-m", "change", *arguments)
    assert done.returncode == 1, done.stdout
    assert state(shop) == before
    return done.stdout


def passed(shop: Scratch, *arguments: str) -> str:
    before = shop.repo.head.commit.hexsha
    done = git(shop, "commit", "-m", "change", *arguments)
    assert done.returncode == 0, done.stdout
    assert shop.repo.head.commit.parents[0].hexsha == before
    return done.stdout


def test_a_break_is_stopped_and_names_its_consumers(hooked: Scratch) -> None:
    told = refused(hooked.replace(CATALOG, TITLE, ""))
    assert "bookshop.catalog.v1.Book.title" in told
    assert "services/orders/server.go:75" in told
    assert "services/catalog/server.py:40" in told


def test_the_index_is_judged_and_not_the_work_tree(hooked: Scratch) -> None:
    """Staged, then put back in the work tree: the commit would still break."""
    intact = (hooked.root / CATALOG).read_bytes()
    hooked.replace(CATALOG, TITLE, "")
    (hooked.root / CATALOG).write_bytes(intact)
    done = git(hooked, "commit", "-m", "change")
    assert done.returncode == 1, done.stdout
    assert "bookshop.catalog.v1.Book.title" in done.stdout
    assert (hooked.root / CATALOG).read_bytes() == intact
    assert TITLE not in hooked.repo.git.show(f":{CATALOG}")


def test_an_unstaged_break_passes(hooked: Scratch) -> None:
    broken = (hooked.root / CATALOG).read_text().replace(TITLE, "")
    hooked.write({"README.md": "The shop\n"})
    (hooked.root / CATALOG).write_text(broken)
    assert "bookshop" not in passed(hooked)
    assert (hooked.root / CATALOG).read_text() == broken


def test_a_commit_that_only_deletes_the_contract_is_stopped(hooked: Scratch) -> None:
    hooked.repo.git.rm("--quiet", EVENTS)
    told = refused(hooked)
    assert EVENTS in told
    assert "storefront" in told


def test_a_commit_that_only_renames_away_the_contract_is_stopped(hooked: Scratch) -> None:
    hooked.repo.git.mv(EVENTS, EVENTS.removesuffix(".proto") + ".txt")
    assert EVENTS in refused(hooked)


def test_a_break_inside_a_renamed_contract_is_stopped(hooked: Scratch) -> None:
    moved = EVENTS.replace("events.proto", "page_viewed.proto")
    hooked.repo.git.mv(EVENTS, moved)
    told = refused(hooked.replace(moved, "  string session_id = 2;\n", ""))
    assert "bookshop.events.v1.PageViewed.session_id" in told


def test_a_commit_without_a_contract_passes_in_silence(hooked: Scratch) -> None:
    told = passed(hooked.write({"services/loadgen/README.md": "Visits the shop.\n"}))
    assert "protos" not in told


def test_a_compatible_contract_change_passes(hooked: Scratch) -> None:
    passed(hooked.replace(CATALOG, "// A book as it is sold.", "// A book."))


def test_commit_all_is_judged_by_what_it_commits(hooked: Scratch) -> None:
    contract = hooked.root / CATALOG
    contract.write_text(contract.read_text().replace(TITLE, ""))
    assert "bookshop.catalog.v1.Book.title" in refused(hooked, "--all")


def test_commit_of_a_path_is_judged_by_that_path(hooked: Scratch) -> None:
    """`git commit PATH` makes a temporary index: what else is staged is not in the commit."""
    hooked.replace(CATALOG, TITLE, "")
    (hooked.root / "README.md").write_text("The shop\n")
    passed(hooked, "README.md")
    assert hooked.repo.git.diff("--cached", "--name-only") == CATALOG
    assert "bookshop.catalog.v1.Book.title" in refused(hooked, CATALOG)


def test_a_break_in_a_linked_worktree_is_stopped(hooked: Scratch, tmp_path: Path) -> None:
    """Git hands hooks there an absolute GIT_DIR and no GIT_WORK_TREE."""
    hooked.repo.git.worktree("add", "--quiet", "-b", "other", tmp_path / "linked")
    linked = Scratch(Repo(tmp_path / "linked")).replace(CATALOG, TITLE, "")
    done = git(linked, "commit", "-m", "change")
    assert done.returncode == 1, done.stdout
    assert "bookshop.catalog.v1.Book.title" in done.stdout
    assert linked.repo.git.status("--porcelain") == f"M  {CATALOG}"


@pytest.mark.parametrize("manager", MANAGERS)
def test_installed_from_a_git_url(
    manager: str,
    published: Callable[[], Scratch],
    shop: Scratch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a user gets it: cloned at a revision and built into the manager's own environment by the first
    commit, with pip (or uv) and Go inside a git hook."""
    ours = published()
    config = {
        "repos": [
            {
                "repo": str(ours.root),
                "rev": ours.repo.head.commit.hexsha,
                "hooks": [{"id": "workspai"}],
            }
        ]
    }
    for name, value in homes(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    install(shop, manager, config, tmp_path / "home")
    contract = shop.root / CATALOG
    contract.write_text(contract.read_text().replace(TITLE, ""))
    told = refused(shop, "--all")
    assert "bookshop.catalog.v1.Book.title" in told
    assert "services/orders/server.go:75" in told
    bundled = [path for path in (tmp_path / "home").rglob("workspai_hooks/_bundled/*") if path.is_file()]
    assert {path.name.partition("-")[0] for path in bundled} == {"helm", "oasdiff"}
    assert all(os.access(path, os.X_OK) for path in bundled)
    shop.repo.git.restore(CATALOG)
    passed(shop.write({"README.md": "The shop\n"}))
