"""ED08: a service that listens on other ports locally than in production."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from workspai_hooks.environments.found import finding
from workspai_hooks.environments.joined import Sides
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Workload
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.source import Location
from workspai_hooks.workspace.service import Kind


def find(scene: Scene) -> Iterator[Finding]:
    """Only where both sides declare ports and have none in common, the service's own source is here, and
    neither side sets the port by a variable or a flag, which is on purpose.

    A service may listen on several ports of which each side names another: both name one, or the image says
    which of them it has.
    """
    for sides in scene.sides:
        if sides.service.kind is Kind.APPLICATION and sides.local and sides.production:
            yield from _of(sides, scene.exposed(sides.service))


def _of(sides: Sides, exposed: Collection[int]) -> Iterator[Finding]:
    local, production = _ports(sides.local), _ports(sides.production)
    if not local or not production or local.keys() & production.keys():
        return
    if any(one.tells_port(port) for one in sides.production for port in {*local, *production}):
        return
    inside = {port in exposed for port in local}, {port in exposed for port in production}
    certain = inside in (({True}, {False}), ({False}, {True}))
    chosen = any(one.tells_port(port) for one in sides.local for port in {*local, *production})
    chosen = chosen or any(one.has_profile for one in sides.every)
    if not certain and (exposed or chosen or len(local) != 1 or len(production) != 1):
        return
    mine, theirs = sorted(local), sorted(production)
    here, there = _naming(sides.local, mine[0]), _naming(sides.production, theirs[0])
    yield finding(
        "ED08",
        Severity.NOTE,
        f"{sides.service.name}:port",
        f"{sides.service.name} listens on {_told(mine)} locally ({here.label}) and on {_told(theirs)} in "
        f"production ({there.label})",
        local[mine[0]],
        (production[theirs[0]],),
        f"port {_told(mine)} -> production {_told(theirs)}",
    )


def _naming(workloads: Sequence[Workload], port: int) -> Workload:
    return next(one for one in workloads if port in one.ports)


def _ports(workloads: Sequence[Workload]) -> Mapping[int, Location]:
    return {port: place for one in reversed(workloads) for port, place in one.ports.items() if port > 0}


def _told(ports: Sequence[int]) -> str:
    return ", ".join(map(str, ports[:4]))
