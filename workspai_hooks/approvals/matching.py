"""Which findings are approved, and which approvals are of no use any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from workspai_hooks.findings import Approval, Finding, Idle
from workspai_hooks.source import IN_FILE

GONE, CHANGED, EXPIRED = "gone", "changed", "expired"


class Matched(msgspec.Struct, frozen=True):
    """The findings, each with its approval where it has one, and the approvals without a finding."""

    findings: tuple[Finding, ...]
    idle: tuple[Idle, ...]


def matched(findings: Sequence[Finding], approvals: Iterable[Approval], today: date) -> Matched:
    """`today` is in UTC. The approval that holds longest covers a finding; a baseline's has no end."""
    every = sorted(set(approvals), key=lambda one: (one.expires == "", one.expires, one), reverse=True)
    used: set[Approval] = set()
    near: set[Approval] = set()
    told = []
    for finding in findings:
        about = [one for one in every if _is_about(one, finding)]
        fitting = [one for one in about if not one.change or one.change == finding.change]
        near.update(about)
        used.update(fitting)
        valid = next((one for one in fitting if not _is_over(one, today)), None)
        told.append(finding if valid is None else replace(finding, approved=valid))
    idle = [Idle(one, CHANGED if one in near else GONE) for one in every if one not in used]
    idle += [Idle(one, EXPIRED) for one in every if one in used and _is_over(one, today)]
    return Matched(tuple(told), tuple(sorted(idle)))


def _is_over(one: Approval, today: date) -> bool:
    return bool(one.expires) and one.expires < today.isoformat()


def _is_about(one: Approval, finding: Finding) -> bool:
    if one.rule != finding.rule:
        return False
    if not one.inline:
        return one.element == finding.element
    places = (finding.location, finding.base_location, *finding.related)
    if not any(place is not None and place.path == one.location.path for place in places):
        return False
    element = finding.element.rpartition(IN_FILE)[2]
    names = (one.element, *one.also)
    return element in names or any(name.endswith("#") and element.startswith(name) for name in names)
