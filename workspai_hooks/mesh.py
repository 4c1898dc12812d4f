"""`stubs --emit`: the policies of contracts for a mesh or a gateway, as YAML on standard output.

Nothing is written into the repository: what goes into a chart's templates or values, and under which host, is
the chart's matter.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import may_fetch, settings_of
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.protobuf.descriptors import descriptors_of
from workspai_hooks.enrichment.emit import DIALECTS
from workspai_hooks.enrichment.plans import Offered, messages_in
from workspai_hooks.enrichment.sidecars import operations_offered, rpcs_offered, service_configs
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.resilience.said import Said
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository

_DOCUMENTS = (".yaml", ".yml", ".json")


class Request(msgspec.Struct, frozen=True):
    """`contracts` are paths as they were typed in `folder`: .proto files and descriptions of APIs."""

    folder: Path
    dialect: str
    host: str
    contracts: tuple[str, ...]


def emitted(request: Request) -> str:
    """YAML. `UsageError` for a path, a host or a policy that can't be; `UndecidedError` where a contract
    can't be read."""
    if not request.host or not request.contracts:
        raise UsageError("stubs: --emit needs --host and the contracts that the host serves")
    repository = Repository.open(request.folder, may_fetch)
    try:
        snapshot = of_worktree(repository, lambda path: path.endswith((".proto", *_DOCUMENTS)))
        paths = [_path(repository, request.folder, one, snapshot) for one in request.contracts]
        offers = _offered(snapshot, paths, settings_of(snapshot).policies)
    finally:
        repository.close()
    refused = [f"{one.location}: {one.operation}: {one.why}" for offer in offers for one in offer.refused]
    if refused:
        raise UsageError("; ".join(refused))
    return DIALECTS[request.dialect](offers, request.host)


def _path(repository: Repository, folder: Path, typed: str, snapshot: Snapshot) -> str:
    try:
        path = (folder / typed).resolve().relative_to(Path(repository.top).resolve()).as_posix()
    except ValueError:
        path = typed
    if path not in snapshot.entries:
        raise UsageError(f"stubs: {typed}: no such file in the repository")
    return path


def _offered(snapshot: Snapshot, paths: Sequence[str], said: Sequence[Said]) -> list[Offered]:
    protos = [path for path in paths if path.endswith(".proto")]
    read = descriptors_of(snapshot, resolve_buf(), protos) if protos else None
    configs, wrong = service_configs(snapshot, {posixpath.dirname(path) for path in protos})
    if wrong:
        raise UndecidedError(wrong[0].what, wrong[0].why, wrong[0].remedy)
    messages = messages_in(read.files.values()) if read else {}
    library, found = Library(snapshot), []
    for path in paths:
        if read is not None and path in read.files:
            found.append(rpcs_offered(path, read.files[path], said, configs, messages))
        elif read is not None and path in read.failed:
            problem = read.failed[path]
            raise UndecidedError(problem.what, problem.why, problem.remedy)
        elif path.endswith(_DOCUMENTS):
            found.append(operations_offered(Description(library, path), said))
        else:
            raise UsageError(f"stubs: {path}: neither a .proto file nor a description of an API")
    return found
