"""The program in one function: changes -> contracts -> breaks -> impact -> findings -> Report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from workspai_hooks.changes import head as heads
from workspai_hooks.changes.base import DEFAULT, is_of_refs
from workspai_hooks.changes.changeset import ChangeSet, collect
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.inspection.request import Request, Tell
from workspai_hooks.inspection.shared import by_severity
from workspai_hooks.report.report import Report
from workspai_hooks.timings import Timings
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:
    from workspai_hooks.configuration import Settings
    from workspai_hooks.findings import Finding


def inspect(request: Request, tell: Tell = lambda _: None) -> Report:
    """Answer a request. Never raises for what a repository or its tools may do: the report says it."""
    timings = Timings()
    repository = None
    try:
        with timings.of("changes"):
            request.refuse_contradictions()
            repository = Repository.open(request.folder, _may_fetch)
            asked = not request.at_commit or request.asks or heads.asks(repository)
            chosen = _heads(repository, request) if asked else []
        report = _merged([_answered(repository, head, request, timings, tell) for head in chosen])
    except UndecidedError as error:
        report = Report(undecided=(error.undecided,))
    except UsageError as error:
        report = Report(misused=str(error))
    finally:
        if repository is not None:
            repository.close()
    is_whole = repository is not None and not repository.store.is_partial and not report.undecided
    lasts = is_whole and report.lasts and report.misused is None
    return replace(report, timings_ms=timings.all(), lasts=lasts)


def _may_fetch() -> bool:
    from workspai_hooks.configuration import may_fetch

    return may_fetch()


def _heads(repository: Repository, request: Request) -> Sequence[heads.Head]:
    """What is asked about: the index, the revision of `--to`, or what is pushed."""
    if request.old is not None:
        return [heads.committed_head(repository, request.new or "HEAD", "--to")]
    if request.stage in (None, "pre-commit"):
        return [heads.staged_head(repository)]
    from workspai_hooks.changes.pushes import pushed_by_git, pushed_by_manager

    pushed = pushed_by_git(request.pushed or "")
    if not pushed and request.pushed is not None:
        return []  # nothing, or only deleted refs
    commits = {
        rev: where for rev, where in pushed.items() if repository.resolve(rev) or not repository.has(rev)
    }
    if pushed and not commits:
        return []  # tags of blobs and trees
    if not commits and request.stage == "pre-push":
        commits = pushed_by_manager(os.environ)
    return [
        heads.committed_head(repository, revision, pushed=where)
        for revision, where in (commits or {"HEAD": ()}).items()
    ]


def _answered(
    repository: Repository, head: heads.Head, request: Request, timings: Timings, tell: Tell
) -> Report:
    """One head's report: a question that stays open for it hides nothing of the others."""
    try:
        return _examine(repository, head, request, timings, tell)
    except UndecidedError as error:
        return Report(head=head.snapshot.name, undecided=(error.undecided,), at_commit=request.at_commit)


def _examine(
    repository: Repository, head: heads.Head, request: Request, timings: Timings, tell: Tell
) -> Report:
    """What one head breaks of each of its bases, and which of it is approved."""
    from workspai_hooks.configuration import settings_of
    from workspai_hooks.inspection.approved import approved
    from workspai_hooks.inspection.base import base_of

    with timings.of("changes"):
        settings = settings_of(head.snapshot)
    blank = Report(
        head=head.snapshot.name,
        undecided=head.conflicts,
        fail_on=settings.fail_on,
        at_commit=request.at_commit,
        asked=request.bases,
        lasts=all(map(is_of_refs, (*settings.bases, settings.default_branch or ""))),
    )
    bases = request.compared_with(settings.bases)
    reports: dict[tuple[str | None, ...], Report] = {}
    touched: set[str] = set()
    questions: list[Undecided] = []
    for wanted in bases:
        try:
            with timings.of("changes"):
                base = base_of(repository, head, request, settings.default_branch, wanted)
            revs = (base.rev, *base.others)
            if revs not in reports:
                ways = [
                    collect(repository, head, replace(base, rev=rev), at_commit=request.at_commit)
                    for rev in revs
                ]
                touched.update(path for changes in ways for path in (*changes.files, *changes.documents))
                alone = len(revs) == 1 and len(head.tips) == 1 and not (settings.bases or head.unmerged)
                upstream = base.upstream if alone and request.stage == "pre-commit" else ""
                first = replace(blank, base=base.rev, how=base.how, upstream=upstream)
                reports[revs] = _against(repository, ways, settings, first, request, timings, tell)
        except UndecidedError as error:  # hides nothing of what the other bases tell
            questions.append(error.undecided)
    report = _of_bases(list(reports.values()) or [blank], questions)
    with timings.of("approvals"):
        every = set(settings.bases or (DEFAULT,)) <= set(bases)
        return approved(report, head.snapshot, touched, all_told=request.tells_all and every)


def _against(
    repository: Repository,
    ways: Sequence[ChangeSet],
    settings: Settings,
    blank: Report,
    request: Request,
    timings: Timings,
    tell: Tell,
) -> Report:
    """What a change breaks of one base; `ways` are several where histories met more than once."""
    from workspai_hooks.inspection.documents import Comparing, with_documents
    from workspai_hooks.inspection.policies import of_contracts_alone, with_policies
    from workspai_hooks.inspection.protobuf import protobuf_report
    from workspai_hooks.inspection.uses import with_new_uses

    documents = [Comparing(repository, changes, in_ci=request.stage == "ci") for changes in ways]
    contracts = [
        protobuf_report(repository, changes, settings, blank, request, timings, tell, beside)
        for changes, beside in zip(ways, documents, strict=True)
        if changes.base is not None and changes.files
    ]
    report = _merged([one.report for one in contracts] or [blank])
    with timings.of("documents"):
        for one in documents:
            report = with_documents(repository, one, settings, report, tell)
    if request.only == "breaking":
        return report
    with timings.of("uses"):
        report = with_new_uses(repository, ways[0], settings, report)
    if any(one.what.partition(" ")[0] == "buf" for one in report.undecided):
        return report  # it was stopped: what it would be asked of the same contracts once more is open, too
    with timings.of("policies"):
        if contracts and contracts[0].same_offers and of_contracts_alone(ways[0], settings):
            return report
        try:
            return with_policies(ways[0], settings, report, tell)
        except UndecidedError as error:  # hides nothing of what breaks
            return replace(report, undecided=tuple(dict.fromkeys((*report.undecided, error.undecided))))


def _of_bases(reports: Sequence[Report], questions: Sequence[Undecided]) -> Report:
    """One report of all bases: a fault against several of them is told once, with their names."""
    reports = sorted(reports, key=lambda one: one.base is None)  # no release yet: the others are told
    report = _merged(reports)
    if len(reports) > 1:
        together: dict[tuple[str, str, str], Finding] = {}
        for one in reports:
            for finding in one.findings:
                key = (finding.rule, finding.element, finding.message)
                known = together.get(key, finding)
                together[key] = replace(known, against=(*known.against, one.how))
        findings = by_severity(together.values())
        bases = tuple((one.base, one.how) for one in reports if one.base is not None)
        report = replace(report, findings=findings, bases=bases)
    return replace(report, undecided=tuple(dict.fromkeys((*report.undecided, *questions))))


def _merged(reports: Sequence[Report]) -> Report:
    """One report of all that was pushed at once; of one head, its own."""
    if len(reports) < 2:
        return reports[0] if reports else Report()
    findings = tuple(dict.fromkeys(finding for report in reports for finding in report.findings))
    bump = {name: change for report in reports for name, change in (report.bump or {}).items()}
    return replace(
        reports[0],
        findings=findings,
        rollout=tuple(dict.fromkeys(step for report in reports for step in report.rollout)),
        bump=bump,
        fail_on=max((report.fail_on for report in reports), key=lambda one: one.rank),
        lasts=all(report.lasts for report in reports),
        undecided=tuple(dict.fromkeys(one for report in reports for one in report.undecided)),
    )
