"""Policies of a snapshot: sources, the view, all checks, findings."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workspai_hooks import rules
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import Settings
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, Verdict
from workspai_hooks.resilience.checks.table import CHECKS
from workspai_hooks.resilience.gather import gather
from workspai_hooks.resilience.operations import descriptions_of, rpcs_of
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.workspace import survey


class Policies(msgspec.Struct, frozen=True):
    """What is wrong with the policies of a snapshot, and what could not be told."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]


def view_of(
    snapshot: Snapshot, settings: Settings, tell: Callable[[str], None]
) -> tuple[View, list[Undecided]]:
    """All that the checks look at, and what could not be read."""
    buf = resolve_buf()
    tell("reading contracts")
    rpcs = rpcs_of(snapshot, buf)
    descriptions, wrong = descriptions_of(snapshot)
    tell("reading policies")
    read = gather(snapshot, descriptions.values())
    tell("looking for calls")
    schema, unread = schema_of(snapshot, buf)
    workspace = survey(snapshot, schema, settings.services, settings.edges)
    view = View(snapshot, workspace, rpcs, descriptions, read, settings.policies)
    return view, [*rpcs.undecided, *wrong, *read.undecided, *unread, *workspace.undecided]


def policies_of(snapshot: Snapshot, settings: Settings, tell: Callable[[str], None]) -> Policies:
    """All faults of a snapshot as findings."""
    view, undecided = view_of(snapshot, settings, tell)
    tell("checking policies")
    faults = [*view.read.faults, *(fault for check in CHECKS for fault in check(view))]
    return Policies(
        tuple(_finding(view, one) for one in faults),
        tuple(sorted({*undecided, *view.paths.undecided})),
    )


def _finding(view: View, fault: Fault) -> Finding:
    rule = rules.BY_NAME[fault.rule]
    return Finding(
        rule.id,
        fault.severity or rule.severity,
        "policy",
        fault.element,
        fault.message,
        fault.location,
        consumers=tuple(
            Consumer(one, "consumer", Verdict.EXPOSED, hits=("running",), owners=view.workspace.owners(one))
            for one in fault.services
        ),
        related=fault.related,
        operations=fault.operations,
        change=fault.change,
        home=fault.location.path,
    )
