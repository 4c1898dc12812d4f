"""Services that are no longer reachable the way they were: from outside, or by the name they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import fault
from workspai_hooks.breaking.values import Break

_REACH = {"ClusterIP": 0, "NodePort": 1, "LoadBalancer": 2}
"""Each type is reachable in all ways of those before it
(https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types)."""


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs_of("Service"):
        before, after = _type(pair, before=True), _type(pair, before=False)
        if before != after and _narrower(before, after):
            yield fault(
                "service-type-narrowed",
                f"{pair.title}:type",
                f"{pair.title} was of type {before} and is {after} now",
                pair.after.place("spec", "type"),
                pair.before.place("spec", "type"),
            )
        elif before == after == "ExternalName":
            yield from _external_name(pair)


def _type(pair: Pair, *, before: bool) -> str:
    return (pair.before if before else pair.after).text("spec", "type") or "ClusterIP"


def _narrower(before: str, after: str) -> bool:
    if after == "ExternalName":
        return True
    return _REACH.get(after, 0) < _REACH.get(before, 0)


def _external_name(pair: Pair) -> Iterator[Break]:
    old, new = pair.before.text("spec", "externalName"), pair.after.text("spec", "externalName")
    if old != new:
        yield fault(
            "service-external-name-changed",
            f"{pair.title}:externalName",
            f"{pair.title} stood for {old} and stands for {new or 'nothing'} now",
            pair.after.place("spec", "externalName"),
            pair.before.place("spec", "externalName"),
        )
