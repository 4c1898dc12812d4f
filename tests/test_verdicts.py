"""Every kind of break on the bundled shop: which finding, and the verdict on each service."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES, Scratch

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.inspection import Request, inspect, policies, protobuf
from workspai_hooks.inspection.shared import contracts_alone
from workspai_hooks.rules import find
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.workspace import survey

EDITS: list[dict[str, Any]] = json.loads((FIXTURES / "edits.json").read_text())
BREAKING = [edit for edit in EDITS if edit["verdicts"]]
HARMLESS = [edit for edit in EDITS if not edit["verdicts"]]


def breaks(root: Path) -> list[Finding]:
    report = inspect(Request(root))
    assert report.undecided == ()
    assert report.misused is None
    found = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    assert report.exit_code == (1 if found else 0)
    return found


@pytest.mark.parametrize("edit", BREAKING, ids=[edit["name"] for edit in BREAKING])
def test_a_break_is_one_finding_with_a_verdict_per_service(edit: dict[str, Any], shop: Scratch) -> None:
    (finding,) = breaks(shop.apply(edit).root)
    assert finding.element == edit["element"]
    assert find(finding.rule) is not None
    assert {one.service: one.verdict.value for one in finding.consumers} == edit["verdicts"]
    assert finding.introduced == "commit"


@pytest.mark.parametrize("edit", HARMLESS, ids=[edit["name"] for edit in HARMLESS])
def test_what_breaks_nobody_passes(edit: dict[str, Any], shop: Scratch) -> None:
    assert breaks(shop.apply(edit).root) == []


@pytest.mark.parametrize("edit", BREAKING[::6], ids=[edit["name"] for edit in BREAKING[::6]])
def test_stubs_that_are_made_anew_beside_a_contract_change_no_verdict(
    edit: dict[str, Any], shop: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workspace is looked at less often: nothing that anybody wrote differs but the contract."""
    shop.apply(edit)
    for path in shop.repo.git.ls_files("*.pb.go", "*_pb2.py").splitlines():
        comment = "#" if path.endswith(".py") else "//"
        shop.write({path: (shop.root / path).read_text() + f"{comment} made anew\n"})
    looked_at = []
    monkeypatch.setattr(
        "workspai_hooks.workspace.workspace.survey",
        lambda snapshot, *args: looked_at.append(snapshot.name) or survey(snapshot, *args),
    )
    together = breaks(shop.root)
    times = len(looked_at)
    for room in (protobuf, policies):
        monkeypatch.setattr(room, "contracts_alone", lambda base, head: None)
    shutil.rmtree(shop.root / ".git/workspai-hooks")
    assert breaks(shop.root) == together
    assert len(looked_at) > 2 * times
    shop.write({"services/storefront/genproto/more.pb.go": "package p\n"})
    monkeypatch.undo()
    assert contracts_alone(*sides(shop.root)) is None


def sides(root: Path) -> tuple[Snapshot, Snapshot]:
    repository = Repository.open(root)
    return Snapshot.of_commit(repository, "HEAD"), Snapshot.of_index(repository)
