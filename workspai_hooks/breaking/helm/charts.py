"""Charts that a change touches: rendered on both sides with all their values, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.helm import chart_files, values_keys, values_schema, values_types
from workspai_hooks.breaking.helm.both import Both, ChartSide
from workspai_hooks.breaking.helm.change import Change, Survivor, change_of
from workspai_hooks.breaking.helm.checks import breaks_of
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm import installations as installing
from workspai_hooks.contracts.helm.charts import Chart, Dependency, inputs, read_chart, takers
from workspai_hooks.contracts.helm.installations import Installation
from workspai_hooks.contracts.helm.installations.values import partners
from workspai_hooks.contracts.helm.kubernetes import newest
from workspai_hooks.contracts.helm.reads import is_packaged
from workspai_hooks.contracts.helm.rendering import (
    MOST_INSTALLATIONS,
    Reader,
    Rendered,
    Rendering,
    render,
    told,
)
from workspai_hooks.contracts.helm.side import Side, holds
from workspai_hooks.contracts.helm.values import changed
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.source import Location
from workspai_hooks.tools.helm import Fault, Helm, resolve_helm

ON_FILES: tuple[Callable[[Both], Iterator[Break]], ...] = (
    values_keys.find,
    values_types.find,
    values_schema.find,
    chart_files.kubernetes_version,
    chart_files.library_templates,
)
"""What is asked of a chart's files, without rendering."""

_REFUSES = ("execution error at (", "values don't meet the specifications")
VENDOR = "run `helm dependency update {}` and commit what it puts into charts/, so that all of it is compared"


class _BrokenError(Exception):
    """The chart renders with nothing in head: its files tell nothing either."""


class Answer(msgspec.Struct):
    """What charts break, and what they leave open; `bumps` by chart."""

    survivor: Survivor
    breaks: list[Break] = msgspec.field(default_factory=list)
    undecided: list[Undecided] = msgspec.field(default_factory=list)
    base_errors: list[Undecided] = msgspec.field(default_factory=list)
    bumps: dict[str, str] = msgspec.field(default_factory=dict)


def compare_charts(
    base: Side, head: Side, paths: Sequence[str], survivor: Survivor, helm: Helm | None
) -> Answer:
    """All charts whose inputs are among `paths`."""
    answer = Answer(survivor)
    if not base.charts:
        return answer
    known = (installing.find(base), installing.find(head))
    taking = (takers(base), takers(head))
    found: Helm | None = helm
    for before, folder in _touched(base, head, paths, known):
        after = read_chart(head, folder) if folder is not None else None
        if after is None:
            answer.breaks += _gone(before, head, known[1]) if folder is None else []
            continue
        both = Both(
            ChartSide(base, before, known[0], taking[0].get(before.folder, ())),
            ChartSide(head, after, known[1], taking[1].get(after.folder, ())),
        )
        found = found or resolve_helm()
        _compare(both, found, paths, answer)
    return answer


def _touched(
    base: Side, head: Side, paths: Sequence[str], known: tuple[Sequence[Installation], Sequence[Installation]]
) -> Iterator[tuple[Chart, str | None]]:
    """The charts of base that the change touches, each with its folder in head; None where it is gone."""
    touched = set(paths)
    new = {
        folder: chart for folder in sorted(head.charts - base.charts) if (chart := read_chart(head, folder))
    }
    for folder in sorted(base.charts):
        chart = read_chart(base, folder)
        if chart is None:
            continue
        if folder not in head.charts:
            moved = [other for other, one in new.items() if one.name == chart.name]
            yield chart, moved[0] if len(moved) == 1 else None
            continue
        after = read_chart(head, folder)
        files = inputs(base, chart) | (inputs(head, after) if after is not None else frozenset())
        for installations in known:
            files |= {
                path
                for one in installations
                if one.chart == folder
                for path in (*one.files, *one.reads, one.place.path)
            }
        if files & touched:
            yield chart, folder


def _gone(chart: Chart, head: Side, known: Sequence[Installation]) -> list[Break]:
    users = [one.place for one in known if one.chart_name == chart.name]
    return [
        fault(
            "chart-removed",
            f"chart:{chart.name}",
            f"chart {chart.name} was removed",
            Location(chart.path),
            Location(chart.path),
            surfaces=NEXT,
            related=users,
        )
    ]


def _compare(both: Both, helm: Helm, paths: Sequence[str], answer: Answer) -> None:
    before, after = both.before, both.after
    files = inputs(before.side, before.chart) | inputs(after.side, after.chart)
    own = [path for path in paths if path in files]
    try:
        found, grown = _rendered(both, helm, answer)
    except UndecidedError as error:
        answer.undecided.append(error.undecided)
        return
    except _BrokenError:
        return
    if own:
        for check in ON_FILES:
            found += check(both)
        found += _renamed(both)
    grown = grown or bool(after.declared.keys() - before.declared.keys())
    packed = [path for path in own if holds(before.chart.folder, path) or holds(after.chart.folder, path)]
    if any(is_packaged(after.chart, path) for path in packed):
        asked = chart_files.asked_bump(found, grown=grown)
        answer.bumps[both.name] = asked
        found += chart_files.version(both, asked)
    answer.breaks += [replace(one, contract=after.chart.path) for one in found]


def _renamed(both: Both) -> Iterator[Break]:
    before, after = both.before.chart, both.after.chart
    if before.name != after.name:
        yield fault(
            "chart-removed",
            f"chart:{before.name}",
            f"chart {before.name} is called {after.name} now",
            after.node.nearest("name"),
            before.node.nearest("name"),
            surfaces=NEXT,
            renamed_to=f"chart:{after.name}",
        )


def _rendered(both: Both, helm: Helm, answer: Answer) -> tuple[list[Break], bool]:
    """What the rendered objects break, and whether there are new ones."""
    before, after = both.before, both.after
    if after.chart.type == "library":
        return [], False
    pairs = partners(
        installing.of_chart(before.side, before.chart, before.installations),
        installing.of_chart(after.side, after.chart, after.installations),
    )
    pairs = [pair for pair in pairs if _differs(both, *pair)] if _same_files(both) else pairs
    if len(pairs) > MOST_INSTALLATIONS:
        why = f"is installed with {len(pairs)} sets of values; {MOST_INSTALLATIONS} of them are compared"
        remedy = "compare the others in commits of their own: only what a change touches is rendered"
        answer.undecided.append(Undecided(after.chart.path, why, remedy))
        pairs = pairs[:MOST_INSTALLATIONS]
    if not pairs:
        return [], False
    answer.undecided += _missing(both)
    new = render(helm, after.side, after.chart, [one for _, one in pairs])
    try:
        old = render(helm, before.side, before.chart, [one for one, _ in pairs])
    except UndecidedError as error:
        answer.base_errors.append(error.undecided)
        return [], False
    return _compared(both, old, new, answer)


def _same_files(both: Both) -> bool:
    """Whether only values from outside of the chart differ."""
    old, new = (inputs(one.side, one.chart) for one in (both.before, both.after))
    return old == new and all(both.before.side.blob(path) == both.after.side.blob(path) for path in old)


def _differs(both: Both, one: Installation, other: Installation) -> bool:
    if one.identity != other.identity or one.inline != other.inline:
        return True
    return any(both.before.side.blob(path) != both.after.side.blob(path) for path in other.files)


def _compared(both: Both, old: Rendered, new: Rendered, answer: Answer) -> tuple[list[Break], bool]:
    reader, grown = Reader(), False
    found: list[Break] = []
    answered = False
    seen: set[tuple[object, object]] = set()
    failed: list[tuple[Rendering, Rendering]] = []
    for was, now in zip(old.renderings, new.renderings, strict=True):
        if was.faults or now.faults:
            failed.append((was, now))
            continue
        answered = True
        if was.documents == now.documents or (was.documents, now.documents) in seen:
            continue
        seen.add((was.documents, now.documents))
        change = _change(both, reader, (old, was), (new, now), answer.survivor)
        answer.undecided += [one for one in change.head.unfollowed if one not in change.base.unfollowed]
        answer.base_errors += [one for one in change.base.unfollowed if one not in change.head.unfollowed]
        grown = grown or bool(change.added)
        found += breaks_of(change)
    refused: dict[str, tuple[Fault, list[Rendering]]] = {}
    for was, now in failed:
        for one in _failed(both, (old, was), (new, now), answer, alone=not answered):
            refused.setdefault(one.message, (one, []))[1].append(now)
    if not answered and not refused:
        raise _BrokenError
    found += [_refused(both, new, one, with_these) for one, with_these in refused.values()]
    return found, grown


def _change(
    both: Both,
    reader: Reader,
    old: tuple[Rendered, Rendering],
    new: tuple[Rendered, Rendering],
    survivor: Survivor,
) -> Change:
    keys = changed(old[1].values, new[1].values)
    before = {key: old[1].values[key][0] for key in keys if key in old[1].values}
    after = {key: new[1].values[key][0] for key in keys if key in new[1].values}
    same = set(old[1].documents) & set(new[1].documents)
    change = change_of(
        reader.build(both.before.side, *old, before, same),
        reader.build(both.after.side, *new, after, same),
        newest(both.after.chart.kube_version),
        survivor,
    )
    return replace(change, is_release=True)


def _failed(
    both: Both,
    old: tuple[Rendered, Rendering],
    new: tuple[Rendered, Rendering],
    answer: Answer,
    *,
    alone: bool,
) -> tuple[Fault, ...]:
    """Values with which one of both sides does not render. With some values only, or refused by the chart
    itself, that is an answer, which is given back; where the chart renders with none it is a question."""
    was, now = old[1], new[1]
    if not now.faults:
        if alone:
            answer.base_errors += [told(old[0], one) for one in was.faults]
        return ()
    refused = all(_is_refusal(one) for one in now.faults)
    if was.faults:
        if alone and refused and was.faults == now.faults:
            answer.undecided.append(_needs_values(both, told(new[0], now.faults[0])))
        elif alone:
            answer.undecided += [_vendored(both, told(new[0], one)) for one in now.faults]
        return ()
    if alone and not refused:
        answer.undecided += [_vendored(both, told(new[0], one)) for one in now.faults]
        return ()
    return now.faults


def _is_refusal(fault: Fault) -> bool:
    return fault.path == "values.schema.json" or any(sign in fault.message for sign in _REFUSES)


def _refused(both: Both, rendered: Rendered, one: Fault, with_these: Sequence[Rendering]) -> Break:
    question = told(rendered, one)
    path, _, line = question.what.rpartition(":")
    place = Location(path, int(line)) if line.isdigit() else Location(question.what)
    labels = list(dict.fromkeys(each.installation.label for each in with_these))
    shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
    return fault(
        "values-refused",
        f"chart:{both.name}:values",
        f"chart {both.name} no longer renders with {shown}: {' '.join(one.message.split())[:300]}",
        place,
        None,
        surfaces=NEXT,
        related=[each.installation.place for each in with_these],
    )


def _needs_values(both: Both, question: Undecided) -> Undecided:
    folder = both.after.chart.folder or "."
    remedy = f"commit values with which it renders, such as {folder}/ci/test-values.yaml"
    return replace(question, why=f"{question.why}; no values in this repository render it", remedy=remedy)


def _vendored(both: Both, question: Undecided) -> Undecided:
    """A chart that fails because a chart that it takes in is not here."""
    missing = [one.name for one in both.after.chart.dependencies if not one.is_here]
    if not missing:
        return question
    why = f"{question.why}; its dependencies {', '.join(missing)} are not in charts/"
    return replace(question, why=why, remedy=VENDOR.format(both.after.chart.folder or "."))


def _missing(both: Both) -> Iterator[Undecided]:
    """Dependencies that are not here, where the change asks for others or hands them other values."""
    before: Mapping[str, Dependency] = {one.call: one for one in both.before.chart.dependencies}
    for one in both.after.chart.dependencies:
        old = before.get(one.call)
        if one.is_here or old is None:
            continue
        question = None
        if old.asked != one.asked:
            question = (
                f"{one.name} {one.version} takes the place of {old.name} {old.version}, and is not in charts/"
            )
        elif _values_of(both.before, one.call) != _values_of(both.after, one.call):
            question = f"its values for {one.call} changed, and {one.name} {one.version} is not in charts/"
        if question:
            yield Undecided(str(one.place), question, VENDOR.format(both.after.chart.folder or "."))


def _values_of(one: ChartSide, call: str) -> object:
    node = one.values.child(call) if one.values is not None else None
    return node.plain() if node is not None else None
