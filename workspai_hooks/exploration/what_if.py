"""A question without a change: what if an element went away."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workspai_hooks.breaking.values import Break
from workspai_hooks.changes.head import staged_head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import Settings, may_fetch, settings_of
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.elements import FILE, package_of, parts
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.exploration.naming import EVERY_SURFACE
from workspai_hooks.facts import elsewhere_of
from workspai_hooks.findings import Consumer
from workspai_hooks.impact.sides import Sides
from workspai_hooks.impact.verdicts import judge
from workspai_hooks.report.report import Outlook
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.workspace import survey

Judge = Callable[[Sequence[Break], Sides], Iterable[tuple[Break, tuple[Consumer, ...]]]]


def what_if(folder: Path, wanted: Sequence[str], paths: Sequence[str]) -> Outlook:
    """The consumers of elements, and of every element of the contracts at `paths`, as the index has them."""
    try:
        with _opened(folder) as (repository, snapshot, settings):
            top = repository.top
            elsewhere = elsewhere_of(repository, snapshot, settings)
            schema, undecided = schema_of(snapshot, resolve_buf())
            files = [os.path.relpath((folder / path).resolve(), top.resolve()) for path in paths]
            names = list(dict.fromkeys([*wanted, *_at(snapshot, [Path(file).as_posix() for file in files])]))
            documents = _documents(snapshot, schema, names)
            contracts = _known(schema, [name for name in names if name not in documents])
            workspace = survey(snapshot, schema, settings.services, settings.edges)
            sides = Sides(workspace, workspace, elsewhere)
            verdicts = {element: judge(_gone(element), schema, sides) for element in contracts}
            for room in dict.fromkeys(room for room, _ in documents.values()):
                mine = {name: fault for name, (asked, fault) in documents.items() if asked is room}
                consumers = (each for _, each in room(list(mine.values()), sides))
                verdicts.update(zip(mine, consumers, strict=True))
            packages = {package_of(schema, element) for element in contracts}
            open_questions = (*undecided, *repository.unread(), *elsewhere.undecided(packages))
            return Outlook({name: verdicts[name] for name in names}, open_questions)
    except UndecidedError as error:
        return Outlook({}, (error.undecided,))
    except UsageError as error:
        return Outlook({}, (), str(error))


def _at(snapshot: Snapshot, files: Sequence[str]) -> Iterator[str]:
    """The elements of the contracts at these paths."""
    from workspai_hooks.exploration.described import elements_at

    for file in files:
        yield from (elements_at(snapshot, file) if file in snapshot.entries else ()) or (FILE + file,)


def _documents(snapshot: Snapshot, schema: Schema, names: Sequence[str]) -> dict[str, tuple[Judge, Break]]:
    """The elements that are no protobuf contract's: by name, who judges them and what their end would be."""
    others = [name for name in names if not parts(schema, name)]
    found: dict[str, tuple[Judge, Break]] = {}
    if not others:
        return found
    from workspai_hooks.exploration import deployed, described
    from workspai_hooks.impact import deployed as of_deployed
    from workspai_hooks.impact import http as of_described

    operations = [name for name in others if described.is_one(name)]
    objects = [name for name in others if deployed.is_one(name) and name not in operations]
    for mine, find, room in (
        (operations, described.found, of_described.judge),
        (objects, deployed.found, of_deployed.judge),
    ):
        found.update({name: (room, fault) for name, fault in (find(snapshot, mine) if mine else ())})
    return found


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Repository, Snapshot, Settings]]:
    repository = Repository.open(folder, may_fetch)
    try:
        snapshot = staged_head(repository).snapshot
        yield repository, snapshot, settings_of(snapshot)
    finally:
        repository.close()


def _gone(element: str) -> Break:
    return Break("", element, "", (), EVERY_SURFACE, Location(""))


def _known(schema: Schema, elements: Sequence[str]) -> list[str]:
    """The elements, each once, in order; `UsageError` with the nearest names where one does not exist."""
    for element in elements:
        if not parts(schema, element):
            short = element.replace("/", ".").rpartition(".")[2]
            names = sorted({name for file in schema.files for name in parts(schema, FILE + file)})
            near = difflib.get_close_matches(element, names, n=3, cutoff=0.6)
            near += [name for name in names if name.endswith((f".{short}", f"/{short}")) and name not in near]
            hint = f"did you mean {', '.join(near[:5])}?" if near else "no contract here declares the like"
            raise UsageError(f"{element}: no such element; {hint}")
    return list(dict.fromkeys(elements))
