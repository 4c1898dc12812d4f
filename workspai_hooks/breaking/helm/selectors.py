"""Selectors by labels that take nothing any more: of Services, and of what guards or watches pods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from workspai_hooks.breaking.helm.behind import behind, selector_of
from workspai_hooks.breaking.helm.change import Change
from workspai_hooks.breaking.helm.faults import BOTH, NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Build, Object
from workspai_hooks.contracts.helm.pods import is_workload, matches, pod_labels

PODS, SERVICES = "pods", "Services"
SELECTING: Mapping[str, tuple[tuple[Step, ...], str]] = {
    "NetworkPolicy": (("spec", "podSelector"), PODS),
    "PodDisruptionBudget": (("spec", "selector"), PODS),
    "PodMonitor": (("spec", "selector"), PODS),
    "ServiceMonitor": (("spec", "selector"), SERVICES),
}
"""Kind -> where it selects, and what."""
_MANAGED = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "Rollout", "StatefulSet"})


def find(change: Change) -> Iterator[Break]:
    yield from _services(change)
    yield from _others(change)
    yield from _own_pods(change)


def _services(change: Change) -> Iterator[Break]:
    for before in change.base.of("Service"):
        after = change.after(before)
        was = behind(change.base, before) if after is not None else []
        if after is None or not was or not selector_of(after) or behind(change.head, after):
            continue
        if not any(change.after(one) for one in was) and not _left(change, was):
            continue  # they went with a whole file that is told by itself
        names = ", ".join(one.title for one in was[:3])
        yield fault(
            "service-selects-nothing",
            f"{before.title}:selector",
            f"{before.title} selects no workload any more; it selected {names}",
            after.place("spec", "selector"),
            before.place("spec", "selector"),
            related=[now.place() for one in was if (now := change.after(one))],
        )


def _left(change: Change, was: list[Object]) -> bool:
    """Whether these are among what the change removes: then the Service stands there without pods."""
    return all(any(one is gone for gone in change.removed) for one in was)


def _others(change: Change) -> Iterator[Break]:
    for kind, (path, what) in SELECTING.items():
        for before in change.base.of(kind):
            after = change.after(before)
            if after is None:
                continue
            old, new = before.mapping(*path), after.mapping(*path)
            if _takes(change.base, before, old, what) and new and not _takes(change.head, after, new, what):
                yield fault(
                    "selector-matches-nothing",
                    f"{before.title}:selector",
                    f"{before.title} selects no {what} any more",
                    after.place(*path),
                    before.place(*path),
                    surfaces=NEXT,
                )


def _takes(build: Build, one: Object, selector: Mapping[str, Plain], what: str) -> bool:
    if not selector:
        return False
    wanted: Callable[[Object], bool] = (
        is_workload if what == PODS else (lambda other: other.kind == "Service")
    )
    labels = pod_labels if what == PODS else Object.labels
    return any(wanted(other) and matches(selector, labels(other)) for other in build.objects)


def _own_pods(change: Change) -> Iterator[Break]:
    """Workloads whose selector does not take the pods of their own template: the API refuses them."""
    for pair in change.pairs:
        if pair.after.kind in _MANAGED and not _consistent(pair.after) and _consistent(pair.before):
            yield fault(
                "selector-misses-own-pods",
                f"{pair.title}:selector",
                f"{pair.after.title}: its selector does not match the labels of its own pod template",
                pair.after.place("spec", "template", "metadata", "labels"),
                pair.before.place("spec", "template", "metadata", "labels"),
                surfaces=BOTH,
                related=[pair.after.place("spec", "selector")],
            )


def _consistent(one: Object) -> bool:
    selector = one.mapping("spec", "selector")
    return not selector or matches(selector, pod_labels(one))
