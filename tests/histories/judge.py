"""Our answer held against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from histories.facts import BOTH, Fact
from histories.ours import counts
from histories.states import Case
from histories.truth import Truth

Finding = Mapping[str, Any]
WHOLE = frozenset(
    f"{kind}-{fate}"
    for kind in ("file", "package", "message", "enum", "service")
    for fate in ("removed", "renamed")
) | {"file-package-changed"}
"""Findings that stand for all that their element holds."""


@dataclass(frozen=True)
class Judgement:
    """`missed`: breaks that no failing finding tells; `invented`: failing findings that no break bears out;
    `undecided`: an open question about what bare tools decide; `faults`: everything else that must not be."""

    missed: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    decidable: bool = True

    @property
    def is_right(self) -> bool:
        return not (self.missed or self.invented or self.undecided or self.faults)


def judge(case: Case, truth: Truth | None) -> Judgement:
    """`truth` None: the state leaves nothing to decide (conflicts, histories that do not meet)."""
    faults = [*case.answer.problems, *case.problems]
    report = case.answer.report
    findings = [
        one for one in report.get("findings", ()) if one["severity"] == "error" and counts(report, one)
    ]
    if truth is None:
        if case.answer.code == 0:
            faults.append("exit 0 where nothing could be decided")
        return Judgement(faults=tuple(faults), decidable=False)
    if case.answer.code == 2:
        return Judgement(faults=(*faults, f"refused: {report.get('error')}"))
    missed = [one for one in sorted(truth.failing) if not any(tells(finding, one) for finding in findings)]
    backing = truth.failing | truth.allowed
    invented = [one for one in findings if not any(tells(one, fact) for fact in backing)]
    asked = report.get("undecided", ())
    decidable = not truth.open
    if not decidable:
        # What can't be read hides what stands in it: exit 1 or 3 is right, and nothing is compared beyond
        # that.
        asked_of_us = sorted(one for one in truth.open if not one.startswith(BOTH))
        if case.answer.code == 0 and asked_of_us:
            faults.append(f"exit 0 although bare tools can't read {', '.join(asked_of_us)}")
        return Judgement(faults=tuple(faults), decidable=False)
    undecided = [f"{one['what']}: {one['why']}" for one in asked]
    if case.answer.code == 3 and missed:
        missed = []  # an open question is no green: it is counted as that
    return Judgement(
        tuple(_told(missed)),
        tuple(f"{one['id']} {one['element']}: {one['message']}" for one in invented),
        tuple(undecided),
        tuple(faults),
    )


def _told(facts: Iterable[Fact]) -> list[str]:
    return [f"{one.kind}: {one.key}" for one in facts]


def tells(finding: Finding, fact: Fact) -> bool:
    """Whether a finding is about a break: it names the element, and the bare tool's rule among its own; or
    it says that what holds the element is gone."""
    if finding["contract"] != fact.kind:
        return False
    if finding["element"] in fact.whatever:
        return True
    named = fact.rule in finding["upstream_rules"]
    if fact.kind == "openapi":
        if finding["name"] == "description-removed":
            return finding["element"] in fact.elements
        return named and (not finding["operations"] or bool(set(finding["operations"]) & fact.elements))
    if finding["name"] == "copies-drift" or fact.rule == "COPIES_DRIFT":
        drift = finding["name"] == "copies-drift" and fact.rule == "COPIES_DRIFT"
        return drift and finding["element"] in fact.elements
    if fact.kind == "protobuf":
        gone = finding["name"] in WHOLE and finding["element"] in fact.holders
        return gone or (named and finding["element"] in fact.elements)
    return finding["element"] in fact.elements or any(name in finding["message"] for name in fact.elements)
