"""What a change leaves as it was: a tree that says the same in other places.

A comment, a blank line or a new layout moves code and changes nothing that types are followed through. What
was found in such a file is the same as before, in its new places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from workspai_hooks.workspace.use_sites.found import Escape, Found, Implementation, Mention, Use
from workspai_hooks.workspace.use_sites.syntax import Node, Pos, Source

if TYPE_CHECKING:
    from workspai_hooks.workspace.use_sites.trees import Trees

MOST_SHIFTED = 8
"""So many files are compared with what they were; a switch of branches changes more, and more than places."""
T = TypeVar("T", Use, Implementation, Escape, Mention)

Shift = Mapping[Pos, Pos]
"""Where things stood -> where they stand now."""
Blobs = Sequence[tuple[str, str]]
"""Files and their contents' ids, sorted."""


def shift(before: Source, after: Source) -> Shift | None:
    """How the places of a tree have moved; None where anything else of it has changed."""
    moved: dict[Pos, Pos] = {}
    stack: list[tuple[object, object]] = [(before, after)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return None
        if type(one) is tuple and type(other) is tuple:
            if len(one) != len(other):
                return None
            stack.extend(zip(one, other, strict=True))
        elif isinstance(one, Node) and isinstance(other, Node):
            for name in one.__struct_fields__:
                part, now = getattr(one, name), getattr(other, name)
                if name == "pos":
                    if moved.setdefault(part, now) != now:
                        return None
                else:
                    stack.append((part, now))
        elif one != other:
            return None
    order = [moved[place] for place in sorted(moved)]
    return moved if all(one < other for one, other in pairwise(order)) else None


def shifts_between(before: Blobs, after: Blobs, trees: Trees) -> dict[str, Shift] | None:
    """How the places of the files that differ have moved, of the same files twice; None where anything else
    has changed, or what they were is not known any more."""
    changed = {path: old for (path, old), (_, new) in zip(before, after, strict=True) if old != new}
    if len(changed) > MOST_SHIFTED:
        return None
    trees.prepare(changed)
    shifts: dict[str, Shift] = {}
    for path, old in changed.items():
        was = trees.of_blob(trees.language(path), old)
        moved = None if was is None or path not in trees else shift(was, trees[path])
        if moved is None:
            return None
        shifts[path] = moved
    return shifts


def shifted(found: Found, shifts: Mapping[str, Shift]) -> Found | None:
    """What was found, in its new places by path; None where something stood at a place of its own."""
    try:
        return Found(
            tuple(sorted(_moved(found.uses, shifts))),
            tuple(sorted(_moved(found.implementations, shifts))),
            tuple(sorted(_moved(found.escapes, shifts))),
            tuple(sorted(_moved(found.mentions, shifts))),
        )
    except KeyError:
        return None


def _moved(things: Iterable[T], shifts: Mapping[str, Shift]) -> Iterable[T]:
    for thing in things:
        if thing.path in shifts:
            line, column = shifts[thing.path][thing.line, thing.column]
            yield replace(thing, line=line, column=column)
        else:
            yield thing
