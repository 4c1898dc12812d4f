"""Which files go beside the stubs and contracts of a snapshot, with their contents. Nothing is written
here."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.enrichment.kinds import KINDS
from workspai_hooks.enrichment.own import Job, render_all
from workspai_hooks.enrichment.plans import (
    HEADER_READ,
    Messages,
    Refusal,
    breaker_of,
    header_of,
    messages_in,
    plan_of,
    refusals,
    services_in,
    vetoed,
)
from workspai_hooks.enrichment.rendering import render, template_text
from workspai_hooks.enrichment.service_config import service_config, text_of
from workspai_hooks.enrichment.values import RpcService
from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.resilience.model import Provenance
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.protobuf import from_protobuf
from workspai_hooks.resilience.sources.service_config import SUFFIX, from_service_config
from workspai_hooks.source import Location
from workspai_hooks.stubs.contracts import Known
from workspai_hooks.stubs.inventory import Stub

HEADER_BYTES = 1024


class Sidecar(msgspec.Struct, frozen=True, order=True):
    """A file that goes beside a stub, or beside the contract itself (`stub` is empty)."""

    path: str
    contract: str
    stub: str
    content: bytes


class Enriched(msgspec.Struct, frozen=True):
    """`vetoes` are retries that were asked for and are not made; `refused` policies stop everything of their
    contract."""

    sidecars: tuple[Sidecar, ...] = ()
    refused: tuple[Refusal, ...] = ()
    vetoes: tuple[Refusal, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def enriched(
    snapshot: Snapshot,
    stubs: Sequence[Stub],
    known: Known,
    said: Sequence[Said],
    templates: Iterable[tuple[str, str]] = (),
) -> Enriched:
    """All sidecars of `stubs`. `said` are the policies of the configuration, `templates` users' own by
    kind."""
    own = _own_templates(snapshot, templates)
    by_contract: dict[str, list[Stub]] = {}
    for stub in stubs:
        match = known.matches.get(stub.path)
        if match is not None and match.contract in known.files and any(map(_fits(stub), KINDS)):
            by_contract.setdefault(match.contract, []).append(stub)
    configs, wrong = _service_configs(snapshot, {posixpath.dirname(path) for path in by_contract})
    unread = {posixpath.dirname(one.what) for one in wrong}
    messages = messages_in(known.files.values())
    made = [
        _of_contract(snapshot, path, known.files[path], by_contract[path], said, configs, messages, own)
        for path in sorted(by_contract)
        if posixpath.dirname(path) not in unread  # its policies are not known
    ]
    sidecars = tuple(sorted({one.path: one for part in made for one in part.sidecars}.values()))
    return Enriched(
        sidecars,
        tuple(sorted(one for part in made for one in part.refused)),
        tuple(sorted(one for part in made for one in part.vetoes)),
        tuple(sorted({*_contested(made), *wrong})),
    )


def _contested(made: Iterable[Enriched]) -> list[Undecided]:
    """Sidecars that two stubs want, each with another content."""
    wanted: dict[str, set[Sidecar]] = {}
    for part in made:
        for one in part.sidecars:
            wanted.setdefault(one.path, set()).add(one)
    return [
        Undecided(
            path,
            "is the sidecar of several stubs: "
            + ", ".join(sorted(one.stub or one.contract for one in rivals)),
            "generate them into folders of their own, or leave one out (.workspai.yaml, stubs: exclude)",
        )
        for path, rivals in wanted.items()
        if len({one.content for one in rivals}) > 1
    ]


def _of_contract(
    snapshot: Snapshot,
    contract: str,
    file: pb.FileDescriptorProto,
    stubs: Sequence[Stub],
    said: Sequence[Said],
    configs: Mapping[str, tuple[Said, ...]],
    messages: Messages,
    own: Mapping[str, tuple[str, str]],
) -> Enriched:
    folder = posixpath.dirname(contract)
    places = [*said, *configs.get(folder, ()), *from_protobuf(contract, file)]
    services = services_in(contract, file, places)
    refused = refusals(services, messages)
    vetoes = tuple(
        Refusal(f"{service.full_name}/{rpc.name}", _asked(rpc.policy.provenance), "")
        for service in services
        for rpc in service.unary
        if vetoed(rpc.policy)
    )
    if refused:
        return Enriched((), refused, vetoes)
    breaker = breaker_of(contract, places)
    contents = snapshot.read_many(stub.path for stub in stubs)
    sidecars: list[Sidecar] = []
    jobs: list[tuple[str, str, Job]] = []
    for stub in stubs:
        mine = _shared(services, stub)
        if not any(service.unary for service in mine):
            continue
        for kind in filter(_fits(stub), KINDS):
            facts = kind.facts(stub.path, contents[stub.path]) if stub.path in contents else None
            if facts is None:
                continue
            for path, template in sorted(kind.outputs(stub.path, facts).items()):
                text = own[kind.name][1] if kind.name in own else template_text(template)
                plan = plan_of(kind, stub.path, contract, mine, breaker, facts, text, services)
                if kind.name in own:
                    jobs.append((path, stub.path, Job(own[kind.name][0], text, plan)))
                else:
                    content = render(template, plan).encode("utf-8")
                    sidecars.append(Sidecar(path, contract, stub.path, content))
    for (path, stub_path, _), text in zip(jobs, render_all([job for _, _, job in jobs]), strict=True):
        sidecars.append(Sidecar(path, contract, stub_path, text.encode("utf-8")))
    if sidecars:
        sidecars += _config_beside(contract, services, configs)
    return Enriched(tuple(sorted(sidecars)), (), vetoes)


def _config_beside(
    contract: str, services: Sequence[RpcService], configs: Mapping[str, tuple[Said, ...]]
) -> Iterator[Sidecar]:
    """The contract's service config, unless somebody wrote one by hand under that name."""
    path = f"{contract.removesuffix('.proto')}{SUFFIX}"
    by_hand = {one.location.path for entries in configs.values() for one in entries}
    config = service_config(services)
    if config and path not in by_hand:
        yield Sidecar(path, contract, "", text_of(config, header_of(contract, config)).encode("utf-8"))


def _shared(services: Sequence[RpcService], stub: Stub) -> tuple[RpcService, ...]:
    """What the stub has of the contract's services: a sidecar refers to its symbols."""
    there = set(stub.rpcs)
    cut = (
        replace(one, rpcs=tuple(rpc for rpc in one.rpcs if f"{one.full_name}/{rpc.name}" in there))
        for one in services
    )
    return tuple(one for one in cut if one.rpcs)


def _asked(provenance: Iterable[Provenance]) -> Location:
    return next((one.location for one in provenance if one.value == "retry"), Location(""))


def _fits(stub: Stub) -> Callable[[Kind], bool]:
    return lambda kind: kind.generator == stub.generator


def _service_configs(
    snapshot: Snapshot, folders: Collection[str]
) -> tuple[dict[str, tuple[Said, ...]], list[Undecided]]:
    """What people wrote by hand beside contracts, by folder, and what of it is not valid."""
    paths = [path for path in snapshot.paths(SUFFIX) if posixpath.dirname(path) in folders]
    found: dict[str, list[Said]] = {}
    wrong = []
    for path, data in sorted(snapshot.read_many(paths).items()):
        try:
            if not is_ours(data):
                found.setdefault(posixpath.dirname(path), []).extend(from_service_config(path, data))
        except UsageError as error:
            what, _, why = str(error).partition(": ")
            wrong.append(Undecided(what, why, "mend the service config: a runtime refuses or ignores it"))
    return {folder: tuple(said) for folder, said in found.items()}, wrong


def _own_templates(snapshot: Snapshot, own: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Path and text by kind; `UsageError` where one is of no kind, or not here."""
    names = {kind.name for kind in KINDS}
    found = {}
    for kind, path in own:
        if kind not in names:
            raise UsageError(f"stubs: templates: {kind} is no kind; kinds: {', '.join(sorted(names))}")
        text = snapshot.read_many([path]).get(path)
        if text is None:
            raise UsageError(f"stubs: templates: {path}: no such file")
        found[kind] = path, text.decode("utf-8", "replace")
    return found


def is_ours(data: bytes) -> bool:
    """Whether a file was generated by us."""
    return HEADER_READ.search(data[:HEADER_BYTES]) is not None
