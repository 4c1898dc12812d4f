"""Objects that are gone, or that have another name, namespace or kind now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.config_keys import made
from workspai_hooks.breaking.helm.faults import BOTH, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.references import Reference
from workspai_hooks.contracts.helm.workloads import TEMPLATE_OF
from workspai_hooks.findings import Severity

LOST: Mapping[str, str] = {
    "CustomResourceDefinition": "all its resources are deleted with it",
    "Namespace": "all that is in it is deleted with it",
    "PersistentVolume": "what it stores may be deleted with it",
    "PersistentVolumeClaim": "what it stores may be deleted with it",
    "Service": "nobody finds what stands behind it any more",
    "StatefulSet": "its pods go, and nothing claims their storage",
}
"""Kinds whose removal hits others by itself, and how."""

ROUTES = frozenset(
    {
        *("GRPCRoute", "Gateway", "HTTPProxy", "HTTPRoute", "Ingress", "IngressRoute", "Route", "TCPRoute"),
        *("TLSRoute", "UDPRoute", "VirtualService"),
    }
)
"""What is told by their hosts and paths, in routes.py."""

_NEEDED = frozenset(
    {"ConfigMap", "ExternalSecret", "Role", "ClusterRole", "SealedSecret", "Secret", "ServiceAccount"}
)
"""Kinds that hit those who refer to them."""


def find(change: Change) -> Iterator[Break]:
    for one in change.removed:
        if one.kind not in ROUTES and not one.annotation("helm.sh/hook"):
            yield _removed(one, change)
    for pair in change.renamed:
        if pair.before.kind not in ROUTES and not pair.before.annotation("helm.sh/hook"):
            yield _renamed(pair, change)


def _removed(one: Object, change: Change) -> Break:
    users = _users(one, change)
    severity, why = _weight(one, users, change)
    return fault(
        "object-removed",
        one.title,
        f"{one.title} was removed",
        change.survivor(one.place()),
        one.place(),
        surfaces=BOTH,
        severity=severity,
        related=[use.place for use in users],
        users=f": {why}" if why else "",
    )


def _weight(one: Object, users: list[Reference], change: Change) -> tuple[Severity, str]:
    if one.kind in LOST:
        return Severity.ERROR, LOST[one.kind]
    if users:
        return (
            Severity.ERROR,
            f"{', '.join(sorted({use.source.title for use in users})[:3])} still refer to it",
        )
    if one.kind in TEMPLATE_OF:
        return Severity.WARNING, "what it runs ends with the upgrade"
    return Severity.WARNING, ""


def _users(one: Object, change: Change) -> list[Reference]:
    """Who refers to it in head and can't do without."""
    kind, name = made(one) if one.kind in ("ExternalSecret", "SealedSecret") else (one.kind, one.name)
    if (
        one.kind not in _NEEDED
        and one.kind not in TEMPLATE_OF
        and one.kind not in ("PersistentVolumeClaim", "Service")
    ):
        return []
    provided = {
        made(other) for other in change.head.of("ConfigMap", "ExternalSecret", "SealedSecret", "Secret")
    }
    if (kind, name) in provided:
        return []
    mates = (use for use in change.uses.of(kind, name) if use.source.key.namespace == one.key.namespace)
    return [use for use in mates if not use.optional]


def _renamed(pair: Pair, change: Change) -> Break:
    before, after = pair.before, pair.after
    users = _users(before, change)
    if before.kind != after.kind:
        rule, how = "object-kind-changed", f"is a {after.kind} now: the old one is deleted, a new one made"
    elif before.name != after.name:
        rule, how = "object-renamed", f"is called {after.name} now"
    else:
        old, new = before.key.namespace or "the default one", after.key.namespace or "the default one"
        rule, how = "object-namespace-changed", f"moved from namespace {old} to {new}"
    serious = before.kind in LOST or bool(users)
    return fault(
        rule,
        before.title,
        f"{before.title} {how}",
        after.place("metadata", "name"),
        before.place("metadata", "name"),
        surfaces=BOTH,
        severity=Severity.ERROR if serious else Severity.WARNING,
        renamed_to=after.title,
        related=[use.place for use in users],
    )
