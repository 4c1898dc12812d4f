"""Every kind of break on the bundled shop: which finding, and the verdict on each service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES, Scratch

from workspai_hooks.findings import Finding, Severity
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.rules import find

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
