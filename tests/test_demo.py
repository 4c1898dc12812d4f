"""The demo: what it stages, what it says, and that it leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from workspai_hooks import demo

CHECKOUT = Path(__file__).parents[1]


def test_it_stages_one_removed_field_on_a_branch(tmp_path: Path) -> None:
    demo.stage_break(tmp_path / "shop")
    repo = Repo(tmp_path / "shop")
    assert repo.active_branch.name == demo.BRANCH
    assert repo.git.diff("--numstat") == ""
    assert repo.git.diff("--cached", "--numstat").split() == ["0", "1", demo.CONTRACT]
    assert demo.FIELD.strip() in repo.git.show(f"main:{demo.CONTRACT}")


def test_it_tells_what_it_does_and_removes_the_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[Path] = []

    def check(root: Path) -> int:
        seen.append(root)
        assert (root / demo.CONTRACT).is_file()
        return 1

    assert demo.demonstrate(check) == 1
    told = capsys.readouterr().out
    assert told.count("\n") == 4
    assert demo.ELEMENT in told
    assert demo.COMMAND in told
    assert not seen[0].exists()
    assert list(tmp_path.iterdir()) == []


def test_the_verdict_is_shown(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    shown = cli(tmp_path, "demo")
    assert shown.returncode == 0, shown.stderr
    sites = ("services/catalog/server.py:40", "services/admin/src/pages/BookPage.tsx:10")
    for word in ("WSP101", demo.ELEMENT, "storefront", *sites, "exposed", "loadgen", "shipping"):
        assert word in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_variables_of_a_git_alias_do_not_reach_it(
    cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    there = Repo.init(tmp_path / "there")
    before = sorted(Path(there.git_dir).rglob("*"))
    shown = cli(tmp_path, "demo", GIT_DIR=str(there.git_dir), GIT_INDEX_FILE=str(tmp_path / "index"))
    assert shown.returncode == 0, shown.stderr
    assert sorted(Path(there.git_dir).rglob("*")) == before
    assert not (tmp_path / "index").exists()


def test_a_wheel_brings_the_shop(tmp_path: Path) -> None:
    """Every file of it, hidden ones included; hatchling leaves out what .gitignore names."""
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    bare = {**os.environ, "WORKSPAI_BUNDLE": ""}
    argv = [*pip, "wheel", "--no-deps", "-w", wheels, CHECKOUT]
    subprocess.run(argv, env=bare, check=True, timeout=300)
    (wheel,) = wheels.iterdir()
    subprocess.run(
        [*pip, "install", "--no-deps", "--target", tmp_path / "site", wheel], check=True, timeout=300
    )
    bundled = tmp_path / "site" / "workspai_hooks" / "_fixtures" / "shop"
    shop = CHECKOUT / "fixtures" / "shop"
    listed = (
        Repo(CHECKOUT).git.ls_files("--cached", "--others", "--exclude-standard", "--", shop).splitlines()
    )
    for path in listed:
        assert (bundled / Path(path).relative_to("fixtures/shop")).read_bytes() == (
            CHECKOUT / path
        ).read_bytes()
    assert len(listed) > 80
