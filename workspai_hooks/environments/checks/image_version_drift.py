"""ED02: an image, no store, that runs in another version locally than in production."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from workspai_hooks.environments.found import finding
from workspai_hooks.environments.pairs import Pair, pairs
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding, Severity

_SHOWN = 3


def find(scene: Scene) -> Iterator[Finding]:
    """Images of one publisher that differ in the same way are one finding: they were released together."""
    together: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair in pairs(scene):
        if not pair.local.image.store and not pair.agrees:
            publisher = pair.local.image.path.rpartition("/")[0]
            alone = publisher or pair.program
            together[alone, pair.local.image.tag, pair.production.image.tag].append(pair)
    for (publisher, _, _), same in sorted(together.items()):
        yield _told(publisher, sorted(same, key=lambda one: one.service))


def _told(publisher: str, same: list[Pair]) -> Finding:
    first, *rest = same
    local, production = first.local, first.production
    names = ", ".join(one.service for one in rest[:_SHOWN])
    more = f" and {len(rest) - _SHOWN} more" if len(rest) > _SHOWN else ""
    return finding(
        "ED02",
        Severity.NOTE,
        f"images/{publisher}" if rest else f"{first.service}:image/{first.program}",
        f"{first.service} runs {local.told} locally ({local.workload.label}) and {production.told} in "
        f"production ({production.workload.label})" + (f"; likewise {names}{more}" if rest else ""),
        local.use.location,
        sorted({place for one in same for place in one.places} - {local.use.location}),
        f"{local.told} -> production {production.told}",
    )
