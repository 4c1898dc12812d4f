"""Which findings are approved, and which approvals are of no use any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from workspai_hooks.findings import Approval, Finding, Idle
from workspai_hooks.patterns import regex
from workspai_hooks.source import IN_FILE

_TEMPLATE = regex(r"\{[^{}]*\}")
GONE, CHANGED, PARTLY, EXPIRED = "gone", "changed", "partly", "expired"


class Matched(msgspec.Struct, frozen=True):
    """The findings, each with its approval where it has one, and the approvals without a finding."""

    findings: tuple[Finding, ...]
    idle: tuple[Idle, ...]


def matched(findings: Sequence[Finding], approvals: Iterable[Approval], today: date) -> Matched:
    """`today` is in UTC. The approval that holds longest covers a finding; a baseline's has no end."""
    every = sorted(set(approvals), key=lambda one: (one.expires == "", one.expires, one), reverse=True)
    named: dict[tuple[str, str], dict[int, None]] = {}
    for place, one in enumerate(every):
        for name in (one.element, *one.also, *map(_route, one.operations)):
            named.setdefault((one.rule, name), {})[place] = None
    used: set[Approval] = set()
    near: dict[Approval, str] = {}
    told = []
    for finding in findings:
        places = {place for name in _names(finding) for place in named.get((finding.rule, name), ())}
        about = [one for one in (every[place] for place in sorted(places)) if _is_about(one, finding)]
        near |= {one: PARTLY if one.file else CHANGED for one in about}
        approval = None
        for valid in (False, True):
            fitting = [one for one in about if not (valid and _is_over(one, today))]
            approval = _covering(finding, fitting, used)
        told.append(finding if approval is None else replace(finding, approved=approval))
    # What stands in a part of several descriptions is of use if it is to one of them.
    of_use = {(one.location, one.rule, one.element) for one in used}
    left = [one for one in every if (one.location, one.rule, one.element) not in of_use]
    idle = {Idle(one, near.get(one, GONE)) for one in left}
    idle |= {Idle(one, EXPIRED) for one in every if one in used and _is_over(one, today)}
    return Matched(tuple(told), tuple(sorted(idle)))


def _is_over(one: Approval, today: date) -> bool:
    return bool(one.expires) and one.expires < today.isoformat()


def named_exactly(finding: Finding) -> str:
    """The element's name that stays the same when another description gets the same operation."""
    start = f"{finding.home}{IN_FILE}"
    tells = finding.contract == "openapi" and finding.operations and not finding.element.startswith(start)
    return f"{start}{finding.element}" if tells else finding.element


def is_called(finding: Finding, element: str) -> bool:
    """Whether an element's name, with or without its description's path in front, is one of the finding's."""
    start = f"{finding.home}{IN_FILE}"
    if finding.home and element.startswith(start):
        return element.removeprefix(start) in finding.plain_names
    return element == finding.element or element in finding.names


def _names(finding: Finding) -> set[str]:
    """All that an approval may call a finding by."""
    start, plain = f"{finding.home}{IN_FILE}", finding.plain_names
    operations = map(_route, finding.operations)
    return {finding.element, *finding.names, *plain, *(start + name for name in plain), *operations}


def _is_about(one: Approval, finding: Finding) -> bool:
    """Whether an approval names the finding, where it stands."""
    if not one.file:
        return is_called(finding, one.element)
    if finding.home:
        there = one.file in (finding.home, finding.location.path)
    else:
        there = any(one.file in paths for paths in _copies(finding))
    if one.operations:
        return there and any(_stands_at(one, operation, finding) for operation in finding.operations)
    return there and not finding.plain_names.isdisjoint((one.element, *one.also))


def _stands_at(one: Approval, operation: str, finding: Finding) -> bool:
    """Whether one at operations is about what is wrong in this one."""
    parts = {f"{_route(operation)}#{part}" for part in one.also}
    there = _route(operation) in map(_route, one.operations)
    return there and (not parts or not parts.isdisjoint(map(_route, finding.plain_names)))


def _route(name: str) -> str:
    """An operation's name without those of its parameters: head and base may call them differently."""
    return _TEMPLATE.sub("{}", name)


def _copies(finding: Finding) -> list[set[str]]:
    """The files of a finding and of its copies, of each where it is or was."""
    own = {place.path for place in (finding.location, finding.base_location) if place is not None}
    return [own, *({place.path} for place in finding.related)]


def _covering(finding: Finding, about: Sequence[Approval], used: set[Approval]) -> Approval | None:
    """The first that covers a finding. Beside the contract it takes one at each of the operations that the
    fault is in, and in each of the copies."""
    recorded = [one for one in about if not one.file and one.change in ("", finding.change)]
    beside = [one for one in about if one.file]
    if finding.home:
        at = [
            [one for one in beside if not one.operations or _stands_at(one, operation, finding)]
            for operation in finding.operations or ("",)
        ]
    else:
        at = [[one for one in beside if one.file in paths] for paths in _copies(finding)]
    together = [one for ones in at for one in ones] if all(at) else []
    used.update(recorded, together)
    return next(iter((*recorded, *together)), None)
