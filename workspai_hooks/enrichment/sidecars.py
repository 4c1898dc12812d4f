"""Which files go beside the stubs and contracts of a snapshot, with their contents. Nothing is written
here."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.enrichment.kinds import KINDS
from workspai_hooks.enrichment.operations import http_refusals, operations_in
from workspai_hooks.enrichment.own import Job, render_all
from workspai_hooks.enrichment.plans import (
    HEADER_READ,
    Messages,
    Offered,
    Refusal,
    breaker_of,
    header_of,
    messages_in,
    place_of,
    plan_of,
    refusals,
    services_in,
    vetoed,
)
from workspai_hooks.enrichment.rendering import render, template_text
from workspai_hooks.enrichment.service_config import service_config, text_of
from workspai_hooks.enrichment.values import RpcService
from workspai_hooks.errors import Undecided, UsageError
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi import from_openapi
from workspai_hooks.resilience.sources.protobuf import from_protobuf
from workspai_hooks.resilience.sources.service_config import SUFFIX, from_service_config
from workspai_hooks.stubs.inventory import Stub
from workspai_hooks.stubs.seen import Seen

HEADER_BYTES = 1024


class Sidecar(msgspec.Struct, frozen=True, order=True):
    """A file that goes beside a stub, or beside the contract itself (`stub` is empty)."""

    path: str
    contract: str
    stub: str
    content: bytes


class Enriched(msgspec.Struct, frozen=True):
    """`vetoes` are retries that were asked for and are not made; `refused` policies stop everything of their
    contract. A sidecar that several stubs have in common, with one content, is there once for each."""

    sidecars: tuple[Sidecar, ...] = ()
    refused: tuple[Refusal, ...] = ()
    vetoes: tuple[Refusal, ...] = ()
    undecided: tuple[Undecided, ...] = ()


class _Wanted(msgspec.Struct, frozen=True):
    """A file that a sidecar may go beside, with what its contract offers and of that the file has."""

    path: str
    generator: str
    offered: Offered
    services: tuple[RpcService, ...] = ()


def enriched(seen: Seen, said: Sequence[Said], templates: Iterable[tuple[str, str]] = ()) -> Enriched:
    """All sidecars of stubs and clients. `said` are the policies of the configuration, `templates` users' own
    by kind."""
    snapshot, known = seen.snapshot, seen.known
    own = _own_templates(snapshot, templates)
    by_contract: dict[str, list[Stub]] = {}
    for stub in seen.stubs:
        match = known.matches.get(stub.path)
        if match is not None and match.contract in known.files and _has_kind(stub.generator):
            by_contract.setdefault(match.contract, []).append(stub)
    configs, wrong = service_configs(snapshot, {posixpath.dirname(path) for path in by_contract})
    unread = {posixpath.dirname(one.what) for one in wrong}
    messages = messages_in(known.files.values())
    offers: list[Offered] = []
    wanted: list[_Wanted] = []
    for path, group in sorted(by_contract.items()):
        if posixpath.dirname(path) in unread:
            continue  # its policies are not known
        offer = rpcs_offered(path, known.files[path], said, configs, messages)
        offers.append(offer)
        wanted += [_Wanted(stub.path, stub.generator, offer, _shared(offer.services, stub)) for stub in group]
    for client in seen.clients:
        description = seen.described.descriptions.get(seen.description_of(client))
        if description is not None and _has_kind(client.generator):
            offer = operations_offered(description, said)
            offers.append(offer)
            wanted += [_Wanted(path, client.generator, offer) for path in client.files]
    sidecars = _made(snapshot, [one for one in wanted if not one.offered.refused], own)
    beside = {one.contract for one in sidecars}
    sidecars += [
        config
        for offer in offers
        if offer.services and offer.contract in beside
        for config in _config_beside(offer.contract, offer.services, configs)
    ]
    return Enriched(
        tuple(sorted(set(sidecars))),
        tuple(sorted({one for offer in offers for one in offer.refused})),
        tuple(sorted({one for offer in offers for one in offer.vetoes})),
        tuple(sorted({*_contested(sidecars), *wrong})),
    )


def _has_kind(generator: str) -> bool:
    return any(kind.generator == generator for kind in KINDS)


def rpcs_offered(
    contract: str,
    file: pb.FileDescriptorProto,
    said: Sequence[Said],
    configs: Mapping[str, tuple[Said, ...]],
    messages: Messages,
) -> Offered:
    """What a protobuf contract offers; `configs` are those of service configs by folder."""
    places = [*said, *configs.get(posixpath.dirname(contract), ()), *from_protobuf(contract, file)]
    services = services_in(contract, file, places)
    vetoes = tuple(
        Refusal(f"{service.full_name}/{rpc.name}", place_of(rpc.policy, "retry"), "")
        for service in services
        for rpc in service.unary
        if vetoed(rpc.policy)
    )
    refused = refusals(services, messages)
    return Offered(contract, breaker_of(contract, places), services, (), refused, vetoes)


def operations_offered(description: Description, said: Sequence[Said]) -> Offered:
    """What a description offers."""
    places = [*said, *from_openapi(description)]
    operations = operations_in(description, places)
    vetoes = tuple(
        Refusal(one.policy.operation, place_of(one.policy, "retry"), "")
        for one in operations
        if vetoed(one.policy)
    )
    refused = http_refusals(operations)
    breaker = breaker_of(description.path, places)
    return Offered(description.path, breaker, (), operations, refused, vetoes)


def _made(snapshot: Snapshot, wanted: Sequence[_Wanted], own: Mapping[str, tuple[str, str]]) -> list[Sidecar]:
    """The sidecars of all files that get one."""
    contents = snapshot.read_many(one.path for one in wanted)
    sidecars: list[Sidecar] = []
    jobs: list[tuple[str, _Wanted, Job]] = []
    for one in wanted:
        if one.path not in contents or not (one.offered.operations or any(s.unary for s in one.services)):
            continue
        for kind in KINDS:
            facts = kind.facts(one.path, contents[one.path]) if kind.generator == one.generator else None
            if facts is None:
                continue
            for path, template in sorted(kind.outputs(one.path, facts).items()):
                text = own[kind.name][1] if kind.name in own else template_text(template)
                plan = plan_of(kind, one.path, one.offered, one.services, facts, text)
                if kind.name in own:
                    jobs.append((path, one, Job(own[kind.name][0], text, plan)))
                else:
                    content = render(template, plan).encode("utf-8")
                    sidecars.append(Sidecar(path, one.offered.contract, one.path, content))
    for (path, one, _), text in zip(jobs, render_all([job for _, _, job in jobs]), strict=True):
        sidecars.append(Sidecar(path, one.offered.contract, one.path, text.encode("utf-8")))
    return sidecars


def _contested(sidecars: Iterable[Sidecar]) -> list[Undecided]:
    """Sidecars that several stubs want, each with another content."""
    wanted: dict[str, set[Sidecar]] = {}
    for one in sidecars:
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


def service_configs(
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
