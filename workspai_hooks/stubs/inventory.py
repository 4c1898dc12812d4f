"""Every generated file of a snapshot: who wrote it, from which contract, whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import SOURCE_SUFFIXES
from workspai_hooks.store import Store
from workspai_hooks.stubs.marker import Contract
from workspai_hooks.stubs.methods import methods
from workspai_hooks.stubs.recognise import Generated, generated, made_by, may_be_generated

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

MAX_BYTES = 16 * 1024 * 1024
_OURS = "workspai-hooks"
"""The generator of our own sidecars."""


class Stub(msgspec.Struct, frozen=True, order=True):
    """A generated stub.

    `service` is the service or library that holds it; `source` the .proto as the stub names it, the way
    imports do; `package` is None where the stub does not tell. `has_descriptor`: it carries the contract
    itself.
    `rpcs` are elements, `pkg.Service/Rpc`; `declares` the names at the top of the descriptor, without the
    package. `is_damaged`: it should carry the contract, and what it carries can't be read.
    """

    path: str
    service: str
    generator: str
    version: str = ""
    source: str = ""
    package: str | None = None
    has_descriptor: bool = False
    rpcs: tuple[str, ...] = ()
    is_damaged: bool = False
    declares: frozenset[str] = frozenset()


class _Read(msgspec.Struct, frozen=True):
    """What one file says, whoever's it is."""

    generator: str = ""
    version: str = ""
    source: str = ""
    package: str | None = None
    has_descriptor: bool = False
    rpcs: tuple[str, ...] = ()
    is_damaged: bool = False
    declares: tuple[str, ...] = ()


_CARRIES = frozenset({"protoc-python", "protoc-gen-go"})
"""Generators whose every file has a descriptor."""
_CARRIED_IN = (b"AddSerializedFile(", b"descriptorData =", b'fileDesc("', b"FromBase64String(")
"""What stands before a descriptor in files of generators that put it into one of several."""


def find_stubs(snapshot: Snapshot, consumer_at: Callable[[str], str]) -> tuple[Stub, ...]:
    """All protobuf stubs of a snapshot, sorted by path. `consumer_at`: path -> service or library."""
    paths = [path for path in snapshot.paths() if may_be_generated(path)]

    def read(some: list[str]) -> dict[str, _Read]:
        return {path: _read(path, data) for path, data in snapshot.contents(some)}

    keys = {path: Store.key(path.rpartition("/")[2], snapshot.entries[path].blob) for path in paths}
    known = snapshot.store.each("stubs", keys, _Read, read)
    return tuple(
        Stub(
            path,
            consumer_at(path),
            one.generator,
            one.version,
            one.source,
            one.package,
            one.has_descriptor,
            one.rpcs,
            one.is_damaged,
            frozenset(one.declares),
        )
        for path, one in sorted(known.items())
        if one.generator
    )


class Other(msgspec.Struct, frozen=True, order=True):
    """A generated file that is no stub of a protobuf contract. `generator` is `unknown` where nobody's row
    fits its header; `named` is what the header calls it then."""

    path: str
    service: str
    generator: str
    version: str = ""
    named: str = ""


def find_others(snapshot: Snapshot, consumer_at: Callable[[str], str], known: Collection[str]) -> list[Other]:
    """All other generated sources of a snapshot, sorted; `known` are paths that are told of already."""
    paths = [path for path in snapshot.paths(*SOURCE_SUFFIXES) if path not in known]

    def read(some: list[str]) -> dict[str, Generated]:
        texts = snapshot.contents(some)
        return {path: made_by(data, path) or Generated("") for path, data in texts}

    keys = {path: Store.key(path.rpartition("/")[2], snapshot.entries[path].blob) for path in paths}
    found = snapshot.store.each("generated", keys, Generated, read)
    return [
        Other(path, consumer_at(path), one.generator, one.version, one.named)
        for path, one in sorted(found.items())
        if one.generator and one.contract is not Contract.PROTOBUF and one.generator != _OURS
    ]


def _read(path: str, data: bytes) -> _Read:
    header = generated(data, path) if 0 < len(data) <= MAX_BYTES else None
    if header is None:
        return _Read()
    from workspai_hooks.contracts.protobuf.embedded import descriptor  # needs the protobuf runtime

    file = descriptor(data, path)
    if file is None:
        source = header.source or _named_after(path, data)
        damaged = (header.generator in _CARRIES and not path.endswith(".pyi")) or any(
            mark in data for mark in _CARRIED_IN
        )
        return _Read(
            header.generator, header.version, source, None, False, tuple(sorted(methods(data))), damaged
        )
    prefix = f"{file.package}." if file.package else ""
    rpcs = tuple(
        sorted(f"{prefix}{service.name}/{rpc.name}" for service in file.service for rpc in service.method)
    )
    declares = tuple(sorted(declared(file)))
    return _Read(header.generator, header.version, file.name, file.package, True, rpcs, False, declares)


def declared(file: FileDescriptorProto) -> frozenset[str]:
    """The names of a contract's messages, enums and services, without the package."""
    types = {one.name for one in file.message_type} | {one.name for one in file.enum_type}
    return frozenset(types | {one.name for one in file.service})


def _named_after(path: str, data: bytes) -> str:
    """The contract that a stub of gRPC for Python is of: by its own name, and the folder that it imports the
    messages from."""
    module = path.rpartition("/")[2].removesuffix("_grpc.py")
    if not module.endswith("_pb2"):
        return ""
    imported = re.search(rb"(?m)^from (\w[\w.]{0,500}) import " + re.escape(module.encode()) + rb"\b", data)
    folder = _text(imported[1]).replace(".", "/") + "/" if imported else ""
    return f"{folder}{module.removesuffix('_pb2')}.proto"


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace")
