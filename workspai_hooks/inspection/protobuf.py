"""The protobuf contracts of a change: buf's breaks, who is hit by each, and in which order to roll out."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from workspai_hooks.errors import Undecided
from workspai_hooks.inspection.request import Request, Tell
from workspai_hooks.inspection.shared import (
    all_contracts,
    by_severity,
    contracts_alone,
    earlier_faults,
    finding_of,
    introduced,
    on_readable_base,
)
from workspai_hooks.report.report import Report
from workspai_hooks.timings import Timings
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:  # what a change without contracts does not need is imported where it is used
    from collections.abc import Collection, Iterable

    from workspai_hooks.breaking.protobuf import Comparison
    from workspai_hooks.breaking.values import Break
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.configuration import Settings
    from workspai_hooks.contracts.protobuf.schema import Schema
    from workspai_hooks.findings import Consumer, Finding
    from workspai_hooks.impact.sides import Sides
    from workspai_hooks.inspection.documents import Comparing
    from workspai_hooks.workspace.elsewhere.known import Elsewhere
    from workspai_hooks.workspace.use_sites.gather import Followed


class Compared(Struct, frozen=True):
    """What came of the contracts. `same_offers`: no rpc is certainly another one than in the base."""

    report: Report
    same_offers: bool


def protobuf_report(
    repository: Repository,
    changes: ChangeSet,
    settings: Settings,
    blank: Report,
    request: Request,
    timings: Timings,
    tell: Tell,
    beside: Comparing,
) -> Compared:
    """What the contracts break. `beside` is compared while buf works."""
    from workspai_hooks.impact.rollout import bumps, rollout
    from workspai_hooks.inspection.nobody import has_nobody

    tell("comparing contracts")
    nobody = has_nobody(changes, settings)
    loading = _load_meanwhile(*(_TOLD if nobody else _JUDGED))
    beside.begin()
    try:
        with timings.of("breaking"):
            asked = changes
            changes, comparison = _compare(repository, changes, used=not nobody)
            if request.only == "breaking":
                comparison = replace(comparison, drift=())
            earlier = earlier_faults(repository, changes, _breaks_between)
    finally:
        loading.join()  # a fork must not meet a thread that imports
        beside.join()
    if comparison.breaks:
        tell("looking for consumers")
    with timings.of("impact"):
        elsewhere = _elsewhere(repository, changes, settings) if comparison.breaks and not nobody else None
        findings = _findings(changes, comparison, earlier, settings, elsewhere)
        if any(consumer.stub is not None for one in findings for consumer in one.consumers):
            from workspai_hooks.inspection.spoken import with_versions

            schemas = comparison.base_schema, comparison.head_schema
            findings = with_versions(repository, changes, *schemas, findings)
    unread = repository.unread() if comparison.breaks else ()
    assert changes.base is not None
    schemas = (comparison.base_schema, comparison.head_schema)
    packages = {one.files[path].package for one in schemas for path in changes.files if path in one.files}
    report = replace(
        blank,
        base=changes.base.name,
        how=_how(changes, comparison),
        findings=findings,
        rollout=rollout(findings),
        bump=bumps(findings, packages, comparison.base_schema, comparison.head_schema),
        undecided=(*blank.undecided, *comparison.undecided, *unread, *_unknown(elsewhere, comparison)),
    )
    return Compared(report, comparison.same_offers and changes is asked)


def _how(changes: ChangeSet, comparison: Comparison) -> str:
    """What was compared with, and what was left out: options decide nothing, and somebody may wonder."""
    left = f"; without options of {', '.join(comparison.lent)}" if comparison.lent else ""
    return changes.how + left


def _elsewhere(repository: Repository, changes: ChangeSet, settings: Settings) -> Elsewhere:
    from workspai_hooks.facts import elsewhere_of

    return elsewhere_of(repository, changes.head, settings)


def _unknown(elsewhere: Elsewhere | None, comparison: Comparison) -> tuple[Undecided, ...]:
    """What breaks leave open because facts of other repositories are not here, or tell it themselves."""
    from workspai_hooks.contracts.protobuf.elements import package_of

    schema = comparison.base_schema
    broken = {package_of(schema, fault.element) for fault in comparison.breaks}
    return elsewhere.undecided(broken) if elsewhere is not None else ()


_JUDGED = ("workspai_hooks.impact.verdicts", "workspai_hooks.workspace.workspace")
_TOLD = ("workspai_hooks.report.terminal",)
"""What a break needs where somebody may be hit, and where nobody is there."""


def _load_meanwhile(*modules: str) -> threading.Thread:
    """Import what a break will need while buf runs: it waits for a process, the imports for nothing."""

    def load() -> None:
        with suppress(Exception):  # whoever needs it meets the same error, and tells it
            for module in modules:
                import_module(module)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    return thread


def _compare(repository: Repository, changes: ChangeSet, *, used: bool) -> tuple[ChangeSet, Comparison]:
    """The comparison; where only the base does not compile, with its nearest ancestor that does."""
    from workspai_hooks.breaking.protobuf import compare
    from workspai_hooks.changes.changeset import PROTOBUF

    def compared(one: ChangeSet) -> Comparison:
        assert one.base is not None
        return compare(one.base, one.head, one.files, used=used)

    against, answer = on_readable_base(repository, changes, compared, lambda _: PROTOBUF, "compiles")
    return against, replace(answer, undecided=(*answer.undecided, *answer.base_errors))


def _breaks_between(before: Snapshot, after: Snapshot) -> Iterable[Break]:
    from workspai_hooks.breaking.protobuf import compare
    from workspai_hooks.changes.changeset import changed_contracts

    comparison = compare(before, after, changed_contracts(before, after), used=False)
    return (*comparison.breaks, *comparison.drift)


def _findings(
    changes: ChangeSet,
    comparison: Comparison,
    earlier: frozenset[str],
    settings: Settings,
    elsewhere: Elsewhere | None,
) -> tuple[Finding, ...]:
    """Every break with its consumers, and the drift between copies; the worst first. `elsewhere` None: there
    is nobody."""
    schema = comparison.base_schema.overlaid(comparison.head_schema)
    sides = None
    if comparison.breaks and elsewhere is not None:
        from workspai_hooks.impact.verdicts import judge

        assert changes.base is not None
        whole = all_contracts(changes.base)
        # A copy that was compared is none to fill a name up from: it declares fields of its own.
        schema = schema.overlaid(whole.without(schema.files))
        sides = replace(_sides(changes, comparison, whole, schema, settings), elsewhere=elsewhere)
    findings = []
    for fault in (*comparison.breaks, *comparison.drift):
        consumers = judge(fault, schema, sides) if sides and fault in comparison.breaks else ()
        findings.append(_finding(fault, consumers, introduced(fault, changes, earlier), schema, settings))
    return by_severity(findings)


def _sides(
    changes: ChangeSet, comparison: Comparison, whole: Schema, schema: Schema, settings: Settings
) -> Sides:
    """The workspace before and after; one survey where no file differs that either could look at. That one
    follows what the base declares, whatever became of it, so that the next change of the same base is
    answered from what is kept of this one."""
    from workspai_hooks.contracts.protobuf.elements import parts
    from workspai_hooks.impact.sides import Sides
    from workspai_hooks.workspace.workspace import survey

    assert changes.base is not None
    by_hand = settings.services, settings.edges
    broken = frozenset(part for one in comparison.breaks for part in parts(schema, one.element))
    if _same_but_contracts(changes.base, changes.head, broken):
        # What broke stands in the base's contracts, so that it tells the holders.
        base = survey(changes.base, schema, *by_hand, _followed(comparison, whole, schema))
        return Sides(base, base)
    base = survey(changes.base, schema, *by_hand)
    return Sides(base, survey(changes.head, schema, *by_hand))


def _same_but_contracts(base: Snapshot, head: Snapshot, broken: Collection[str]) -> bool:
    """Whether nothing differs that a survey looks at but contracts: also no address or topic in a stub that a
    hand has been in, and no stub that begins to hold what is `broken`. (What the source of services is read
    for is told by names, folders aside.)"""
    contracts = contracts_alone(base, head)
    if contracts is None:
        return False
    others = sorted(set(head.differing(base)) - set(contracts))
    if not others:
        return True
    from workspai_hooks.stubs.holders import begin_to_hold
    from workspai_hooks.workspace.files import is_read_at_run_time

    if begin_to_hold(base, head, others, broken):
        return False
    looked_at = [path for path in others if is_read_at_run_time(path.rpartition("/")[2])]
    if not looked_at:
        return True
    from workspai_hooks.workspace.evidence import ADDRESSES, MESSAGING, sighted

    def clues(side: Snapshot) -> dict[str, set[tuple[str, ...]]]:
        found = sighted(side, looked_at, (*ADDRESSES, *MESSAGING))
        return {
            path: {(one.kind, one.text, one.role, one.protocol, one.service) for one in sightings.clues}
            for path, sightings in found.items()
        }

    return clues(base) == clues(head)


def _followed(comparison: Comparison, whole: Schema, schema: Schema) -> Followed:
    """The contracts whose uses are looked for: all that the base has; where it lacks one that was compared,
    or what broke, or an rpc or a field that leads further, also what head has, as code may use it already;
    where a name means another copy there, the compared one; of too many, those that were compared."""
    from workspai_hooks.contracts.protobuf.elements import parts
    from workspai_hooks.workspace.use_sites.gather import Followed

    before = whole if whole.files else comparison.base_schema
    has_all = comparison.base_schema.files.keys() <= before.files.keys()
    means_same = comparison.base_schema.is_declared_by(before) and comparison.head_schema.ways <= before.ways
    if has_all and means_same and all(parts(before, one.element) for one in comparison.breaks):
        return Followed.of(before)
    return Followed.of(schema)


def _finding(
    fault: Break, consumers: tuple[Consumer, ...], brought: str, schema: Schema, settings: Settings
) -> Finding:
    from workspai_hooks.contracts.protobuf.elements import package_of
    from workspai_hooks.findings import Severity, Verdict

    severity = fault.severity
    hit = any(consumer.verdict is not Verdict.REGENERATES for consumer in consumers)
    if severity is Severity.ERROR and not hit and package_of(schema, fault.element) in settings.closed:
        severity = Severity.NOTE  # all consumers are known, and none of them is hit
    if severity is Severity.NOTE and any(consumer.verdict is Verdict.BREAKS for consumer in consumers):
        severity = Severity.WARNING  # a moved file that somebody imports by its name
    if settings.is_unstable_package(package_of(schema, fault.element)):
        severity = Severity.NOTE
    return finding_of(fault, "protobuf", severity, brought, consumers)
