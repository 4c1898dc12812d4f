"""Contracts that are documents, OpenAPI descriptions and what is deployed: their breaks and who is hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.changeset import changed_documents
from workspai_hooks.changes.service_configs import only_configs
from workspai_hooks.contract_files import HOMES
from workspai_hooks.errors import UndecidedError
from workspai_hooks.inspection.request import Tell
from workspai_hooks.inspection.shared import (
    all_contracts,
    by_severity,
    earlier_faults,
    finding_of,
    introduced,
    on_readable_base,
)
from workspai_hooks.report.report import Report
from workspai_hooks.tools.git import Repository

if TYPE_CHECKING:
    from workspai_hooks.breaking.values import Break, Compared
    from workspai_hooks.changes.changeset import ChangeSet
    from workspai_hooks.changes.snapshot import Snapshot
    from workspai_hooks.configuration import Settings
    from workspai_hooks.findings import Consumer, Finding
    from workspai_hooks.impact.sides import Sides


API_VERSION = b"apiVersion"
"""Every object of Kubernetes names one."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of document. `compares` is a module with `compare(base, head, paths)`, `judges` one with
    `judge(faults, sides)`, which gives each fault (as bad as it is for its consumers) with the verdicts on
    them; both are loaded when a change asks for them. `whole`: `compare` can be told so, and then validates
    all of what changed, as is done in CI, not only what the change touches. `asks`: whether there is anything
    to compare, at a glance."""

    contract: str
    compares: str
    judges: str
    whole: bool = False
    asks: Callable[[ChangeSet], bool] = lambda _: True

    def compare(self, base: Snapshot, head: Snapshot, paths: Sequence[str], **options: bool) -> Compared:
        """What the change of `paths` breaks."""
        answer: Compared = import_module(self.compares).compare(base, head, paths, **options)
        return answer

    def judge(self, faults: Sequence[Break], sides: Sides) -> Iterable[tuple[Break, tuple[Consumer, ...]]]:
        """Who is hit."""
        judged: Iterable[tuple[Break, tuple[Consumer, ...]]] = import_module(self.judges).judge(faults, sides)
        return judged


def _may_be_deployed(changes: ChangeSet) -> bool:
    """Whether what differs may be a part of a chart or a kustomization, or objects themselves."""
    sides = [side for side in (changes.base, changes.head) if side is not None]
    if any(path.endswith(HOMES) for side in sides for path in (*side.paths(*HOMES), *side.links)):
        return True
    for side in sides:
        there = [path for path in changes.documents if path in side.entries]
        texts = side.read_many(there)
        if len(texts) < len(there) or any(API_VERSION in text for text in texts.values()):
            return True
    return False


KINDS: tuple[Kind, ...] = (
    Kind("openapi", "workspai_hooks.breaking.openapi.comparison", "workspai_hooks.impact.http", whole=True),
    Kind(
        "helm",
        "workspai_hooks.breaking.helm.comparison",
        "workspai_hooks.impact.deployed",
        asks=_may_be_deployed,
    ),
)


def with_documents(
    repository: Repository,
    changes: ChangeSet,
    settings: Settings,
    report: Report,
    tell: Tell,
    *,
    in_ci: bool = False,
) -> Report:
    """The report, with what the documents of a change break."""
    if changes.base is None or not changes.documents or only_configs(changes):
        return report
    tell("comparing descriptions and charts")
    sides = cache(lambda: _sides(changes, settings))
    findings, undecided, bump = list(report.findings), list(report.undecided), dict(report.bump or {})
    for kind in KINDS:
        if not kind.asks(changes):
            continue
        options = {"whole": True} if kind.whole and in_ci else {}
        try:
            against, compared = _compared(repository, changes, kind, options)
        except UndecidedError as error:  # a missing tool hides nothing of what else is known
            undecided.append(error.undecided)
            continue
        found: list[Finding] = []
        if against is not changes and not report.findings and against.base is not None:
            report = replace(report, base=against.base.name, how=against.how)
        if compared.breaks:
            tell("looking for consumers")
            found = _findings(repository, against, kind, compared.breaks, sides, settings)
            findings += found
        undecided += (*compared.undecided, *compared.base_errors)
        bump.update(compared.bump)
        bump.update(dict.fromkeys(_broken(kind, compared.breaks, found), "major"))
    if len(findings) == len(report.findings) and len(undecided) == len(report.undecided):
        return replace(report, bump=bump or report.bump)
    from workspai_hooks.impact.rollout import rollout

    return replace(
        report,
        findings=by_severity(dict.fromkeys(findings)),
        rollout=rollout(findings),
        bump=bump,
        undecided=tuple(dict.fromkeys(undecided)),
    )


def _broken(kind: Kind, breaks: Sequence[Break], findings: Sequence[Finding]) -> Iterator[str]:
    """The descriptions that a finding is an error for, if only for its consumers. Of charts the
    comparison says it: their versions follow what it found."""
    from workspai_hooks.findings import Severity

    for fault, finding in zip(breaks, findings, strict=False):
        if kind.contract == "openapi" and finding.severity is Severity.ERROR:
            yield fault.contract


def _compared(
    repository: Repository, changes: ChangeSet, kind: Kind, options: Mapping[str, bool]
) -> tuple[ChangeSet, Compared]:
    """The comparison; where only the base can't be read, with its nearest ancestor that can."""

    def compared(one: ChangeSet) -> Compared:
        assert one.base is not None
        return kind.compare(one.base, one.head, one.documents, **options)

    def sought(answer: Compared) -> list[str]:
        return sorted({f":(top,literal){one.what.partition(':')[0]}" for one in answer.base_errors})

    return on_readable_base(repository, changes, compared, sought, "can be read")


def _findings(
    repository: Repository,
    changes: ChangeSet,
    kind: Kind,
    breaks: Sequence[Break],
    sides: Callable[[], Sides],
    settings: Settings,
) -> list[Finding]:
    from workspai_hooks.findings import Severity

    def between(before: Snapshot, after: Snapshot) -> Iterable[Break]:
        paths = changed_documents(before, after)
        return kind.compare(before, after, paths).breaks if paths else ()

    earlier = earlier_faults(repository, changes, between)

    def severity(fault: Break) -> Severity:
        return Severity.NOTE if fault.stability in settings.unstable_levels else fault.severity

    return [
        finding_of(fault, kind.contract, severity(fault), introduced(told, changes, earlier), consumers)
        for told, (fault, consumers) in zip(breaks, kind.judge(breaks, sides()), strict=True)
    ]


def _sides(changes: ChangeSet, settings: Settings) -> Sides:
    """The workspace before and after, with the edges that protobuf contracts tell."""
    from workspai_hooks.impact.sides import Sides
    from workspai_hooks.workspace.workspace import survey

    assert changes.base is not None
    schema = all_contracts(changes.base)
    base, head = (
        survey(one, schema, settings.services, settings.edges) for one in (changes.base, changes.head)
    )
    return Sides(base, head)
