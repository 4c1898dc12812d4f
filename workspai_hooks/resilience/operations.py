"""What contracts offer: each rpc and each HTTP operation, with what its contract itself says of its
policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.changes.snapshot import SYMLINK, Snapshot
from workspai_hooks.contract_files import is_plumbing
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.outline import is_description, outlines
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.contracts.protobuf import outside
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.resilience.said import Said
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf


class Operation(msgspec.Struct, frozen=True, order=True):
    """`name` is `pkg.Service/Rpc` or `GET /path`; `contract` the file that offers it, `service` the gRPC
    service (empty for HTTP). The types are full names of
    messages, of rpcs alone."""

    name: str
    contract: str
    location: Location
    service: str = ""
    client_streaming: bool = False
    server_streaming: bool = False
    request_type: str = ""
    response_type: str = ""

    @property
    def is_grpc(self) -> bool:
        return bool(self.service)

    @property
    def request(self) -> tuple[str, str]:
        """Method and path as they are on the wire; of an rpc `POST /pkg.Service/Rpc`."""
        if self.is_grpc:
            return "POST", f"/{self.name}"
        method, _, path = self.name.partition(" ")
        return method, path


class Rpcs(msgspec.Struct, frozen=True):
    """What is kept of a snapshot's contracts: rpcs, what their options say, and what could not be read."""

    operations: tuple[Operation, ...] = ()
    said: tuple[Said, ...] = ()
    undecided: tuple[Undecided, ...] = ()


def rpcs_of(snapshot: Snapshot, buf: Buf) -> Rpcs:
    """The rpcs of all contracts; of copies of one, those of the shortest path."""
    paths = [path for path in snapshot.paths(".proto") if not is_plumbing(path)]
    if not paths:
        return Rpcs()
    rows = [
        (path, entry.mode, entry.blob)
        for path, entry in snapshot.entries.items()
        if path.endswith(".proto") or entry.mode == SYMLINK or path.rpartition("/")[2].startswith("buf.")
    ]
    key = Store.key(buf.version, rows, outside.state())
    known = snapshot.store.recall("rpcs", [key], Rpcs).get(key)
    if known is not None:
        return known
    found = _compiled(snapshot, buf, paths)
    if all(map(snapshot.lasts, found.undecided)) and not snapshot.store.is_partial:
        snapshot.store.remember("rpcs", {key: found})
    return found


def _compiled(snapshot: Snapshot, buf: Buf, paths: Iterable[str]) -> Rpcs:
    from workspai_hooks.contracts.protobuf.descriptors import descriptors_of  # needs the protobuf runtime
    from workspai_hooks.resilience.sources.protobuf import from_protobuf, rpcs_in

    serving = {path for path, data in snapshot.read_many(paths).items() if b"service" in data}
    read = descriptors_of(snapshot, buf, serving)
    operations: dict[str, Operation] = {}
    said: list[Said] = []
    for path in sorted(serving & set(read.files), key=lambda one: (len(one), one)):
        file = read.files[path]
        for one in rpcs_in(path, file):
            operations.setdefault(one.name, one)
        said += from_protobuf(path, file)
    failed = tuple(sorted(read.failed[path] for path in read.failed if path in serving))
    return Rpcs(tuple(sorted(operations.values())), tuple(said), failed)


def descriptions_of(snapshot: Snapshot) -> tuple[dict[str, Description], list[Undecided]]:
    """The OpenAPI descriptions of a snapshot by path, and those that could not be read."""
    library = Library(snapshot)
    found, wrong = {}, []
    for path, outline in sorted(outlines(snapshot).items()):
        if is_description(outline.version):
            try:
                found[path] = Description(library, path)
            except UndecidedError as error:
                wrong.append(error.undecided)
    return found, wrong


def operations_in(description: Description) -> Iterator[Operation]:
    """The operations of a description."""
    mine = [one for one in description.operations if one.section == "paths"]
    description.library.locate([Place(description.path), *(one.place for one in mine)])
    for one in mine:
        yield Operation(one.element, description.path, description.library.location(one.place))


def by_name(operations: Iterable[Operation]) -> Mapping[str, tuple[Operation, ...]]:
    """Operations by name: several descriptions may have `GET /health`."""
    found: dict[str, list[Operation]] = {}
    for one in operations:
        found.setdefault(one.name, []).append(one)
    return {name: tuple(ones) for name, ones in found.items()}
