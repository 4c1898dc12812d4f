"""The verb `cache`: what the index of this repository holds, and how to empty it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from workspai_hooks.errors import UndecidedError
from workspai_hooks.kept import opening, place
from workspai_hooks.kept.file import BrokenError
from workspai_hooks.kept.limit import limit
from workspai_hooks.kept.place import RefusedError
from workspai_hooks.store import version
from workspai_hooks.tools.filling import described
from workspai_hooks.tools.git import Repository, index_path

_CLEARING_S = 5.0
"""So long `--clear` waits for runs that use the index."""


class Kind(msgspec.Struct, frozen=True):
    """What is kept of one kind; of `others` where another version of our code made it."""

    name: str
    rows: int
    bytes: int
    others: int


class Looked(msgspec.Struct, frozen=True):
    """An index: `bytes` on disk, `problem` why it can't be used, `remote` the store behind it."""

    path: str
    bytes: int
    limit_bytes: int
    kinds: tuple[Kind, ...] = ()
    problem: str | None = None
    remote: str | None = None

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.kinds)


def look(folder: Path) -> Looked | None:
    """The index of the repository that `folder` is in; None where none is kept."""
    path = _path(folder)
    if path is None:
        return None
    size, most = place.size(path), limit()
    if not path.exists():
        return Looked(str(path), size, most, remote=described(path.parent))
    try:
        file = opening.existing(path, most)
        try:
            kinds = _kinds(file.counted())
        finally:
            file.close()
    except (RefusedError, OSError, sqlite3.Error, BrokenError) as error:
        return Looked(str(path), size, most, problem=str(error))
    return Looked(str(path), size, most, kinds, remote=described(path.parent))


def clear(folder: Path) -> str:
    """Empty it; what was done. `UndecidedError` where it can't be."""
    path = _path(folder)
    if path is None or not path.parent.exists():
        return "nothing is kept here"
    size = place.size(path)
    try:
        done = opening.cleared(path, _CLEARING_S)
    except (RefusedError, OSError) as error:
        raise UndecidedError(str(path), str(error), "remove what stands there") from error
    if not done:
        raise UndecidedError(str(path), "other runs use it", "run the same command when they are over")
    return f"removed {path} ({_shown(size)})"


def _path(folder: Path) -> Path | None:
    repository = Repository.open(folder)
    try:
        return index_path(repository.common_dir)
    finally:
        repository.close()


def _kinds(counted: list[tuple[str, int, int]]) -> tuple[Kind, ...]:
    found: dict[str, list[int]] = {}
    for named, rows, held in counted:
        name, _, made_by = named.rpartition(" ")
        known = found.setdefault(name, [0, 0, 0])
        known[0] += rows
        known[1] += held
        known[2] += rows if made_by != version(name) else 0
    order = sorted(found.items(), key=lambda one: (-one[1][1], one[0]))
    return tuple(Kind(name, *figures) for name, figures in order)


def render(looked: Looked | None, *, as_json: bool) -> str:
    """A line a kind, the largest first; or JSON, `null` where nothing is kept."""
    if as_json:
        value = None if looked is None else {**asdict(looked), "kinds": [asdict(one) for one in looked.kinds]}
        return json.dumps(value, indent=2) + "\n"
    if looked is None:
        return "nothing is kept: WORKSPAI_INDEX=off\n"
    lines = [
        looked.path,
        f"  {_shown(looked.bytes)} of {_shown(looked.limit_bytes)}, {looked.rows:,} rows",
        *([f"  PROBLEM  {looked.problem}"] if looked.problem else []),
        f"  remote: {looked.remote or 'none'}",
    ]
    width = max((len(one.name) for one in looked.kinds), default=0)
    for one in looked.kinds:
        others = f"  ({one.others:,} of another version)" if one.others else ""
        lines.append(f"  {one.name:<{width}}  {_shown(one.bytes):>9}  {one.rows:>9,} rows{others}")
    return "".join(f"{line}\n" for line in lines)


def _shown(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"
