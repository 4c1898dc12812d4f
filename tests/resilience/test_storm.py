"""The incident of fixtures/storm: told before it is committed, and mended by the patch."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import FIXTURES, Scratch

from workspai_hooks.findings import Finding
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.policies import Request as Asked
from workspai_hooks.policies import examine

SEED = {"RT09", "RT11", "RT19", "RT24"}


@pytest.fixture
def storm(tmp_path: Path) -> Scratch:
    """The system is staged on top of an empty one."""
    made = Scratch.init(tmp_path / "storm").write({"README.md": "A shop.\n"})
    made.commit()
    shutil.copytree(FIXTURES / "storm", made.root, dirs_exist_ok=True)
    made.repo.git.add("--all")
    return made


def of_rule(findings: tuple[Finding, ...], rule: str) -> Finding:
    (found,) = [one for one in findings if one.rule == rule]
    return found


def test_the_hook_tells_it_before_the_commit(storm: Scratch) -> None:
    report = inspect(Request(storm.root, "pre-commit"))
    assert report.exit_code == 1
    assert {one.rule for one in report.findings} >= SEED
    assert of_rule(report.findings, "RT19").location.path == "cache/openapi.yaml"
    assert of_rule(report.findings, "RT24").location.path == "cart/app.py"
    amplified = of_rule(report.findings, "RT09")
    assert (amplified.element, amplified.change) == ("frontend -> cart -> cache", "64 tries")
    early = of_rule(report.findings, "RT11")
    assert (early.element, early.location.path) == ("frontend -> cart -> cache", "deploy/mesh.yaml")


def test_the_patch_makes_all_four_go_away(storm: Scratch, tmp_path: Path) -> None:
    patch = tmp_path / "mend.patch"
    patch.write_text(examine(Asked(storm.root, patch=True)).patch.text, encoding="utf-8")
    storm.repo.git.apply(str(patch))
    left = {one.rule for one in examine(Asked(storm.root)).report.findings}
    assert not left & SEED
