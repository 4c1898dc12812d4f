"""Services whose target port no container has any more."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.behind import behind, listens
from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.helm.faults import fault
from workspai_hooks.breaking.helm.service_ports import ServicePort, partners, ports_of
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.pods import containers
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location


def find(change: Change) -> Iterator[Break]:
    """Ports whose target was declared by a container behind the Service in base, and is by none in head."""
    for before in change.base.of("Service"):
        after = change.after(before)
        workloads = behind(change.base, before) if after is not None else []
        if after is None or not workloads:
            continue
        still = behind(change.head, after)
        for old, now in partners(ports_of(before), ports_of(after)):
            if now is not None and still and listens(workloads, old.target):
                listening = listens(still, now.target)
                if not listening:
                    yield _missing(after, before, now, old, still, listening)


def _missing(
    after: Object,
    before: Object,
    now: ServicePort,
    old: ServicePort,
    still: list[Object],
    listening: bool | None,
) -> Break:
    who = ", ".join(sorted({one.title for one in still})[:3])
    return fault(
        "service-target-missing",
        f"{before.title}:port/{old.number}",
        f"{before.title}: port {now.number} leads to port {now.target}, which no container of {who} has",
        after.place("spec", "ports", now.at, "targetPort"),
        before.place("spec", "ports", old.at, "targetPort"),
        severity=Severity.WARNING if listening is None else None,
        related=[place for one in still for place in _port_lists(one)],
    )


def _port_lists(workload: Object) -> Iterator[Location]:
    for container in containers(workload):
        yield workload.place(*container.path, "ports")
