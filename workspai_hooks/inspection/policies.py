"""Policies of a snapshot (sources, the view, all checks) and drift of its environments, and what of their
faults a change brings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.changes.changeset import differing
from workspai_hooks.changes.described import may_be
from workspai_hooks.changes.service_configs import only_configs
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import Settings, settings_of
from workspai_hooks.contract_files import LFS_MARK
from workspai_hooks.contracts.helm import outside as helms
from workspai_hooks.contracts.protobuf import outside
from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.findings import Consumer, Finding, Mending, Severity, Verdict
from workspai_hooks.inspection.request import Tell
from workspai_hooks.inspection.shared import by_severity, contracts_alone
from workspai_hooks.report.report import Report
from workspai_hooks.resilience.operations import descriptions_of, rpcs_and_schema
from workspai_hooks.resilience.patches import Texts, patch_in
from workspai_hooks.resilience.reading import Fault, Fix
from workspai_hooks.resilience.view import View
from workspai_hooks.source import IN_FILE
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import resolve_buf

if TYPE_CHECKING:
    from workspai_hooks.changes.changeset import ChangeSet

OFF = "off"
_MISSING = rules.BY_NAME["timeout-missing"].id


class Policies(msgspec.Struct, frozen=True):
    """What is wrong with the policies of a snapshot, and what could not be told. `fixes` are of findings by
    fingerprint; `missed` the fingerprints of missing timeouts that somebody meets."""

    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    fixes: dict[str, Fix] = msgspec.field(default_factory=dict)
    missed: frozenset[str] = frozenset()
    weights: dict[str, float] = msgspec.field(default_factory=dict)
    """How bad each finding is among those of its rule and element."""


def view_of(snapshot: Snapshot, settings: Settings, tell: Tell) -> tuple[View, list[Undecided]]:
    """All that the checks look at, and what could not be read."""
    from workspai_hooks.resilience.gather import gather
    from workspai_hooks.workspace.workspace import survey

    buf = resolve_buf()
    tell("reading contracts")
    rpcs_read, schema = rpcs_and_schema(snapshot, buf)
    descriptions, wrong = descriptions_of(snapshot)
    tell("reading policies")
    read = gather(snapshot, descriptions.values())
    tell("looking for calls")
    workspace = survey(snapshot, schema, settings.services, settings.edges)
    rpcs = rpcs_read()
    view = View(
        snapshot,
        workspace,
        rpcs,
        descriptions,
        read,
        settings.policies,
        settings.budgets,
        _sidecars(snapshot),
    )
    return view, [*rpcs.undecided, *wrong, *read.undecided, *workspace.undecided]


def _sidecars(snapshot: Snapshot) -> frozenset[str]:
    """The contracts beside whose stubs a sidecar of ours stands."""
    from workspai_hooks.enrichment.plans import HEADER_READ

    paths = [path for path in snapshot.paths() if "resilien" in path.rpartition("/")[2].lower()]
    heads = (data[:1024] for data in snapshot.read_many(paths).values())
    return frozenset(os.fsdecode(found[1]) for head in heads if (found := HEADER_READ.search(head)))


def policies_of(snapshot: Snapshot, settings: Settings, tell: Tell = lambda _: None) -> Policies:
    """All faults of a snapshot as findings, as bad as the rules and the configuration say; kept by the
    content of all its files."""
    key = Store.key(snapshot.digest, resolve_buf().version, outside.state(), helms.state(snapshot))
    return snapshot.store.once(
        "policies",
        key,
        Policies,
        lambda: _examined(snapshot, settings, tell),
        lambda found: all(map(snapshot.lasts, found.undecided)),
    )


def _examined(snapshot: Snapshot, settings: Settings, tell: Tell) -> Policies:
    from workspai_hooks.environments.drift import drift_of
    from workspai_hooks.resilience.checks.table import ON_OPERATIONS
    from workspai_hooks.resilience.checks.table_systems import ON_SYSTEMS

    view, undecided = view_of(snapshot, settings, tell)
    tell("checking policies")
    found = judged(view, (*ON_OPERATIONS, *ON_SYSTEMS), settings)
    tell("comparing environments")
    drift = drift_of(snapshot, view.workspace.services)
    drifting = [
        replace(one, severity=severity)
        for one in drift.findings
        if (severity := _severity(settings, one.rule, one.severity)) is not None
    ]
    return replace(
        found,
        findings=by_severity((*found.findings, *drifting)),
        undecided=tuple(sorted({*undecided, *view.paths.undecided, *drift.undecided})),
        weights=found.weights | {one.fingerprint: 0.0 for one in drifting},
    )


def _severity(settings: Settings, rule: str, usual: Severity) -> Severity | None:
    """How bad a rule's finding is here; None where the rule is off."""
    said = dict(settings.severities).get(rule, usual)
    return None if said == OFF else Severity(said)


def judged(view: View, checks: Iterable[Callable[[View], Iterator[Fault]]], settings: Settings) -> Policies:
    """What sources and checks find, as bad as the configuration says."""
    findings: dict[str, Finding] = {}
    fixes: dict[str, Fix] = {}
    missed: set[str] = set()
    weights: dict[str, float] = {}
    texts = Texts(view.snapshot)
    for fault in (*view.read.faults, *(fault for check in checks for fault in check(view))):
        rule = rules.BY_NAME[fault.rule]
        severity = _severity(settings, rule.id, fault.severity or rule.severity)
        if severity is None:
            continue
        finding = _finding(view, texts, fault, rule.id, severity)
        mark = finding.fingerprint
        known = findings.setdefault(mark, finding)
        weights[mark] = max(fault.weight, weights.get(mark, 0.0))
        if finding.location not in (known.location, *known.related) and finding.element.startswith("file:"):
            # once more in the same file, under the same name: told with the first, and worse than it alone
            findings[mark] = replace(known, related=(*known.related, finding.location))
            weights[mark] += 1.0
        if fault.fix is not None:
            fixes.setdefault(mark, fault.fix)
        if rule.id == _MISSING and (fault.services or view.has_policies(fault.operations)):
            missed.add(mark)
    return Policies(tuple(findings.values()), (), fixes, frozenset(missed), weights)


def _finding(view: View, texts: Texts, fault: Fault, rule: str, severity: Severity) -> Finding:
    return Finding(
        rule,
        severity,
        "policy",
        fault.element,
        fault.message,
        fault.location,
        consumers=tuple(
            Consumer(
                one,
                "consumer",
                Verdict.EXPOSED,
                hits=("running",),
                owners=view.workspace.owners(one),
                path=fault.path_from(one),
                hops=fault.hops if one == fault.services[0] else (),
            )
            for one in fault.services
        ),
        related=fault.related,
        operations=fault.operations,
        change=fault.change,
        home=fault.location.path,
        fix=_mending(texts, fault.fix) if fault.fix is not None else None,
    )


def _mending(texts: Texts, fix: Fix) -> Mending:
    return Mending(fix.what, patch_in(texts, [fix]).text)


def of_all(found: Policies, settings: Settings) -> tuple[Finding, ...]:
    """As the whole workspace is told: a missing timeout that nobody just brings is a note."""
    if _MISSING in dict(settings.severities):
        return found.findings
    return by_severity(
        replace(one, severity=Severity.NOTE) if one.rule == _MISSING else one for one in found.findings
    )


def with_policies(changes: ChangeSet, settings: Settings, report: Report, tell: Tell) -> Report:
    """The report, with the faults of policies that a change brings: those that the base has not. What a
    parent of the commit under way has already is the branch's."""
    if changes.base is None or changes.base.entries == changes.head.entries:
        return report
    if _of_messages_alone(changes.base, changes.head) or _of_shapes_alone(changes.base, changes.head):
        return report
    tell("checking timeouts and retries")
    of = _asked(changes)
    head = of(changes.head, settings)
    before = of(changes.base, _settings_then(changes.base))
    parents = [
        before if one is changes.base else of(one, _settings_then(one)) for one in changes.parents or ()
    ]
    is_brought, is_commits = _new_to([before]), _new_to(parents)
    unread = {question.what.partition(":")[0] for question in before.undecided}
    brought = [
        replace(
            one,
            severity=_as_brought(one, head),
            introduced="commit" if changes.parents is not None and is_commits(one, head) else "branch",
        )
        for one in head.findings
        if is_brought(one, head)
        and one.location.path not in unread  # what it said before is not known
        and not _is_moved(one, before, changes.head)
    ]
    asked = {*changes.files, *changes.documents}
    old = {question for one in (before, *parents) for question in one.undecided}
    open_ones = [one for one in head.undecided if one.what.partition(":")[0] in asked]
    questions = [one for one in open_ones if one not in old]
    is_alike = all(one in questions or one in before.undecided for one in open_ones)
    return replace(
        report,
        upstream=report.upstream if is_alike else "",
        findings=by_severity((*report.findings, *brought)),
        undecided=tuple(dict.fromkeys((*report.undecided, *questions))),
    )


def of_contracts_alone(changes: ChangeSet, settings: Settings) -> bool:
    """Whether nothing differs but contracts (and their stubs), none of which comes or goes that a policy is
    for by its path: as long as their rpcs are the same no fault of policies comes of it."""
    assert changes.base is not None
    paths = contracts_alone(changes.base, changes.head)
    named = {one.scope.partition(IN_FILE)[0] for one in settings.policies}
    return paths is not None and all(
        path not in named or (path in changes.base.entries and path in changes.head.entries) for path in paths
    )


def _of_messages_alone(base: Snapshot, head: Snapshot) -> bool:
    """Whether nothing differs but contracts without an rpc (and their stubs), in neither of which a request
    gets or loses its id: no policy hangs on other fields."""
    paths = contracts_alone(base, head)
    if paths is None:
        return False
    texts = [text for side in (base, head) for text in side.read_many(paths).values()]
    if len(texts) < sum(path in side.entries for side in (base, head) for path in paths):
        return False  # not all is here
    return not any(word in text for text in texts for word in (b"rpc", b"request_id", LFS_MARK))


def _of_shapes_alone(base: Snapshot, head: Snapshot) -> bool:
    """Whether nothing differs but the shapes of what is sent, in large descriptions."""
    paths = differing(base, head)
    if not all(may_be(path) for path in paths):
        return False
    from workspai_hooks.resilience.shapes import are_alone

    return are_alone(base, head, paths)


def _asked(changes: ChangeSet) -> Callable[[Snapshot, Settings], Policies]:
    """How to ask each side: for all, or for what service configs alone can have changed."""
    paths = only_configs(changes)
    if paths and changes.base is not None:
        from workspai_hooks.inspection.configs import Question

        question = Question((changes.head, changes.base, *(changes.parents or ())), paths)
        if question.can_be_answered:
            return question.of
    return policies_of


def _as_brought(one: Finding, head: Policies) -> Severity:
    """A missing timeout is an error where somebody meets it: a caller, or who reads that the service's other
    operations have one. What nobody calls yet is a note."""
    if one.rule == _MISSING and one.severity is Severity.ERROR and one.fingerprint not in head.missed:
        return Severity.NOTE
    return one.severity


def _new_to(known: Sequence[Policies]) -> Callable[[Finding, Policies], bool]:
    """Whether none of them has a fault already, as bad as it is now and, of what has no measure of how bad it
    is, in the same words."""
    words = [{_said(one) for one in each.findings if one.rule in _IN_WORDS} for each in known]

    def is_new(one: Finding, head: Policies) -> bool:
        mine = head.weights[one.fingerprint]
        return all(
            mine > each.weights.get(one.fingerprint, -1.0)
            or (one.rule in _IN_WORDS and _said(one) not in said)
            for each, said in zip(known, words, strict=True)
        )

    return is_new


_IN_WORDS = frozenset(
    {
        *(rules.BY_NAME[name].id for name in ("retry-backoff", "retry-uncapped")),
        *(one.id for one in rules.RULES if one.id.startswith("ED")),
    }
)
"""Rules whose faults change in what their messages say alone: no jitter becomes no wait, versions drift."""


def _said(one: Finding) -> tuple[str, str, str]:
    return one.fingerprint, one.message, one.change


def _is_moved(one: Finding, before: Policies, head: Snapshot) -> bool:
    """Whether it is a fault of a file that had it already under another path, which is gone."""
    if not one.element.startswith("file:"):
        return False
    path, _, part = one.element.removeprefix("file:").partition("#")
    return any(
        (old.rule, old.change, old.message.replace(old.home, ""))
        == (one.rule, one.change, one.message.replace(path, ""))
        and old.element.partition("#")[2] == part
        and old.home not in head.entries
        for old in before.findings
        if old.element.startswith("file:")
    )


def _settings_then(snapshot: Snapshot) -> Settings:
    """The configuration of another time; none where it was wrong then."""
    try:
        return settings_of(snapshot)
    except UsageError:
        return Settings()
