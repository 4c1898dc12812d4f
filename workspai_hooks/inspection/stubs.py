"""The stubs of a snapshot against its contracts: what each says differently, as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks import rules
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer, Finding, HeldStub, Severity, Surface, Verdict
from workspai_hooks.source import Location
from workspai_hooks.stubs.contracts import Known
from workspai_hooks.stubs.inventory import Stub
from workspai_hooks.stubs.skew import Difference, Grade, differences

_RULES = {
    Grade.WIRE: rules.BY_NAME["stub-wire-skew"],
    Grade.POLICY: rules.BY_NAME["stub-policy-skew"],
    Grade.COSMETIC: rules.BY_NAME["stub-cosmetic-skew"],
}
MOST_TOLD = 20
"""Differences of one stub and grade that are findings of their own; the rest is counted."""
Version = Callable[[str, pb.FileDescriptorProto], str | None]
"""Path of a contract and what a stub says -> the commit that said so."""


class Skew(msgspec.Struct, frozen=True):
    """What one stub says differently; `file` is what it says, None of one that has only the paths of rpcs."""

    stub: Stub
    contract: str
    differences: tuple[Difference, ...]
    file: pb.FileDescriptorProto | None = None


def skews(snapshot: Snapshot, stubs: Sequence[Stub], known: Known) -> Iterator[Skew]:
    """One for each stub whose contract is here, the equal ones among them."""
    carrying = [stub.path for stub in stubs if stub.has_descriptor and known.contract_of(stub) is not None]
    contents = snapshot.read_many(carrying)
    for stub in stubs:
        contract = known.contract_of(stub)
        if contract is None:
            continue
        path = known.matches[stub.path].contract
        file = descriptor(contents[stub.path], stub.path) if stub.path in contents else None
        if file is not None:
            yield Skew(stub, path, differences(contract, file), file)
        elif stub.rpcs and not stub.has_descriptor:
            yield Skew(stub, path, tuple(_rpcs(contract, stub)))


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
) -> list[Finding]:
    """Findings of one stub; `before` is what it said differently before the commit under way."""
    found = []
    is_pinned = any(fnmatchcase(skew.stub.path, pattern) for pattern in pinned)
    failing = [one for one in skew.differences if one.grade is not Grade.COSMETIC]
    spoken = version(skew.contract, skew.file) if failing and skew.file is not None else None
    for grade, rule in _RULES.items():
        mine = [one for one in skew.differences if one.grade is grade]
        told = mine if grade is not Grade.COSMETIC else mine[:1]
        for number, one in enumerate(told[:MOST_TOLD]):
            rest = len(mine) - number - 1 if number + 1 == min(len(told), MOST_TOLD) else 0
            found.append(
                Finding(
                    rule=rule.id,
                    severity=Severity.NOTE if is_pinned else rule.severity,
                    contract="stub",
                    element=one.element,
                    message=_message(skew, one, spoken) + (f"; and {rest} more" if rest else ""),
                    location=Location(skew.stub.path),
                    surfaces=(Surface.JSON, Surface.WIRE) if grade is Grade.WIRE else (),
                    introduced="branch" if one in before else "commit",
                    related=(Location(skew.contract),),
                    consumers=(_holder(skew, spoken),),
                    change=f"{one.contract or 'nothing'} -> {one.stub or 'nothing'}",
                    home=skew.stub.path,
                )
            )
    return found


def _message(skew: Skew, one: Difference, spoken: str | None) -> str:
    says = f"the contract says {one.contract}" if one.contract else "the contract has no such thing"
    stub = f"the stub says {one.stub}" if one.stub else "the stub has no such thing"
    when = f" (generated from {spoken[:12]})" if spoken else ""
    return f"{one.element}: {says}, {stub}{when}"


def _holder(skew: Skew, spoken: str | None) -> Consumer:
    return Consumer(skew.stub.service, "consumer", Verdict.REGENERATES, stub=HeldStub(skew.stub.path, spoken))


def open_questions(stubs: Iterable[Stub], known: Known) -> Iterator[Undecided]:
    """Stubs whose contract can't be told, or can't be read."""
    for stub in stubs:
        match = known.matches.get(stub.path)
        if match is None:
            continue
        if match.claims:
            yield Undecided(
                stub.path,
                f"may be of {' or of '.join(match.claims)}, which differ",
                "keep one of them, or leave the stub out (.workspai.yaml, stubs: exclude)",
            )
        elif match.contract in known.failed and match.contract not in known.files:
            yield known.failed[match.contract]
