"""What keeps a service well and is gone: probes, resources, limits of time. Nothing breaks at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import RUNNING, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.pods import Container, containers, is_workload, pod_path

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_GRACE_S = 30
"""Kubernetes' default of `terminationGracePeriodSeconds`."""


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs:
        if is_workload(pair.before) and is_workload(pair.after):
            now = {one.name: one for one in containers(pair.after)}
            for one in containers(pair.before):
                if one.name in now:
                    yield from _probes(pair, one, now[one.name])
                    yield from _resources(pair, one, now[one.name])
            yield from _grace(pair)
        else:
            yield from _timeouts(pair)


def _probes(pair: Pair, before: Container, after: Container) -> Iterator[Break]:
    for probe in PROBES:
        if before.body.get(probe) and not after.body.get(probe):
            yield _fault(
                pair,
                "probe-removed",
                f"{before.name}.{probe}",
                f"container {before.name} has no {probe} any more",
                (*before.path, probe),
                (*after.path, probe),
            )


def _resources(pair: Pair, before: Container, after: Container) -> Iterator[Break]:
    for kind in ("requests", "limits"):
        old, new = _resource(before, kind), _resource(after, kind)
        gone = sorted(name for name in old if name not in new)
        if gone:
            yield _fault(
                pair,
                "resources-removed",
                f"{before.name}.resources.{kind}",
                f"container {before.name} has no {kind} of {', '.join(gone)} any more",
                (*before.path, "resources", kind, gone[0]),
                (*after.path, "resources", kind),
            )


def _resource(container: Container, kind: str) -> Mapping[str, Plain]:
    resources = container.body.get("resources")
    inside = resources.get(kind) if isinstance(resources, dict) else None
    return inside if isinstance(inside, dict) else {}


def _grace(pair: Pair) -> Iterator[Break]:
    old_path, new_path = (
        (*pod_path(one), "spec", "terminationGracePeriodSeconds") for one in (pair.before, pair.after)
    )
    old, new = pair.before.get(*old_path), pair.after.get(*new_path)
    before, after = (value if isinstance(value, int) else _GRACE_S for value in (old, new))
    if after < before:
        yield _fault(
            pair,
            "timeout-shortened",
            "terminationGracePeriodSeconds",
            f"its pods have {after} s to end, no longer {before} s",
            old_path,
            new_path,
        )


def _timeouts(pair: Pair) -> Iterator[Break]:
    """Limits of time and retries of routes that are gone; that of a rule at the same position."""
    if pair.before.kind not in ("VirtualService", "HTTPRoute", "GRPCRoute"):
        return
    part = "http" if pair.before.kind == "VirtualService" else "rules"
    old, new = pair.before.items("spec", part), pair.after.items("spec", part)
    for number, (before, after) in enumerate(zip(old, new, strict=False)):
        for key in ("timeout", "timeouts", "retries", "retry"):
            if before.get(key) and not after.get(key):
                path = ("spec", part, number, key)
                yield _fault(
                    pair, "timeout-removed", f"{part}.{number}.{key}", f"has no {key} any more", path, path
                )


def _fault(
    pair: Pair, rule: str, part: str, message: str, before: tuple[Step, ...], after: tuple[Step, ...]
) -> Break:
    return fault(
        rule,
        f"{pair.title}:{part}",
        f"{pair.title}: {message}",
        pair.after.place(*after),
        pair.before.place(*before),
        surfaces=RUNNING,
    )
