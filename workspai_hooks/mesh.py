"""The verb `stubs --emit`: the same policies for a mesh or a gateway, printed, for a chart's values.

The host of a service is the one that implements it here, by its name in the map of services; `host` says
another. What nobody here implements needs one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import Settings, may_fetch, settings_of
from workspai_hooks.contract_files import is_plumbing
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.outline import is_description, outlines
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.descriptors import descriptors_of
from workspai_hooks.enrichment.emit import DIALECTS
from workspai_hooks.enrichment.plans import Offered, messages_in
from workspai_hooks.enrichment.sidecars import operations_offered, rpcs_offered, service_configs
from workspai_hooks.enrichment.values import RpcService
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.stubs.recognise import may_be_generated
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.workspace import Workspace, survey

SPRING = "spring"


class Emitted(msgspec.Struct, frozen=True):
    """The text, and what could not be told."""

    text: str = ""
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0; 2 for wrong usage or a policy that nobody can keep; 3 where something is left out."""
        return 2 if self.misused is not None else 3 if self.undecided else 0


def emit(folder: Path, dialect: str, paths: Sequence[str] = (), host: str = "") -> Emitted:
    """The policies of contracts (all of the repository, or those at `paths`) in a dialect of `DIALECTS`."""
    repository = None
    try:
        repository = Repository.open(folder, may_fetch)
        snapshot = of_worktree(repository, lambda path: not may_be_generated(path))
        return _emitted(snapshot, settings_of(snapshot), dialect, paths, host)
    except UndecidedError as error:
        return Emitted(undecided=(error.undecided,))
    except UsageError as error:
        return Emitted(misused=str(error))
    finally:
        if repository is not None:
            repository.close()


def _emitted(
    snapshot: Snapshot, settings: Settings, dialect: str, paths: Sequence[str], host: str
) -> Emitted:
    missing = [path for path in paths if path not in snapshot.entries]
    if missing:
        raise UsageError(f"stubs --emit: {missing[0]}: no such file")
    offers, questions = _offers(snapshot, settings, paths)
    if dialect == SPRING:  # annotations of HTTP operations: nothing goes anywhere
        offers, host = [one for one in offers if one.operations], host or SPRING
    refused = sorted({one for offer in offers for one in offer.refused})
    if refused:
        first = refused[0]
        raise UsageError(f"{first.location}: {first.operation}: {first.why}")
    by_host: dict[str, list[Offered]] = {}
    workspace = None if host else _workspace(snapshot, settings)
    for name, part in _by_provider(offers, workspace, host):
        if name:
            by_host.setdefault(name, []).append(part)
        else:
            what = ", ".join(one.full_name for one in part.services) or part.contract
            why = "no service here implements it, so that its host is not known"
            questions.append(Undecided(what, why, f"name it: --host HOST {part.contract}"))
    texts = [DIALECTS[dialect](by_host[name], name) for name in sorted(by_host)]
    return Emitted("---\n".join(filter(None, texts)), tuple(sorted(questions)))


def _offers(
    snapshot: Snapshot, settings: Settings, paths: Sequence[str]
) -> tuple[list[Offered], list[Undecided]]:
    protos = snapshot.paths(".proto")
    wanted = [path for path in protos if (path in paths if paths else not is_plumbing(path))]
    read = descriptors_of(snapshot, resolve_buf(), wanted)
    folders = {path.rpartition("/")[0] for path in wanted}
    configs, questions = service_configs(snapshot, folders)
    messages = messages_in(read.files.values())
    offers = [
        rpcs_offered(path, read.files[path], settings.policies, configs, messages)
        for path in wanted
        if path in read.files and read.files[path].service
    ]
    questions += [read.failed[path] for path in sorted(read.failed) if path in wanted]
    library = Library(snapshot)
    for path, outline in sorted(outlines(snapshot, paths or None).items()):
        if is_description(outline.version):
            try:
                offers.append(operations_offered(Description(library, path), settings.policies))
            except UndecidedError as error:
                questions.append(error.undecided)
    return offers, questions


def _workspace(snapshot: Snapshot, settings: Settings) -> Workspace:
    schema, _ = schema_of(snapshot, resolve_buf())
    return survey(snapshot, schema, settings.services, settings.edges)


def _by_provider(
    offers: Sequence[Offered], workspace: Workspace | None, host: str
) -> Iterator[tuple[str, Offered]]:
    """Host and what it offers; an empty host where nobody is known. Of copies of a contract the provider's
    own counts, else the one with the shortest path."""
    chosen: dict[tuple[str, str], tuple[bool, int, str, Offered, RpcService]] = {}
    for offer in offers:
        owner = workspace.service_at(offer.contract) if workspace is not None else None
        if offer.operations:
            yield host or owner or "", offer
        for service in offer.services:
            rpcs = [f"{service.full_name}/{rpc.name}" for rpc in service.rpcs]
            known = [host] if workspace is None else sorted(workspace.providers(rpcs))
            for name in known or [""]:
                rank = (owner != name, len(offer.contract), offer.contract, offer, service)
                key = (name, service.full_name)
                if key not in chosen or rank[:3] < chosen[key][:3]:
                    chosen[key] = rank
    found: dict[tuple[str, str], list[RpcService]] = {}
    parts: dict[tuple[str, str], Offered] = {}
    for (name, _), (*_, offer, service) in sorted(chosen.items(), key=lambda pair: pair[0]):
        found.setdefault((name, offer.contract), []).append(service)
        parts[name, offer.contract] = offer
    for key, services in sorted(found.items()):
        yield key[0], replace(parts[key], services=tuple(services))
