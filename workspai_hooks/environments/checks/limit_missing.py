"""ED09: a resource limit that a service has in one environment and not in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workspai_hooks.environments.between import environments
from workspai_hooks.environments.found import finding
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Quantity, Workload
from workspai_hooks.findings import Finding, Severity

_KINDS = ("memory", "cpu")


def find(scene: Scene) -> Iterator[Finding]:
    """A limit that local runs have and production has not, or that one cluster lacks and the others have.

    Compose without limits is how everybody writes it, and nothing is said of that; nor of a CPU that is not
    limited where anything else is said, which is how many run their clusters on purpose."""
    for sides in scene.sides:
        name = sides.service.name
        if sides.local and sides.production:
            yield from _lacking(name, sides.local, sides.production)
        for group in environments(sides):
            for label, here in sorted(group.items()):
                others = [each for other, each in sorted(group.items()) if other != label]
                yield from _between(name, others, here)


def _lacking(name: str, there: Sequence[Workload], here: Sequence[Workload]) -> Iterator[Finding]:
    for kind in _KINDS:
        said = next(((one.limits[kind], one) for one in there if kind in one.limits), None)
        lacks = not any(one.limits if kind == "cpu" else kind in one.limits for one in here)
        if said is not None and lacks:
            yield _told(name, kind, *said, here[0])


def _between(name: str, others: Sequence[Sequence[Workload]], here: Sequence[Workload]) -> Iterator[Finding]:
    for kind in _KINDS:
        if all(any(kind in one.limits for one in each) for each in others):
            yield from (one for one in _lacking(name, others[0], here) if one.element.endswith(f"/{kind}"))


def _told(name: str, kind: str, limit: Quantity, there: Workload, here: Workload) -> Finding:
    return finding(
        "ED09",
        Severity.NOTE,
        f"{name}:limit/{kind}",
        f"{name} has a {kind} limit of {limit.text} in {there.label} and none in {here.label}",
        limit.location,
        (here.place,),
        f"{kind} limit {limit.text} -> none",
    )
