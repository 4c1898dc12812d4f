"""The program in one function: changes -> contracts -> breaks -> impact -> findings -> Report."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes import head as heads
from workspai_hooks.changes.glance import spoken
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.report.report import Report
from workspai_hooks.timings import Timings
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:  # what a change without contracts does not need is imported where it is used
    from workspai_hooks.breaking.protobuf import Comparison
    from workspai_hooks.breaking.values import Break
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.configuration import Settings
    from workspai_hooks.contracts.protobuf.schema import Schema
    from workspai_hooks.findings import Consumer, Finding
    from workspai_hooks.impact.verdicts import Sides
    from workspai_hooks.workspace.elsewhere.known import Elsewhere

Fault = tuple[str, str, str, tuple[str, ...]]
Tell = Callable[[str], None]
"""Takes a word on what is going on, for whoever waits at a terminal."""

MAX_OTHER_CONTRACTS = 300
"""Contracts beside those that a change touches are compiled up to this number: about half a second."""

PLUMBING = ("/grpc/health/", "/grpc/reflection/", "/google/", "/node_modules/")
"""Contracts of the runtime, not of a service: no edge follows from them."""

MAX_OLDER_BASES = 20
"""So many ancestors are tried where the base does not compile."""


class Request(msgspec.Struct, frozen=True):
    """What a run was asked. `stage` None: by a person; `pushed`: git's lines on a pre-push hook's stdin."""

    folder: Path
    stage: str | None = None
    base: str | None = None
    old: str | None = None
    new: str | None = None
    pushed: str = ""
    only: str | None = None

    def refuse_contradictions(self) -> None:
        """`UsageError` for flags that do not go together."""
        if self.old is not None and self.base is not None:
            raise UsageError("--base takes a merge base and --from is exact: give one of them")
        if self.new is not None and self.old is None:
            raise UsageError("--to REF needs --from REF")

    @property
    def at_commit(self) -> bool:
        """Whether only what the commit under way does may fail it."""
        asked = self.stage == "pre-commit" or (self.stage is None and self.base is None)
        return asked and self.old is None


def inspect(request: Request, tell: Tell = lambda _: None) -> Report:
    """Answer a request. Never raises for what a repository or its tools may do: the report says it."""
    timings = Timings()
    repository = None
    try:
        with timings.of("changes"):
            request.refuse_contradictions()
            repository = Repository.open(request.folder)
            asked = request.base or not request.at_commit or heads.asks(repository)
            chosen = _heads(repository, request) if asked else []
        report = _merged([_answered(repository, head, request, timings, tell) for head in chosen])
    except UndecidedError as error:
        report = Report(undecided=(error.undecided,))
    except UsageError as error:
        report = Report(misused=str(error))
    finally:
        if repository is not None:
            repository.close()
    return replace(report, timings_ms=timings.all())


def _heads(repository: Repository, request: Request) -> Sequence[heads.Head]:
    """What is asked about: the index, the revision of `--to`, or what is pushed."""
    if request.old is not None:
        return [heads.committed_head(repository, request.new or "HEAD", "--to")]
    if request.stage in (None, "pre-commit"):
        return [heads.staged_head(repository)]
    pushed = heads.pushed_revisions(request.pushed)
    if not pushed and request.pushed.strip():
        return []  # only deleted refs
    named = os.environ.get("PRE_COMMIT_TO_REF") if request.stage == "pre-push" else None
    return [heads.committed_head(repository, rev) for rev in pushed or [named or "HEAD"]]


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
    from workspai_hooks.changes.base import Base, find_base
    from workspai_hooks.changes.changeset import collect
    from workspai_hooks.configuration import settings_of

    with timings.of("changes"):
        settings = settings_of(head.snapshot)
        if request.old is not None:
            base = Base(heads.committed_head(repository, request.old, "--from").tips[0], "--from")
        else:
            try:
                base = find_base(
                    repository, head.tips, wanted=request.base, default_branch=settings.default_branch
                )
            except UndecidedError:
                if repository.is_shallow() or head.snapshot.paths(*CONTRACT_SUFFIXES):
                    raise
                base = Base(None, "a history of its own without contracts")  # gh-pages and the like
        ways = [
            collect(repository, head, replace(base, rev=rev), at_commit=request.at_commit)
            for rev in (base.rev, *base.others)
        ]
    blank = Report(
        base=base.rev,
        how=base.how,
        head=head.snapshot.name,
        undecided=head.conflicts,
        fail_on=settings.fail_on,
        at_commit=request.at_commit,
    )
    report = _merged(
        [
            _compared(repository, changes, settings, blank, request, timings, tell)
            for changes in ways
            if changes.base is not None and changes.files
        ]
        or [blank]
    )
    if request.only == "breaking":
        return report
    with timings.of("uses"):
        return _with_new_uses(repository, ways[0], settings, report)


def _with_new_uses(repository: Repository, changes: ChangeSet, settings: Settings, report: Report) -> Report:
    """The other direction: what consumers begin to use that a contract has given up."""
    if changes.base is None or changes.base.entries == changes.head.entries:
        return report
    contracts = [path for path in changes.base.paths(*CONTRACT_SUFFIXES) if not _is_plumbing(path)]
    said = spoken(repository, changes.base, changes.head, contracts) if contracts else None
    if said is None:
        return report
    from workspai_hooks.impact.consumer_changes import consumer_changes
    from workspai_hooks.workspace.workspace import survey

    found, undecided = consumer_changes(
        repository,
        changes.base,
        changes.head,
        changes.parents,
        contracts,
        said,
        lambda snapshot, schema: survey(snapshot, schema, settings.services, settings.edges),
        {finding.element for finding in report.findings},
    )
    return replace(
        report,
        findings=_sorted((*report.findings, *found)),
        undecided=tuple(dict.fromkeys((*report.undecided, *undecided))),
    )


def _compared(
    repository: Repository,
    changes: ChangeSet,
    settings: Settings,
    blank: Report,
    request: Request,
    timings: Timings,
    tell: Tell,
) -> Report:
    from workspai_hooks.impact.rollout import bumps, rollout

    tell("comparing contracts")
    loading = _load_meanwhile("workspai_hooks.impact.verdicts", "workspai_hooks.workspace.workspace")
    with timings.of("breaking"):
        changes, comparison = _compare(repository, changes)
        if request.only == "breaking":
            comparison = replace(comparison, drift=())
        earlier = _earlier(repository, changes)
    loading.join()  # a fork must not meet a thread that imports
    if comparison.breaks:
        tell("looking for consumers")
    with timings.of("impact"):
        elsewhere = _elsewhere(repository, changes, settings) if comparison.breaks else None
        findings = _findings(changes, comparison, earlier, settings, elsewhere)
    unread = repository.unread() if comparison.breaks else ()
    assert changes.base is not None
    schemas = (comparison.base_schema, comparison.head_schema)
    packages = {one.files[path].package for one in schemas for path in changes.files if path in one.files}
    return replace(
        blank,
        base=changes.base.name,
        how=changes.how,
        findings=findings,
        rollout=rollout(findings),
        bump=bumps(findings, packages, comparison.base_schema, comparison.head_schema),
        undecided=(*blank.undecided, *comparison.undecided, *unread, *_unknown(elsewhere, comparison)),
    )


def _elsewhere(repository: Repository, changes: ChangeSet, settings: Settings) -> Elsewhere:
    from workspai_hooks.facts import elsewhere_of

    return elsewhere_of(repository, changes.head, settings)


def _unknown(elsewhere: Elsewhere | None, comparison: Comparison) -> tuple[Undecided, ...]:
    """What breaks leave open because facts of other repositories are not here, or tell it themselves."""
    from workspai_hooks.contracts.protobuf.elements import package_of

    schema = comparison.base_schema
    broken = {package_of(schema, fault.element) for fault in comparison.breaks}
    return elsewhere.undecided(broken) if elsewhere is not None else ()


def _load_meanwhile(*modules: str) -> threading.Thread:
    """Import what a break will need while buf runs: it waits for a process, the imports for nothing."""

    def load() -> None:
        with suppress(Exception):  # whoever needs it meets the same error, and tells it
            for module in modules:
                import_module(module)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    return thread


def _compare(repository: Repository, changes: ChangeSet) -> tuple[ChangeSet, Comparison]:
    """The comparison; where only the base does not compile, with its nearest ancestor that does."""
    from workspai_hooks.breaking.protobuf import compare
    from workspai_hooks.changes.changeset import on_older_base

    assert changes.base is not None
    first = comparison = compare(changes.base, changes.head, changes.files)
    older = changes
    for _ in range(MAX_OLDER_BASES):
        if not comparison.base_errors:
            return older, comparison
        ancestor = on_older_base(repository, older)
        if ancestor is None or ancestor.base is None:
            break
        older = replace(ancestor, how=f"nearest ancestor of {changes.base.name[:12]} that compiles")
        comparison = compare(ancestor.base, ancestor.head, ancestor.files)
    return changes, replace(first, undecided=(*first.undecided, *first.base_errors))


def _earlier(repository: Repository, changes: ChangeSet) -> frozenset[Fault]:
    """Breaks that a parent of the commit under way made: against its own merge base, not against ours.

    In a merge a parent merely lacks what the base has newer than it; that is no break of its own.
    """
    from workspai_hooks.breaking.protobuf import compare
    from workspai_hooks.changes.changeset import changed_contracts
    from workspai_hooks.changes.snapshot import Snapshot

    known: set[Fault] = set()
    for parent in changes.parents or ():
        assert changes.base is not None
        for fork in repository.merge_bases(changes.base.name, parent.name):
            before = Snapshot.of_commit(repository, fork)
            files = changed_contracts(before, parent)
            if files:
                comparison = compare(before, parent, files)
                known |= {_identity(fault) for fault in (*comparison.breaks, *comparison.drift)}
    return frozenset(known)


def _identity(fault: Break) -> Fault:
    """The same element can break once more in another way under the same rule: that is a new break."""
    return fault.rule, fault.element, fault.message, fault.upstream_rules


def _findings(
    changes: ChangeSet,
    comparison: Comparison,
    earlier: frozenset[Fault],
    settings: Settings,
    elsewhere: Elsewhere | None,
) -> tuple[Finding, ...]:
    """Every break with its consumers, and the drift between copies; the worst first."""
    from workspai_hooks.impact.verdicts import judge

    schema = comparison.base_schema.overlaid(comparison.head_schema)
    if comparison.breaks and changes.base is not None:
        schema = schema.overlaid(_other_contracts(changes.base, schema))
    sides = replace(_sides(changes, schema, settings), elsewhere=elsewhere) if comparison.breaks else None
    findings = []
    for fault in (*comparison.breaks, *comparison.drift):
        new = changes.parents is not None and not fault.known and _identity(fault) not in earlier
        consumers = judge(fault, schema, sides) if sides and fault in comparison.breaks else ()
        findings.append(_finding(fault, consumers, "commit" if new else "branch", schema, settings))
    return _sorted(findings)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first."""
    return tuple(sorted(findings, key=lambda one: (one.severity.rank, one.location, one.rule, one.element)))


def _is_plumbing(path: str) -> bool:
    return any(part in f"/{path}" for part in PLUMBING)


def _other_contracts(snapshot: Snapshot, schema: Schema) -> Schema:
    """What the contracts declare that the change does not touch: services call each other through them, and
    what is known to be theirs is not taken for what broke."""
    from workspai_hooks.contracts.protobuf.declared import schema_of
    from workspai_hooks.contracts.protobuf.schema import EMPTY
    from workspai_hooks.tools.buf import resolve_buf

    others = [
        path
        for path in snapshot.paths(*CONTRACT_SUFFIXES)
        if path not in schema.files and not _is_plumbing(path)
    ]
    return schema_of(snapshot, resolve_buf(), others)[0] if 0 < len(others) <= MAX_OTHER_CONTRACTS else EMPTY


def _sides(changes: ChangeSet, schema: Schema, settings: Settings) -> Sides:
    """The workspace before and after; one survey where no file differs that either could look at."""
    from workspai_hooks.impact.verdicts import Sides
    from workspai_hooks.workspace.workspace import survey

    assert changes.base is not None
    base = survey(changes.base, schema, settings.services, settings.edges)
    if _same_but_contracts(changes.base, changes.head):
        return Sides(base, base)  # what broke stands in the base's contracts, so that it tells the holders
    return Sides(base, survey(changes.head, schema, settings.services, settings.edges))


def _same_but_contracts(base: Snapshot, head: Snapshot) -> bool:
    def others(snapshot: Snapshot) -> dict[str, object]:
        return {p: e for p, e in snapshot.entries.items() if not p.endswith(CONTRACT_SUFFIXES)}

    return others(base) == others(head)


def _finding(
    fault: Break, consumers: tuple[Consumer, ...], introduced: str, schema: Schema, settings: Settings
) -> Finding:
    from workspai_hooks.contracts.protobuf.elements import package_of
    from workspai_hooks.findings import Finding, Severity, Verdict

    severity = fault.severity
    hit = any(consumer.verdict is not Verdict.REGENERATES for consumer in consumers)
    if severity is Severity.ERROR and not hit and package_of(schema, fault.element) in settings.closed:
        severity = Severity.NOTE  # all consumers are known, and none of them is hit
    if severity is Severity.NOTE and any(consumer.verdict is Verdict.BREAKS for consumer in consumers):
        severity = Severity.WARNING  # a moved file that somebody imports by its name
    return Finding(
        rule=fault.rule,
        severity=severity,
        contract="protobuf",
        element=fault.element,
        message=fault.message,
        location=fault.location,
        surfaces=fault.surfaces,
        upstream_rules=fault.upstream_rules,
        base_location=fault.base_location,
        introduced=introduced,
        consumers=consumers,
        related=fault.related,
    )


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
        undecided=tuple(dict.fromkeys(one for report in reports for one in report.undecided)),
    )
