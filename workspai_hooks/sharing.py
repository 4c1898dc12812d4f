"""The verb `cache --push`: writes what is known of a repository into the store that its team shares. No hook
and no other verb ever writes there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

from workspai_hooks.changes.base import default_upstream
from workspai_hooks.changes.ci_systems import build_of
from workspai_hooks.changes.head import staged_head
from workspai_hooks.configuration import may_fetch, settings_of
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.kept.behind import URL
from workspai_hooks.kept.file import BrokenError
from workspai_hooks.kept.limit import limit
from workspai_hooks.kept.opening import opened
from workspai_hooks.kept.place import RefusedError
from workspai_hooks.remote.asked import WRITE, Asked, asked
from workspai_hooks.remote.pack import WORTH_SENDING, Row, encoded, name_of
from workspai_hooks.remote.places import PUSH_S, PlaceError, place_of
from workspai_hooks.tools.git import Repository, index_path
from workspai_hooks.tools.origins import told


class Pushed(msgspec.Struct, frozen=True):
    """What became of it: `told` is a line for the user; `undecided` says why a store could not be written."""

    told: str = ""
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """2 for a wrong request, 3 where the store could not be written; that a build may not is no fault."""
        return 2 if self.misused is not None else 3 if self.undecided else 0


def push(folder: Path, env: Mapping[str, str] = os.environ) -> Pushed:
    """Work out what a fresh clone asks first, and write all that is known here."""
    try:
        wanted = asked(env)
        if wanted is None:
            raise UsageError(f"cache --push: {URL} names no store")
        repository = Repository.open(folder, may_fetch)
        try:
            why_not = _why_not(repository, wanted, env)
            if why_not:
                return Pushed(f"nothing is written to {wanted.address}: {why_not}\n")
            origin = told(repository.origin())
            if not origin:
                raise UsageError(
                    "cache --push: no remote is called origin, by which others find what is written"
                )
            index = index_path(repository.common_dir)
            if index is None:
                raise UsageError("cache --push: WORKSPAI_INDEX=off keeps nothing that could be written")
            _work_out(folder, repository)
        finally:
            repository.close()
        return _written(wanted, origin, _rows(index))
    except UsageError as error:
        return Pushed(misused=str(error))
    except UndecidedError as error:
        return Pushed(undecided=(error.undecided,))


def _why_not(repository: Repository, wanted: Asked, env: Mapping[str, str]) -> str:
    """Why this run may not write; empty where it may.

    A pull request is somebody else's word, whatever the user asks for. A build of the default branch, and of
    this very commit, may. Where nobody is known to say what this is, the user does.
    """
    head = repository.resolve("HEAD")
    if head is None:
        return "there is no commit yet"
    build = build_of(env)
    if build is None:
        return "" if wanted.write else f"no CI system says that this is the default branch ({WRITE}=1 does)"
    if build.target is not None or build.branch is None:
        return f"{build.system} says that this is no build of a branch"
    default = build.default or _default_branch(repository)
    if default is None:
        return f"{build.system} does not say which branch is the default one, nor does this clone"
    if build.branch != default:
        return f"{build.system} builds {build.branch}, not {default}"
    if build.commit is not None and build.commit != head:
        return f"what is checked out is not what {build.system} builds"
    return ""


def _default_branch(repository: Repository) -> str | None:
    """As this clone's remote has it; what a file of the branch under build says does not count."""
    upstream = default_upstream(repository, None)
    return upstream.branch if upstream is not None else None


def _work_out(folder: Path, repository: Repository) -> None:
    """What a break asks of the whole repository, policies among it. What stays open here stays open there."""
    from workspai_hooks.exploration import what_if
    from workspai_hooks.inspection.policies import policies_of
    from workspai_hooks.service_map import map_services

    if repository.run("diff-index", "--cached", "--quiet", "HEAD").code != 0:
        raise UsageError("cache --push: what is staged is not what is committed: commit it, or unstage it")
    snapshot = staged_head(repository).snapshot
    policies_of(snapshot, settings_of(snapshot))
    map_services(folder)
    what_if(folder, [], [str(repository.top / path) for path in snapshot.paths(".proto")[:1]])


def _rows(index: Path) -> list[Row]:
    try:
        file = opened(index, limit(), lambda _: None)
        try:
            return list(file.newest(WORTH_SENDING))[::-1]  # the last ones last: so they are put in again
        finally:
            file.close()
    except (sqlite3.Error, BrokenError, RefusedError, OSError) as error:
        raise UndecidedError(str(index), "can't be read", "workspai-hooks cache says why") from error


def _written(wanted: Asked, origin: str, rows: list[Row]) -> Pushed:
    name = name_of(origin)
    data = encoded(name, rows, wanted.key)
    try:
        place_of(wanted.url, PUSH_S).put(name, data)
    except PlaceError as error:
        raise UndecidedError(wanted.address, str(error), "try again") from error
    size = f"{len(rows):,} answers, {len(data) / 1e6:.1f} MB"
    return Pushed(f"{size} written to {wanted.address} for {origin}\n")
