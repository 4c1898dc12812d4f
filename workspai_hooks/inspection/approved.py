"""A report, with what of it is approved."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from workspai_hooks.contract_files import APPROVAL_FILES, CONTRACT_SUFFIXES

if TYPE_CHECKING:  # most runs find nothing, and pay for nothing
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.findings import Approval
    from workspai_hooks.report.report import Report

MARK = b"workspai"


def approved(report: Report, head: Snapshot, touched: Collection[str], *, all_told: bool) -> Report:
    """The report, its findings with their approvals, and the approvals that cover nothing.

    `touched` are the contracts that the change touches: an approval in another one is never called useless.
    `all_told`: a fault that is not told is not there, so that what approves it can go.
    """
    approvals = tuple(_written(report, head, touched))
    if not approvals:
        return report
    from datetime import UTC, datetime

    from workspai_hooks.approvals.matching import EXPIRED, matched

    found = matched(report.findings, approvals, datetime.now(UTC).date())
    sure = all_told and not report.undecided and report.base is not None
    idle = (
        one
        for one in found.idle
        if one.why == EXPIRED or (sure and (not one.approval.file or one.approval.location.path in touched))
    )
    return replace(report, findings=found.findings, idle=tuple(idle))


def _written(report: Report, head: Snapshot, touched: Collection[str]) -> Iterator[Approval]:
    if any(path in head.entries for path in APPROVAL_FILES):
        from workspai_hooks.approvals.file import recorded

        yield from recorded(head)
    places = {
        place.path
        for finding in report.findings
        for place in (finding.location, finding.base_location, *finding.related)
        if place is not None
    }
    contents = head.read_many(sorted({*touched, *places}))
    marked = {path: data for path, data in contents.items() if MARK in data}
    comments = {path: data for path, data in marked.items() if path.endswith(CONTRACT_SUFFIXES)}
    if comments:
        from workspai_hooks.approvals.inline import in_comments

        yield from in_comments(comments)
    if len(comments) < len(marked) or any(finding.contract == "openapi" for finding in report.findings):
        from workspai_hooks.approvals.described import in_descriptions

        yield from in_descriptions(head)
