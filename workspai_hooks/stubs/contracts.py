"""Stubs of a snapshot with the contracts that they were generated from, and what these say today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.descriptors import Descriptors, descriptors_of
from workspai_hooks.errors import Undecided
from workspai_hooks.stubs.inventory import Stub, declared
from workspai_hooks.stubs.matching import Contract, Contracts, Match, is_at, plain_name
from workspai_hooks.tools.buf import Buf


class Known(msgspec.Struct, frozen=True):
    """`matches` is by path of the stub; the rest as in `Descriptors`, by path of the contract."""

    matches: Mapping[str, Match]
    files: Mapping[str, pb.FileDescriptorProto]
    failed: Mapping[str, Undecided]
    lent: Mapping[str, str]

    def contract_of(self, stub: Stub) -> pb.FileDescriptorProto | None:
        """The contract of a stub, where it is here and compiles."""
        match = self.matches.get(stub.path)
        return self.files.get(match.contract) if match is not None and match.contract else None


def with_contracts(
    snapshot: Snapshot, buf: Buf, stubs: Sequence[Stub], service_at: Callable[[str], str | None]
) -> Known:
    """Match stubs to contracts, those contracts alone being compiled that one may have been made of."""
    wanted = _candidates(snapshot, stubs)
    read = descriptors_of(snapshot, buf, wanted) if wanted else Descriptors({}, {}, {})
    contracts = Contracts(
        [_contract(snapshot, path, read.files[path]) for path in sorted(wanted) if path in read.files],
        service_at,
    )
    matches = {}
    for stub in stubs:
        lost = sorted(path for path in read.failed if stub.source and is_at(path, stub.source))
        match = Match(lost[0]) if lost else contracts.of(stub)
        matches[stub.path] = match
    return Known(matches, read.files, read.failed, read.lent)


def _contract(snapshot: Snapshot, path: str, file: pb.FileDescriptorProto) -> Contract:
    prefix = f"{file.package}." if file.package else ""
    services = frozenset(prefix + service.name for service in file.service)
    return Contract(path, snapshot.entries[path].blob, file.package, services, declared(file))


def _candidates(snapshot: Snapshot, stubs: Iterable[Stub]) -> set[str]:
    """Contracts that have the file name which a stub tells, or a service that one which tells none has."""
    named = {plain_name(stub.source) for stub in stubs if stub.source}
    paths = snapshot.paths(".proto")
    found = {path for path in paths if plain_name(path) in named}
    here = {plain_name(path) for path in found}
    nameless = [stub for stub in stubs if stub.rpcs and plain_name(stub.source) not in here]
    words = {rpc.partition("/")[0].rpartition(".")[2].encode() for stub in nameless for rpc in stub.rpcs}
    if words:
        rest = [path for path in paths if path not in found]
        texts = snapshot.read_many(rest)
        found |= {path for path, text in texts.items() if b"service" in text and _says(text, words)}
    return found


def _says(text: bytes, words: Collection[bytes]) -> bool:
    return any(word in text for word in words)
