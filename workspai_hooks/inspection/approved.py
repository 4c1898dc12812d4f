"""A report, with what of it is approved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:  # most runs find nothing, and pay for nothing
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.findings import Approval
    from workspai_hooks.report.report import Report

FILES = (".workspai/approvals.yaml", ".workspai/baseline.yaml")
MARK = b"workspai"


def approved(report: Report, head: Snapshot, touched: Iterable[str], *, all_told: bool) -> Report:
    """The report, its findings with their approvals, and the approvals that cover nothing.

    `touched` are the contracts that the change touches: what they approve beside their text counts.
    `all_told`: a fault that is not told is not there, so that what approves it can go.
    """
    approvals = _written(report, head, touched)
    if not approvals:
        return report
    from datetime import UTC, datetime

    from workspai_hooks.approvals.matching import matched

    found = matched(report.findings, approvals, datetime.now(UTC).date())
    sure = all_told and not report.undecided and report.base is not None
    return replace(report, findings=found.findings, idle=found.idle if sure else ())


def _written(report: Report, head: Snapshot, touched: Iterable[str]) -> tuple[Approval, ...]:
    places = {
        place.path
        for finding in report.findings
        for place in (finding.location, finding.base_location, *finding.related)
        if place is not None
    }
    contents = head.read_many(sorted({*touched, *places}))
    marked = {path: data for path, data in contents.items() if MARK in data}
    if not marked and not any(path in head.entries for path in FILES):
        return ()
    from workspai_hooks.approvals.file import recorded
    from workspai_hooks.approvals.inline import beside

    return (*recorded(head), *beside(marked))
