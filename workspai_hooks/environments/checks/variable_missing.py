"""ED06: a variable that a service's source reads, set in one environment and missing in the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from workspai_hooks.environments.found import finding, lacking
from workspai_hooks.environments.missing import Missing, missing
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding
from workspai_hooks.source import Location

_FEW = 3
_NAMED = 12


def find(scene: Scene) -> Iterator[Finding]:
    """A warning where production lacks what has no default; a note elsewhere. An environment that lacks more
    than it has is one finding: it was never made, or is made elsewhere."""
    sides: dict[tuple[str, Location], list[Missing]] = defaultdict(list)
    for one in missing(scene):
        sides[one.service, one.here.place].append(one)
    for rows in sides.values():
        if len(rows) > max(_FEW, rows[0].set_there) and len({row.in_production for row in rows}) == 1:
            yield _all_of(rows)
        else:
            yield from (lacking("ED06", one) for one in rows if not one.is_flag)


def _all_of(rows: list[Missing]) -> Finding:
    told = [lacking("ED06", one) for one in rows]
    first = min(told, key=lambda one: (one.severity.rank, one.location))
    names = ", ".join(one.setting.name for one in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    one = rows[0]
    return finding(
        "ED06",
        first.severity,
        f"{one.service}:env",
        f"{one.here.label} sets none of {len(rows)} variables that {one.service} reads and {one.there.label} "
        f"sets: {names}{more}",
        first.location,
        (one.here.place, *(each.location for each in told)),
        f"{len(rows)} variables -> none",
    )
