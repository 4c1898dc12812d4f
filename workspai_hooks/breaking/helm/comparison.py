"""What a change breaks in the charts, raw manifests and kustomizations of a repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from posixpath import dirname

from msgspec.structs import replace

from workspai_hooks.breaking.helm import manifests
from workspai_hooks.breaking.helm.charts import compare_charts
from workspai_hooks.breaking.helm.checks import breaks_of
from workspai_hooks.breaking.helm.kustomizations import compare_kustomizations
from workspai_hooks.breaking.helm.surviving import Surviving
from workspai_hooks.breaking.values import Break, Compared
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.side import KUSTOMIZATIONS, Memory, Side, holds
from workspai_hooks.errors import Undecided
from workspai_hooks.tools.helm import Helm

_SHOWN = 3
"""More elements of one cause than this are counted, not named."""


def compare(base: Snapshot, head: Snapshot, changed: Iterable[str], helm: Helm | None = None) -> Compared:
    """Compare all that the `changed` paths (of either side) belong to; `bump` is by chart: major, minor,
    patch.

    `helm` None: looked for when a chart has to be rendered.
    """
    memory = Memory()
    before, after = Side(base, memory), Side(head, memory)
    paths, survivor = sorted(set(changed)), Surviving(before, after)
    found: list[Break] = []
    charts = compare_charts(before, after, paths, survivor, helm)
    overlays = compare_kustomizations(before, after, paths, survivor)
    raw = [path for path in paths if path not in overlays.reached]
    for change in (*overlays.changes, *manifests.changes_of(before, after, raw, survivor)):
        found += breaks_of(change)
    told = [replace(one, contract=(one.base_location or one.location).path) for one in found]
    return Compared(
        folded([*charts.breaks, *told]),
        _questions((*charts.undecided, *overlays.undecided), after, before, paths),
        _questions((*charts.base_errors, *overlays.base_errors), before, after, paths),
        charts.bumps,
    )


def _questions(
    asked: Iterable[Undecided], side: Side, other: Side, paths: Sequence[str]
) -> tuple[Undecided, ...]:
    """What is open on a side: what is asked already, and what it can't read of the files that the change
    touches while the other side can."""
    found = {one.what: one for one in sorted(asked, reverse=True)}
    for path, problem in side.problems.items():
        if path in paths and path not in other.problems:
            found.setdefault(problem.what, problem)
    return tuple(sorted(found.values()))


def folded(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """The same fault under several sets of values, overlays and copies is one break, the others are
    related; so are faults of several elements that one line causes (`reaches` names all of them)."""
    same = _grouped(breaks, lambda one: (one.rule, one.element, one.message))
    causes = _grouped((_one(each) for each in same), _cause)
    found = [_told_once(each) for each in causes]
    return tuple(sorted(found, key=lambda one: (one.location, one.rule, one.element)))


def _grouped(breaks: Iterable[Break], key: Callable[[Break], Hashable]) -> list[list[Break]]:
    groups: dict[Hashable, list[Break]] = defaultdict(list)
    for one in breaks:
        groups[key(one)].append(one)
    return list(groups.values())


def _one(same: Sequence[Break]) -> Break:
    first, *rest = sorted(same, key=lambda one: (one.severity.rank, len(one.location.path), one.location))
    places = {one.location for one in rest} - {first.location}
    related = {place for one in same for place in one.related} | places
    return replace(first, related=tuple(sorted(related)))


def _cause(one: Break) -> Hashable:
    """What several elements have in common that break for one reason: the line of head, and of base, but
    for a line of a kustomization, which speaks for all of its resources."""
    title, _, part = one.element.rpartition(":") if _is_chart(one.element) else one.element.partition(":")
    told = (one.rule, one.severity, title.partition("/" if "/" in title else ":")[0], part, one.location)
    if one.location.path.rpartition("/")[2] in KUSTOMIZATIONS:
        return told
    certain = one.base_location is not None or _is_chart(one.element)
    return (*told, one.base_location, None if certain else one.element)


def _is_chart(element: str) -> bool:
    return element.startswith("chart:")


def _title(element: str) -> str:
    return element.rpartition(":")[0] if _is_chart(element) else element.partition(":")[0]


def _told_once(breaks: Sequence[Break]) -> Break:
    first, *rest = sorted(breaks, key=lambda one: not holds(dirname(one.contract), one.location.path))
    elements = tuple(dict.fromkeys(name for one in breaks for name in (one.element, *one.reaches)))
    if len(breaks) < 2:
        return first
    names = ", ".join(_title(one) for one in elements[1 : 1 + _SHOWN])
    more = f" and {len(elements) - 1 - _SHOWN} more" if len(elements) > 1 + _SHOWN else ""
    related = {place for one in breaks for place in one.related}
    related |= {one.base_location for one in rest if one.base_location} - {first.base_location}
    return replace(
        first,
        message=f"{first.message}; likewise {names}{more}",
        change=first.change or first.message,
        reaches=tuple(sorted(elements)),
        related=tuple(sorted(related)),
    )
