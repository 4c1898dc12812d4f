"""Versions of APIs that Kubernetes no longer serves, or will not: an object that comes to use one is refused.

`REMOVED` is the table of https://kubernetes.io/docs/reference/using-api/deprecation-guide/ ("Removed APIs by
release"): a row's section there is the version in which it went. No row stands there for 1.33 or later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.objects import Object

Version = tuple[int, int]


class Removal(msgspec.Struct, frozen=True):
    """No longer served from `gone` on; `instead` is the version to use, served since `since`."""

    gone: Version
    instead: str
    since: Version | None = None


def _rows(gone: Version, *rows: tuple[str, str, str, Version | None]) -> dict[tuple[str, str], Removal]:
    return {
        (api, kind): Removal(gone, instead, since)
        for api, kinds, instead, since in rows
        for kind in kinds.split()
    }


_RBAC = "ClusterRole ClusterRoleBinding Role RoleBinding"
_FLOW = "FlowSchema PriorityLevelConfiguration"
_WEBHOOKS = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
_REVIEWS = "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview"

REMOVED: Mapping[tuple[str, str], Removal] = {
    **_rows(
        (1, 32), ("flowcontrol.apiserver.k8s.io/v1beta3", _FLOW, "flowcontrol.apiserver.k8s.io/v1", (1, 29))
    ),
    **_rows(
        (1, 29), ("flowcontrol.apiserver.k8s.io/v1beta2", _FLOW, "flowcontrol.apiserver.k8s.io/v1", (1, 29))
    ),
    **_rows((1, 27), ("storage.k8s.io/v1beta1", "CSIStorageCapacity", "storage.k8s.io/v1", (1, 24))),
    **_rows(
        (1, 26),
        ("flowcontrol.apiserver.k8s.io/v1beta1", _FLOW, "flowcontrol.apiserver.k8s.io/v1beta2", (1, 23)),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2", (1, 23)),
    ),
    **_rows(
        (1, 25),
        ("batch/v1beta1", "CronJob", "batch/v1", (1, 21)),
        ("discovery.k8s.io/v1beta1", "EndpointSlice", "discovery.k8s.io/v1", (1, 21)),
        ("events.k8s.io/v1beta1", "Event", "events.k8s.io/v1", (1, 19)),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2", (1, 23)),
        ("policy/v1beta1", "PodDisruptionBudget", "policy/v1", (1, 21)),
        ("policy/v1beta1", "PodSecurityPolicy", "", None),
        ("node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1", (1, 20)),
    ),
    **_rows(
        (1, 22),
        ("admissionregistration.k8s.io/v1beta1", _WEBHOOKS, "admissionregistration.k8s.io/v1", (1, 16)),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "apiextensions.k8s.io/v1", (1, 16)),
        ("apiregistration.k8s.io/v1beta1", "APIService", "apiregistration.k8s.io/v1", (1, 10)),
        ("authentication.k8s.io/v1beta1", "TokenReview", "authentication.k8s.io/v1", (1, 6)),
        ("authorization.k8s.io/v1beta1", _REVIEWS, "authorization.k8s.io/v1", (1, 6)),
        ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "certificates.k8s.io/v1", (1, 19)),
        ("coordination.k8s.io/v1beta1", "Lease", "coordination.k8s.io/v1", (1, 14)),
        ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1", (1, 19)),
        ("networking.k8s.io/v1beta1", "Ingress IngressClass", "networking.k8s.io/v1", (1, 19)),
        ("rbac.authorization.k8s.io/v1beta1", _RBAC, "rbac.authorization.k8s.io/v1", (1, 8)),
        ("scheduling.k8s.io/v1beta1", "PriorityClass", "scheduling.k8s.io/v1", (1, 14)),
        (
            "storage.k8s.io/v1beta1",
            "CSIDriver CSINode StorageClass VolumeAttachment",
            "storage.k8s.io/v1",
            (1, 19),
        ),
    ),
    **_rows(
        (1, 16),
        ("extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1", (1, 8)),
        ("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", "apps/v1", (1, 9)),
        ("extensions/v1beta1", "PodSecurityPolicy", "policy/v1beta1", (1, 10)),
        ("apps/v1beta1", "Deployment ReplicaSet StatefulSet", "apps/v1", (1, 9)),
        ("apps/v1beta2", "DaemonSet Deployment ReplicaSet StatefulSet", "apps/v1", (1, 9)),
    ),
}
"""(apiVersion, kind) -> when it went."""


def find(change: Change) -> Iterator[Break]:
    """Objects that use such a version in head and did not in base, nor another one that is gone."""
    used = {one.key for one in change.base.objects if _row(one, change) is not None}
    was = {pair.after.key: pair.before for pair in (*change.pairs, *change.renamed)}
    found: dict[tuple[str, str, str], list[Object]] = defaultdict(list)
    for one in change.head.objects:
        before = was.get(one.key)
        known = one.key in used or (before is not None and before.key in used)
        if _row(one, change) is not None and not known:
            found[one.file, one.api, one.kind].append(one)
    for (_, api, kind), same in found.items():
        yield _fault(same, was.get(same[0].key), REMOVED[api, kind])


def _row(one: Object, change: Change) -> Removal | None:
    row = REMOVED.get((one.api, one.kind))
    return row if row is not None and row.gone <= change.kubernetes else None


def _fault(same: Sequence[Object], before: Object | None, row: Removal) -> Break:
    """One fault for all objects of a file that use the same one."""
    first, *rest = same
    instead = f"{row.instead} takes its place" if row.instead else "nothing takes its place"
    more = f", and {len(rest)} more of this file," if rest else ""
    where = f"Kubernetes {_told(row.gone)} and later"
    found = fault(
        "api-version-removed",
        f"{first.title}:apiVersion",
        f"{first.title}{more} uses {first.api}, which {where} don't serve: {instead}",
        first.place("apiVersion"),
        before.place("apiVersion") if before is not None else None,
        surfaces=NEXT,
        related=[one.place("apiVersion") for one in rest],
    )
    reaches = tuple(sorted(f"{one.title}:apiVersion" for one in same)) if rest else ()
    return replace(found, reaches=reaches)


def _told(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
