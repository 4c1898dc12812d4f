"""The stubs of a snapshot against its contracts: what each says differently, as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks import rules
from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, HeldStub, Severity, Surface, Verdict
from workspai_hooks.source import Location
from workspai_hooks.stubs.contracts import Known
from workspai_hooks.stubs.inventory import Stub
from workspai_hooks.stubs.matching import Match
from workspai_hooks.stubs.openapi_clients import Client
from workspai_hooks.stubs.seen import Seen
from workspai_hooks.stubs.skew import Difference, Grade, differences

_RULES = {
    Grade.WIRE: rules.BY_NAME["stub-wire-skew"],
    Grade.POLICY: rules.BY_NAME["stub-policy-skew"],
    Grade.COSMETIC: rules.BY_NAME["stub-cosmetic-skew"],
}
_ALL_RPCS = frozenset({"grpc-python", "protoc-gen-go-grpc", "grpc-java", "ts-proto", "grpc-kotlin"})
"""Generators of stubs without a descriptor that leave out no rpc of a service."""
MOST_TOLD = 20
"""Differences of one stub and grade that are findings of their own; the rest is counted."""
Version = Callable[[str, pb.FileDescriptorProto], str | None]
"""Path of a contract and what a stub says -> the commit that said so."""


class Skew(msgspec.Struct, frozen=True):
    """What one stub says differently; `file` is what it says, None of one that has only the paths of rpcs.
    `version` is the contract's, as the stub itself tells it (OpenAPI)."""

    stub: Stub
    contract: str
    differences: tuple[Difference, ...]
    file: pb.FileDescriptorProto | None = None
    version: str = ""


def skews(seen: Seen) -> list[Skew]:
    """One for each stub and client whose contract is here, the equal ones among them."""
    return [*_stub_skews(seen), *_client_skews(seen)]


def _stub_skews(seen: Seen) -> Iterator[Skew]:
    known = seen.known
    carrying = [one.path for one in seen.stubs if one.has_descriptor and known.contract_of(one) is not None]
    contents = seen.snapshot.read_many(carrying)
    for stub in seen.stubs:
        contract = known.contract_of(stub)
        if contract is None:
            continue
        path = known.matches[stub.path].contract
        file = descriptor(contents[stub.path], stub.path) if stub.path in contents else None
        if file is not None:
            found = differences(contract, file, custom_options=path not in known.lent)
            yield Skew(stub, path, found, file)
        elif stub.rpcs and stub.generator in _ALL_RPCS:
            yield Skew(stub, path, tuple(_rpcs(contract, stub)))


def _client_skews(seen: Seen) -> Iterator[Skew]:
    """A client stands where its description, or its first file, does."""
    for client in seen.clients:
        if path := seen.description_of(client):
            found = seen.described.differences.get(client.root, ())
            yield Skew(as_stub(client), path, found, version=client.contract_version)


def as_stub(client: Client) -> Stub:
    """A client as the stub that it is."""
    path = client.carried or client.files[0]
    return Stub(path, client.service, client.generator, client.version)


def _rpcs(contract: pb.FileDescriptorProto, stub: Stub) -> Iterator[Difference]:
    """Of services that both have, the rpcs that only one has."""
    prefix = f"{contract.package}." if contract.package else ""
    services = {rpc.partition("/")[0] for rpc in stub.rpcs}
    declared = {
        f"{prefix}{service.name}/{rpc.name}"
        for service in contract.service
        if prefix + service.name in services
        for rpc in service.method
    }
    own = {rpc for rpc in stub.rpcs if rpc.partition("/")[0] in {one.partition("/")[0] for one in declared}}
    for rpc in sorted(declared ^ own):
        text = f"rpc {rpc.rpartition('/')[2]}"
        yield Difference(Grade.WIRE, rpc, text if rpc in declared else "", text if rpc in own else "")


def findings_of(
    skew: Skew, version: Version, pinned: Iterable[str], before: frozenset[Difference]
) -> Iterator[Finding]:
    """What of one stub is more than cosmetic; `before` is what it said differently before the commit under
    way."""
    failing = [one for one in skew.differences if one.grade is not Grade.COSMETIC]
    if not failing:
        return
    is_pinned = any(fnmatchcase(skew.stub.path, pattern) for pattern in pinned)
    spoken = version(skew.contract, skew.file) if skew.file is not None else skew.version or None
    for number, one in enumerate(failing[:MOST_TOLD], 1):
        rule = _RULES[one.grade]
        rest = len(failing) - number if number == MOST_TOLD else 0
        yield Finding(
            rule=rule.id,
            severity=Severity.NOTE if is_pinned else rule.severity,
            contract="stub",
            element=_element(one, skew.contract),
            message=_message(skew, one, spoken) + (f"; and {rest} more" if rest else ""),
            location=Location(skew.stub.path),
            surfaces=(Surface.JSON, Surface.WIRE) if one.grade is Grade.WIRE else (),
            introduced="branch" if one in before else "commit",
            related=(Location(skew.contract),),
            consumers=(_holder(skew, spoken),),
            change=f"{one.contract or 'nothing'} -> {one.stub or 'nothing'}",
            home=skew.stub.path,
        )


def cosmetic(every: Sequence[Skew]) -> Iterator[Finding]:
    """One a contract for all its stubs: generators set options of languages by themselves (buf's managed
    mode), so that there are many and none matters."""
    rule = _RULES[Grade.COSMETIC]
    by_contract: dict[str, list[Skew]] = {}
    for skew in every:
        if any(map(_is_cosmetic, skew.differences)):
            by_contract.setdefault(skew.contract, []).append(skew)
    for contract, group in sorted(by_contract.items()):
        names = sorted({_option(one) for skew in group for one in skew.differences if _is_cosmetic(one)})
        told = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
        count = "a stub differs" if len(group) == 1 else f"{len(group)} stubs differ"
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            contract="stub",
            element=f"file:{contract}",
            message=f"{count} from {contract} in what is cosmetic: {told}",
            location=Location(contract),
            related=tuple(Location(skew.stub.path) for skew in group),
            introduced="branch",
        )


def _is_cosmetic(one: Difference) -> bool:
    return one.grade is Grade.COSMETIC


def _option(one: Difference) -> str:
    """What a difference is in: the name of an option, or the version that a description gives itself."""
    return one.element if one.element == "info.version" else (one.contract or one.stub).partition(" ")[0]


def unread_options(every: Iterable[Skew], known: Known) -> Iterator[Finding]:
    """Contracts whose custom options could not be compared with those of their stubs: one for each file that
    is missing, as a repository that lacks one needs it everywhere."""
    rule = rules.BY_NAME["stub-options-unread"]
    by_missing: dict[str, list[str]] = {}
    for contract in sorted({skew.contract for skew in every} & set(known.lent)):
        by_missing.setdefault(known.lent[contract], []).append(contract)
    for missing, (first, *more) in sorted(by_missing.items()):
        of = f"{first} and {len(more)} more" if more else first
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            contract="stub",
            element=f"file:{first}",
            message=f"custom options of {of} were not compared: {missing} is neither here nor in buf's cache",
            location=Location(first),
            related=tuple(Location(contract) for contract in more),
            introduced="branch",
        )


def _element(one: Difference, contract: str) -> str:
    return f"file:{contract}" if one.element in ("file", "syntax", "info.version") else one.element


def _message(skew: Skew, one: Difference, spoken: str | None) -> str:
    says = f"the contract says {one.contract}" if one.contract else "the contract has no such thing"
    stub = f"the stub says {one.stub}" if one.stub else "the stub has no such thing"
    known = spoken[:12] if spoken and skew.file is not None else f"version {spoken}" if spoken else ""
    when = f" (generated from {known})" if known else ""
    return f"{one.element}: {says}, {stub}{when}"


def _holder(skew: Skew, spoken: str | None) -> Consumer:
    return Consumer(skew.stub.service, "consumer", Verdict.REGENERATES, stub=HeldStub(skew.stub.path, spoken))


_TELL = "keep one of them, or leave it out (.workspai.yaml, stubs: exclude)"


def open_questions(seen: Seen) -> Iterator[Undecided]:
    """Stubs and clients whose contract can't be told, or can't be read."""
    yield from seen.described.failed.values()
    for client in seen.clients:
        if claims := seen.described.matches.get(client.root, Match()).claims:
            yield Undecided(client.root or ".", f"may be of {' or of '.join(claims)}, which differ", _TELL)
    for stub in seen.stubs:
        match = seen.known.matches[stub.path]
        if stub.is_damaged and (match.contract or match.claims):
            yield Undecided(
                stub.path,
                "is a generated stub whose descriptor can't be read: it is cut off or was edited",
                f"generate it anew from {match.contract or 'its contract'}",
            )
        elif not (stub.has_descriptor or stub.rpcs):
            continue  # there is nothing in it that could differ
        elif match.claims:
            yield Undecided(stub.path, f"may be of {' or of '.join(match.claims)}, which differ", _TELL)
        elif match.contract in seen.known.failed and match.contract not in seen.known.files:
            yield seen.known.failed[match.contract]
