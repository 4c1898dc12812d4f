"""The verb `approve`: intended breaks are written down, those that are of no use any more are dropped.

It writes `.workspai/approvals.yaml` and `.workspai/baseline.yaml` (and, once, `.workspai/.gitattributes`)
in the work tree, each in one step, and nothing else; the user stages them. What is approved is looked up in
what the index breaks, so that an approval says what the element was and became.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from workspai_hooks.approvals import file as files
from workspai_hooks.approvals.described import in_descriptions
from workspai_hooks.approvals.inline import in_comments
from workspai_hooks.approvals.matching import is_called, matched, named_exactly
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import settings_of
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.findings import Approval, Finding, Severity
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.inspection.approved import MARK
from workspai_hooks.inspection.policies import of_all, policies_of
from workspai_hooks.report.report import Report
from workspai_hooks.rules import BY_ID
from workspai_hooks.source import Location
from workspai_hooks.tools import writing
from workspai_hooks.tools.git import Repository


class Outcome(msgspec.Struct, frozen=True):
    """What was done, a line each; `undecided` is why nothing was."""

    lines: tuple[str, ...] = ()
    undecided: tuple[Undecided, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done, 3 where what the index breaks could not be told."""
        return 3 if self.undecided else 0


class Wanted(msgspec.Struct, frozen=True):
    """An approval as it was asked for; `rule` is an id or a name, no `owner`: the user of this repository."""

    rule: str
    element: str
    reason: str
    owner: str
    expires: str


def approve(folder: Path, wanted: Wanted, bases: tuple[str, ...] = ()) -> Outcome:
    """Record that a break is intended; one of the same rule and element is replaced. `UsageError` where the
    index has no such break, or the words can't be taken."""
    rule = files.rule_of(wanted.rule, "approve")
    expires = _future(wanted.expires)
    repository, report = _asked(folder, bases, policies=BY_ID[rule].contract == "policy")
    found = [one for one in report.findings if one.rule == rule and is_called(one, wanted.element)]
    if not found and report.undecided:
        return Outcome(undecided=report.undecided)
    if not found:
        raise UsageError(_nothing(rule, wanted.element, report.findings))
    owner = wanted.owner or _user(repository)
    place = Location(files.APPROVALS)
    new = [
        Approval(rule, element, place, change, wanted.reason, owner, expires)
        for element, change in dict.fromkeys((named_exactly(one), one.change) for one in found)
    ]
    data = _content(repository, files.APPROVALS)
    old = [
        one
        for one in files.read(data, files.APPROVALS)
        if one.rule == rule and any(is_called(finding, one.element) for finding in found)
    ]
    _write(repository, files.APPROVALS, files.edited(data, files.APPROVALS, add=new, drop=old))
    told = [f"approved {one.rule} {one.element} until {one.expires}: {one.change}" for one in new]
    return Outcome((*told, *_to_stage(repository, folder, files.APPROVALS)))


def prune(folder: Path, bases: tuple[str, ...] = ()) -> Outcome:
    """Drop what has expired, and what approves a break that is gone or merged; of those in contracts, say
    where they stand."""
    repository, report = _asked(folder, bases)
    if report.undecided:
        return Outcome(undecided=report.undecided)
    if report.base is None:
        raise UsageError(f"approve --prune: there is nothing to compare with ({report.how})")
    every = {path: files.read(_content(repository, path), path) for path in files.SCHEMAS}
    inline = _inline(repository)
    known = [one for entries in every.values() for one in entries]
    idle = {one.approval: one.why for one in matched(report.findings, [*known, *inline], _today()).idle}
    lines = []
    for path, entries in every.items():
        drop = [one for one in entries if one in idle]
        if drop:
            _write(repository, path, files.edited(_content(repository, path), path, drop=drop))
            lines += [f"dropped {one.rule} {one.element} ({idle[one]}): {one.location}" for one in drop]
    lines += [
        f"remove by hand {one.rule} {one.element} ({idle[one]}): {one.location}"
        for one in inline
        if one in idle
    ]
    return Outcome(tuple(lines) or ("every approval is of use",))


def baseline(folder: Path, bases: tuple[str, ...] = ()) -> Outcome:
    """Take down all that the index breaks and nobody approved, as it is now. Without a commit to compare with
    that is not known: what stands there of breaks stays, policies alone are taken down."""
    repository, report = _asked(folder, bases)
    if report.undecided:
        return Outcome(undecided=report.undecided)
    path = files.BASELINE
    data = _content(repository, path)
    old = files.read(data, path)
    mine = matched(
        report.findings, files.read(_content(repository, files.APPROVALS), files.APPROVALS), _today()
    )
    left = [one for one in mine.findings if one.approved is None or one.approved.location.path == path]
    wanted = {(one.rule, named_exactly(one), one.change) for one in left}
    there = {(one.rule, one.element, one.change) for one in old}
    add = [
        Approval(rule, element, Location(path), change) for rule, element, change in sorted(wanted - there)
    ]
    drop = [
        one
        for one in old
        if (one.rule, one.element, one.change) not in wanted
        and (report.base is not None or BY_ID[one.rule].contract == "policy")
    ]
    if add or drop:
        _write(repository, path, files.edited(data, path, add=add, drop=drop))
    told = [f"{path}: {len(wanted)} findings, {len(add)} of them new, {len(drop)} dropped"]
    if report.base is None:
        told.append(f"breaks were left as they are: there is nothing to compare with ({report.how})")
    return Outcome((*told, *(_to_stage(repository, folder, path) if add or drop else ())))


def _asked(folder: Path, bases: tuple[str, ...], *, policies: bool = True) -> tuple[Repository, Report]:
    """What the index breaks, the whole branch of it; with `policies`, what is wrong with those of the whole
    index as well."""
    repository = Repository.open(folder)
    if repository.top == repository.git_dir:
        raise UsageError("approve: there is no work tree here to write into (a bare repository)")
    report = inspect(Request(folder, bases=bases, whole=True))
    if report.misused is not None:
        raise UsageError(report.misused)
    if policies:
        report = _with_policies(repository, report)
    return repository, report


def _with_policies(repository: Repository, report: Report) -> Report:
    """Whatever was there before, too; what is only a note fails nobody and needs no approval."""
    index = Snapshot.of_index(repository)
    settings = settings_of(index)
    known = {(one.rule, one.element) for one in report.findings}
    found = policies_of(index, settings)
    more = [
        one
        for one in of_all(found, settings)
        if one.severity is not Severity.NOTE and (one.rule, one.element) not in known
    ]
    return replace(report, findings=(*report.findings, *more))


def _nothing(rule: str, element: str, findings: Sequence[Finding]) -> str:
    near = [one for one in findings if one.rule == rule or element in one.plain_names] or list(findings)
    if not near:
        return f"approve {rule} {element}: the index breaks nothing, so there is nothing to approve"
    names = ", ".join(f"{one.rule} {one.element}" for one in near[:5])
    more = f" and {len(near) - 5} more" if len(near) > 5 else ""
    return f"approve {rule} {element}: the index has no such break; it has {names}{more}"


def _today() -> date:
    return datetime.now(UTC).date()


def _future(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--expires {text}: must be a date as 2027-01-31") from error
    if day < _today():
        raise UsageError(f"--expires {text}: is over")
    return day.isoformat()


def _user(repository: Repository) -> str:
    done = repository.run("config", "--get", "user.email")
    name = os.fsdecode(done.stdout).strip()
    if not name:
        raise UsageError("approve: --owner is missing, and git config user.email is not set")
    return name


def _inline(repository: Repository) -> tuple[Approval, ...]:
    head = Snapshot.of_index(repository)
    try:
        contents = head.read_many(head.paths(*CONTRACT_SUFFIXES))
        marked = {path: data for path, data in contents.items() if MARK in data}
        return *in_comments(marked), *in_descriptions(head)
    finally:
        repository.close()


def _content(repository: Repository, path: str) -> bytes:
    """A file of the work tree; empty where there is none."""
    return writing.content(repository.top, path) or b""


def _write(repository: Repository, path: str, text: str) -> None:
    writing.write(repository.top, path, text.encode("utf-8"))
    if not os.path.lexists(repository.top / files.ATTRIBUTES):
        writing.write(repository.top, files.ATTRIBUTES, files.MERGED_BY_LINES.encode("utf-8"))


def _to_stage(repository: Repository, folder: Path, path: str) -> tuple[str, ...]:
    start = "" if folder.resolve() == repository.top.resolve() else ":/"  # from the top, wherever one stands
    if repository.run("check-ignore", "--quiet", path).code == 0:
        return (
            f"git ignores {path}: nobody else gets it, and no check reads it (git add --force {start}{path})",
        )
    return (f"it counts once it is staged: git add {start}{path.partition('/')[0]}",)
