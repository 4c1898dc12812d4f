"""Keys of a chart's values that are gone or renamed: whoever sets them sets nothing any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from workspai_hooks.breaking.helm.both import Both, ChartSide
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.reads import templates_of
from workspai_hooks.contracts.helm.values import Keys, dotted
from workspai_hooks.findings import Severity
from workspai_hooks.source import Location

_TRIVIAL: tuple[Plain, ...] = (None, "", True, False, 0, 1)
"""Values that say nothing of what a key is for."""
_MOST_LINES = 2000
"""Of a template; comparing its lines takes time that grows with their square."""
_MOST_NEW = 400


def find(both: Both) -> Iterator[Break]:
    """Outermost keys that counted in base and do not in head."""
    before, after = both.before, both.after
    known = sorted(before.known)
    gone: list[Keys] = []
    for key in known:
        if any(key[: len(outer)] == outer for outer in gone):
            continue
        if key[0] in before.inner and key[0] in after.inner:
            continue  # a key of the chart that is taken in, which tells it
        if before.knows(key) and not after.knows(key):
            gone.append(key)
    renames = _renames(gone, both) if gone else {}
    for key in gone:
        yield _fault(key, renames.get(key), both)


def _fault(key: Keys, new: Keys | None, both: Both) -> Break:
    """An error; a warning for one that values.yaml never named and nobody here sets."""
    before, after = both.before, both.after
    name = dotted(key)
    still = sorted(set(after.sets(key)))
    files = sorted({place.path for place in still})
    undeclared = key not in before.declared and not still
    who = (
        f"; it is set in {', '.join(files[:3])}{f' and {len(files) - 3} more' if len(files) > 3 else ''}"
        if files
        else ""
    )
    base_place = before.declared[key][0] if key in before.declared else _read_at(before, key)
    if new is not None:
        place = after.declared[new][0] if new in after.declared else _read_at(after, new)
        return fault(
            "values-key-renamed",
            both.element(name),
            f"values key {name} of chart {both.name} is called {dotted(new)} now",
            place or _nearest(after, key),
            base_place,
            surfaces=NEXT,
            severity=Severity.WARNING if undeclared else None,
            renamed_to=f"chart:{after.chart.name}:values.{dotted(new)}",
            related=still,
            users=who,
        )
    how = "is read by no template any more" if key in after.declared else "is gone"
    return fault(
        "values-key-removed",
        both.element(name),
        f"values key {name} of chart {both.name} {how}",
        _nearest(after, key),
        base_place,
        surfaces=NEXT,
        severity=Severity.WARNING if undeclared else None,
        related=still,
        users=who,
    )


def _nearest(after: ChartSide, key: Keys) -> Location:
    """The key's place in head's values.yaml, else that of what is left around it."""
    if after.values is None:
        return Location(after.chart.path)
    return (
        after.values.nearest(*key)
        if after.values.child(key[0]) is not None
        else Location(after.values.place.path)
    )


def _read_at(one: ChartSide, key: Keys) -> Location | None:
    """The first line of a template that reads the key."""
    pattern = re.compile(rf"\.Values\.{re.escape('.'.join(key))}(?![\w-])")
    for path in templates_of(one.side, one.chart):
        text = one.side.bytes_of(path).decode("utf-8", "replace")
        if (match := pattern.search(text)) is not None:
            return Location(path, text.count("\n", 0, match.start()) + 1)
    return None


def _renames(gone: list[Keys], both: Both) -> dict[Keys, Keys]:
    """What is new and takes a gone key's place: lines that read it read the new one, or it says the same."""
    before, after = both.before, both.after
    new = [
        key
        for key in sorted(after.known)
        if key not in before.declared and not before.reads.reads(key) and after.knows(key)
    ]
    new = new[:_MOST_NEW]
    swapped = list(_swapped_lines(before, after)) if new else []
    found: dict[Keys, Keys] = {}
    for key in gone:
        scored = [
            (_evidence(key, other, both, swapped), other) for other in new if other not in found.values()
        ]
        best = [other for score, other in scored if score and score == max(score for score, _ in scored)]
        if len(best) == 1:
            found[key] = best[0]
    return found


def _evidence(key: Keys, new: Keys, both: Both, swapped: list[tuple[str, str]]) -> int:
    """3 where a template's line reads the new one in its place, 2 for an equal map or telling value, 1 for an
    equal value beside it, 0 for none."""
    old_text, new_text = f".Values.{'.'.join(key)}", f".Values.{'.'.join(new)}"
    if any(old_text in old and old.replace(old_text, new_text) == now for old, now in swapped):
        return 3
    was, now = both.before.declared.get(key), both.after.declared.get(new)
    if was is None or now is None or was[1].type != now[1].type:
        return 0
    if was[1].plain() != now[1].plain():
        return 0
    if was[1].members or was[1].plain() not in _TRIVIAL:
        return 2
    return 1 if key[:-1] == new[:-1] else 0


def _swapped_lines(before: ChartSide, after: ChartSide) -> Iterator[tuple[str, str]]:
    """Lines of templates that others took the place of."""
    for path in templates_of(before.side, before.chart):
        there = after.chart.file(path[len(before.chart.folder) :].lstrip("/"))
        if not after.side.has(there) or before.side.blob(path) == after.side.blob(there):
            continue
        old = before.side.bytes_of(path).decode("utf-8", "replace").splitlines()[:_MOST_LINES]
        new = after.side.bytes_of(there).decode("utf-8", "replace").splitlines()[:_MOST_LINES]
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "replace":
                yield from ((one, other) for one in old[i1:i2] for other in new[j1:j2][: 2 * (i2 - i1) + 20])
