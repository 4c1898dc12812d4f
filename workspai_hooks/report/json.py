"""The report as one JSON object, schema `workspai-hooks/report/1` (shared/DESIGN.md; docs/report.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Approval, Consumer, Finding, Hop, Idle, Site
from workspai_hooks.report.printable import inert_json
from workspai_hooks.report.report import Outlook, Report, Survey
from workspai_hooks.report.stubs import StubReport
from workspai_hooks.rules import find
from workspai_hooks.source import Location

if TYPE_CHECKING:  # one verb alone has it
    from workspai_hooks.resilience.explain import Explained

SCHEMA = "workspai-hooks/report/1"


def render(report: Report) -> str:
    """The report's text, with a trailing newline; the same bytes for the same input, timings aside."""
    return _text(_report(report))


def stubs_json(answer: StubReport) -> str:
    """The same of `stubs`, with the stubs that were looked at and the paths that were written."""
    value = _report(answer.report)
    value["stubs"] = [
        {
            "path": one.path,
            "service": one.service,
            "generator": one.generator,
            "made_of": one.made_of,
            "version": one.version or None,
            "source": one.source or None,
            "contract": one.contract or None,
            "sidecars": list(one.sidecars),
        }
        for one in answer.stubs
    ]
    value["written"] = list(answer.written)
    return _text(value)


def explained_json(operations: Sequence[Explained]) -> str:
    """What holds for an operation, and why."""
    value = [
        {
            "operation": one.operation,
            "location": _location(one.location),
            "values": [
                {
                    "value": line.value,
                    "said": line.said,
                    "convention": line.convention,
                    "location": _location(line.location),
                    "wins": line.wins,
                    "why": line.why,
                }
                for line in one.lines
            ],
            "calls": [
                {
                    "from": way.consumer,
                    "to": way.provider,
                    "layers": [
                        {"where": where, "said": said, "location": _location(place)}
                        for where, said, place in way.acting
                    ],
                    "outcome": way.outcome,
                }
                for way in one.ways
            ],
        }
        for one in operations
    ]
    return _text({"operations": value})


def _text(value: Mapping[str, Any]) -> str:
    try:
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8")
    except UnicodeEncodeError:  # names that are no text: ten times slower
        text = json.dumps(value, indent=2, ensure_ascii=False)
    return inert_json(text) + "\n"


def _report(report: Report) -> dict[str, Any]:
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "base": None if report.base is None else {"rev": report.base, "how": report.how},
        "bases": [{"rev": rev, "how": how} for rev, how in report.bases],
        "head": report.head,
        "findings": [_finding(finding) for finding in report.findings],
        "rollout": [
            {"step": number, "services": list(step.services), "why": step.why}
            for number, step in enumerate(report.rollout, 1)
        ],
        "bump": dict(sorted((report.bump or {}).items())),
        "undecided": [{"what": u.what, "why": u.why, "remedy": u.remedy} for u in report.undecided],
        "approvals": {"idle": [_idle(one) for one in report.idle]},
        "timings_ms": {name: round(ms, 1) for name, ms in (report.timings_ms or {}).items()},
    }
    if report.misused is not None:
        value["error"] = report.misused
    return value


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "name": known.name if (known := find(finding.rule)) else "",
        "severity": finding.severity.value,
        "contract": finding.contract,
        "element": finding.element,
        "upstream_rules": sorted(finding.upstream_rules),
        "surfaces": [surface.value for surface in finding.surfaces],
        "message": finding.message,
        "location": _location(finding.location),
        "base_location": None if finding.base_location is None else _location(finding.base_location),
        "related": [_location(location) for location in finding.related],
        "fingerprint": finding.fingerprint,
        "operations": list(finding.operations),
        "introduced": finding.introduced,
        "change": finding.change,
        "against": list(finding.against),
        "fix": None if finding.fix is None else {"what": finding.fix.what, "patch": finding.fix.patch},
        "approved": None if finding.approved is None else _approval(finding.approved),
        "consumers": consumers(finding.consumers),
    }


def _approval(approval: Approval) -> dict[str, Any]:
    """A baseline's has no reason of its own."""
    return {
        "reason": approval.reason or "baseline",
        "owner": approval.owner or None,
        "expires": approval.expires or None,
        "location": _location(approval.location),
    }


def _idle(one: Idle) -> dict[str, Any]:
    approval = one.approval
    return {"rule": approval.rule, "element": approval.element, "why": one.why, **_approval(approval)}


def consumers(verdicts: Sequence[Consumer]) -> list[dict[str, Any]]:
    """The verdicts of one finding, as `check` and `impact` print them."""
    return [
        {
            "service": consumer.service,
            "repository": consumer.repository or None,
            "role": consumer.role,
            "owners": list(consumer.owners),
            "verdict": consumer.verdict.value,
            "why": consumer.why,
            "hits": list(consumer.hits),
            "path": list(consumer.path),
            "hops": [_hop(hop) for hop in consumer.hops],
            "stub": None
            if consumer.stub is None
            else {"path": consumer.stub.path, "contract_version": consumer.stub.contract_version},
            "sites": [_site(site) for site in consumer.sites],
        }
        for consumer in verdicts
    ]


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "from": hop.consumer,
        "to": hop.provider,
        "protocols": list(hop.protocols),
        "passes_on": hop.passes_on,
        "evidence": [{"path": place.path, "line": place.line} for place in hop.evidence],
    }


def _site(site: Site) -> dict[str, Any]:
    return {
        **_location(site.location),
        "symbol": site.symbol,
        "side": site.side,
        "confidence": site.confidence,
        "writes": site.writes,
    }


def _location(location: Location) -> dict[str, Any]:
    return {"path": location.path, "line": location.line, "column": location.column}


def outlook_json(outlook: Outlook) -> str:
    """`{"elements": [{"element", "consumers"}], "undecided"}`."""
    value: dict[str, Any] = {
        "elements": [
            {"element": element, "consumers": consumers(verdicts)}
            for element, verdicts in outlook.verdicts.items()
        ]
    }
    return _dumped(value, outlook.undecided, outlook.misused)


def survey_json(survey: Survey) -> str:
    """`{"services", "edges", "undecided"}`; `from` is the consumer."""
    value: dict[str, Any] = {
        "services": [
            {
                "name": service.name,
                "kind": service.kind,
                "roots": list(service.roots),
                "aliases": list(service.aliases),
            }
            for service in survey.services
        ],
        "edges": [
            {
                "from": edge.consumer,
                "to": edge.provider,
                "protocol": edge.protocol,
                "tier": edge.tier,
                "evidence": [
                    {"path": one.location.path, "line": one.location.line, "kind": one.kind}
                    for one in edge.evidence
                ],
            }
            for edge in survey.edges
        ],
    }
    return _dumped(value, survey.undecided, survey.misused)


def _dumped(value: dict[str, Any], undecided: tuple[Undecided, ...], misused: str | None) -> str:
    value["undecided"] = [{"what": one.what, "why": one.why, "remedy": one.remedy} for one in undecided]
    if misused is not None:
        value["error"] = misused
    return inert_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"
