"""What a change breaks in the charts, raw manifests and kustomizations of a repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.helm import manifests
from workspai_hooks.breaking.helm.charts import compare_charts
from workspai_hooks.breaking.helm.checks import breaks_of
from workspai_hooks.breaking.helm.kustomizations import compare_kustomizations
from workspai_hooks.breaking.helm.surviving import Surviving
from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.errors import Undecided
from workspai_hooks.tools.helm import Helm


class HelmComparison(msgspec.Struct, frozen=True):
    """`breaks` sorted; `undecided` are questions of this change that head leaves open, `base_errors` those that
    only the base does. `bump` are the changes of version that it asks for, by chart: major, minor, patch.
    """

    breaks: tuple[Break, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    base_errors: tuple[Undecided, ...] = ()
    bump: Mapping[str, str] = {}


def compare(
    base: Snapshot, head: Snapshot, changed: Iterable[str], helm: Helm | None = None
) -> HelmComparison:
    """Compare all that the `changed` paths (of either side) belong to. `helm` None: found when it is needed."""
    before, after = Side(base), Side(head)
    paths, survivor = sorted(set(changed)), Surviving(before, after)
    found: list[Break] = []
    charts = compare_charts(before, after, paths, survivor, helm)
    overlays = compare_kustomizations(before, after, paths, survivor)
    raw = [path for path in paths if path not in overlays.reached]
    for change in (*overlays.changes, *manifests.changes_of(before, after, raw, survivor)):
        found += breaks_of(change)
    return HelmComparison(
        folded([*charts.breaks, *found]),
        tuple(sorted({*charts.undecided, *overlays.undecided, *_problems(after, before, paths)})),
        tuple(sorted({*charts.base_errors, *overlays.base_errors, *_problems(before, after, paths)})),
        charts.bumps,
    )


def _problems(side: Side, other: Side, paths: Sequence[str]) -> tuple[Undecided, ...]:
    """Files that the change touches and that this side alone can't read, or reads no better than the other."""
    return tuple(
        sorted(
            problem for path, problem in side.problems.items() if path in paths and path not in other.problems
        )
    )


def folded(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """The same fault under several sets of values, overlays and copies is one break, the others are related."""
    together: dict[tuple[str, str, str], list[Break]] = defaultdict(list)
    for one in breaks:
        together[one.rule, one.element, one.message].append(one)
    found = []
    for same in together.values():
        first, *rest = sorted(same, key=lambda one: (one.severity.rank, len(one.location.path), one.location))
        places = {one.location for one in rest} - {first.location}
        related = {place for one in same for place in one.related} | places
        found.append(replace(first, related=tuple(sorted(related))))
    return tuple(sorted(found, key=lambda one: (one.location, one.rule, one.element)))
