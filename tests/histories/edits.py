"""What all edits share: an edit takes the files of a tree and gives what it changes, or None where it finds
nothing to do. Whether it breaks anybody is not said here: the oracle asks bare tools."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from histories.layout import Layout
from histories.repository import Files

Changes = dict[str, bytes | None]
"""Path -> new content; None deletes."""
Edit = Callable[[Random, Files, Layout], Changes | None]
Table = dict[str, tuple[int, Edit]]
"""Name -> how often, what."""

RARE = 1


def drawn(rng: Random, files: Files, layout: Layout, table: Table) -> tuple[str, Changes] | None:
    """An edit that finds something to do, by its weight."""
    names = list(table)
    weights = [table[name][0] for name in names]
    for _ in range(12):
        name = rng.choices(names, weights)[0]
        changes = table[name][1](rng, files, layout)
        if changes and any(files.get(path) != content for path, content in changes.items()):
            return name, changes
    return None


def applied(files: Files, changes: Changes) -> Files:
    after = dict(files)
    for path, content in changes.items():
        if content is None:
            after.pop(path, None)
        else:
            after[path] = content
    return after
