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
from workspai_hooks.changes.snapshot import ATTRIBUTES
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
    from concurrent.futures import Future

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


class Comparing:
    """The comparisons of a change's documents, a kind after the other, each when it is asked for."""

    def __init__(self, repository: Repository, changes: ChangeSet, *, in_ci: bool) -> None:
        self.changes = changes
        self._repository = repository
        self._in_ci = in_ci
        self._begun: dict[str, Future[tuple[ChangeSet, Compared] | None]] = {}

    @property
    def is_asked(self) -> bool:
        """Whether there is a document to compare."""
        changes = self.changes
        return changes.base is not None and bool(changes.documents) and not only_configs(changes)

    def begin(self) -> None:
        """Compare now, beside what the caller does: most of the time other processes work. Until `join`, the
        caller must not fork. Where contents may be missing each asks in turn, as it is told who missed
        them."""
        if not self.is_asked or _may_lack(self._repository, self.changes.head):
            return
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(max_workers=1)
        self._begun = {kind.contract: pool.submit(self._compared, kind) for kind in KINDS}
        pool.shutdown(wait=False)

    def join(self) -> None:
        """Wait for what was begun."""
        if self._begun:
            from concurrent.futures import wait

            wait(self._begun.values())

    def of(self, kind: Kind) -> tuple[ChangeSet, Compared] | None:
        """What a kind's comparison found, and against what; None where there is nothing to compare.
        `UndecidedError` where it could not be made."""
        begun = self._begun.get(kind.contract)
        return self._compared(kind) if begun is None else begun.result()

    def _compared(self, kind: Kind) -> tuple[ChangeSet, Compared] | None:
        if not kind.asks(self.changes):
            return None
        options = {"whole": True} if kind.whole and self._in_ci else {}
        return _compared(self._repository, self.changes, kind, options)


def _may_lack(repository: Repository, snapshot: Snapshot) -> bool:
    """Whether contents may not be in this clone: a partial one, or one of files that Git LFS keeps."""
    marks = [path for path in snapshot.entries if path.endswith(ATTRIBUTES)]
    return repository.is_partial or any(b"lfs" in data for data in snapshot.read_many(marks).values())


def with_documents(
    repository: Repository, comparing: Comparing, settings: Settings, report: Report, tell: Tell
) -> Report:
    """The report, with what the documents of a change break."""
    if not comparing.is_asked:
        return report
    changes = comparing.changes
    tell("comparing descriptions and charts")
    sides = cache(lambda: _sides(changes, settings))
    findings, undecided, bump = list(report.findings), list(report.undecided), dict(report.bump or {})
    for kind in KINDS:
        try:
            answer = comparing.of(kind)
        except UndecidedError as error:  # a missing tool hides nothing of what else is known
            undecided.append(error.undecided)
            continue
        if answer is None:
            continue
        against, compared = answer
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
