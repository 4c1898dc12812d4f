"""The verb `cache`: what the index of this repository holds, and how to empty it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import msgspec
from msgspec.structs import asdict, replace

from workspai_hooks.errors import UndecidedError
from workspai_hooks.kept import opening, place
from workspai_hooks.kept.file import BrokenError
from workspai_hooks.kept.limit import limit
from workspai_hooks.kept.place import RefusedError
from workspai_hooks.store import version
from workspai_hooks.tools import answers
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
    answers: int = 0
    answers_bytes: int = 0
    """Whole reports, and what is asked on every commit: files of their own beside it."""

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.kinds)


def look(folder: Path) -> Looked | None:
    """The index of the repository that `folder` is in; None where none is kept."""
    path, folders = _places(folder)
    if path is None:
        return None
    sizes = [answers.size(str(one)) for one in folders]
    looked = Looked(
        str(path),
        place.size(path),
        limit(),
        remote=described(path.parent),
        answers=sum(count for count, _ in sizes),
        answers_bytes=sum(size for _, size in sizes),
    )
    if not path.exists():
        return looked
    try:
        file = opening.existing(path, looked.limit_bytes)
        try:
            kinds = _kinds(file.counted())
        finally:
            file.close()
    except (RefusedError, OSError, sqlite3.Error, BrokenError) as error:
        return replace(looked, problem=str(error))
    return replace(looked, kinds=kinds)


def clear(folder: Path) -> str:
    """Empty it; what was done. `UndecidedError` where it can't be."""
    path, folders = _places(folder)
    for one in folders:
        answers.clear(str(one))
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


def _places(folder: Path) -> tuple[Path | None, list[Path]]:
    """The index, and the folders of answers beside it."""
    repository = Repository.open(folder)
    try:
        common, own = (one / answers.FOLDER for one in (repository.common_dir, repository.git_dir))
        return index_path(repository.common_dir), [common / answers.REPORTS, own / answers.WORDS]
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
        f"  beside it: {looked.answers:,} answers, {_shown(looked.answers_bytes)}",
    ]
    width = max((len(one.name) for one in looked.kinds), default=0)
    for one in looked.kinds:
        others = f"  ({one.others:,} of another version)" if one.others else ""
        lines.append(f"  {one.name:<{width}}  {_shown(one.bytes):>9}  {one.rows:>9,} rows{others}")
    return "".join(f"{line}\n" for line in lines)


def _shown(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB" if size >= 1 << 20 else f"{size / 1024:,.1f} KiB"
