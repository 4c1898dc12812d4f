"""Who calls whom in the index: answered from what is kept, without loading what would work it out."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.head import staged_head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import outside
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.report.report import Survey
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf, resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.edges.values import Edge
from workspai_hooks.workspace.service import Service


class _Map(msgspec.Struct, frozen=True):
    """What is kept of a tree's map."""

    services: tuple[Service, ...]
    edges: tuple[Edge, ...]
    undecided: tuple[Undecided, ...]


def map_services(folder: Path) -> Survey:
    """The services and edges of the index."""
    try:
        repository = Repository.open(folder, _may_fetch)
        try:
            return _known(staged_head(repository).snapshot, repository)
        finally:
            repository.close()
    except UndecidedError as error:
        return Survey((), (), (error.undecided,))
    except UsageError as error:
        return Survey((), (), (), str(error))


def _may_fetch() -> bool:
    from workspai_hooks.configuration import may_fetch

    return may_fetch()


def _known(snapshot: Snapshot, repository: Repository) -> Survey:
    buf = resolve_buf()
    key = Store.key(snapshot.digest, buf.version, outside.state())

    def lasts(found: _Map) -> bool:  # what is not here may be there, or work, next time
        return all(map(snapshot.lasts, found.undecided)) and not repository.missing()

    found = snapshot.store.once("graph", key, _Map, lambda: _mapped(snapshot, buf), lasts)
    return Survey(found.services, found.edges, found.undecided)


def _mapped(snapshot: Snapshot, buf: Buf) -> _Map:
    from workspai_hooks.configuration import settings_of
    from workspai_hooks.contracts.protobuf.declared import schema_of
    from workspai_hooks.workspace.workspace import survey

    settings = settings_of(snapshot)
    schema, undecided = schema_of(snapshot, buf)
    workspace = survey(snapshot, schema, settings.services, settings.edges)
    services = tuple(replace(one, declarations=()) for one in workspace.services.all)
    return _Map(services, workspace.edges, (*undecided, *workspace.undecided))
