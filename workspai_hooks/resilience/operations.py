"""What contracts offer: each rpc and each HTTP operation, with what its contract itself says of its
policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contract_files import SERVICE_CONFIG, SOURCE_SUFFIXES, is_plumbing
from workspai_hooks.contracts.protobuf import outside
from workspai_hooks.contracts.protobuf.declared import looked_at, schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.resilience import rpcs as kept_rpcs
from workspai_hooks.resilience.rpcs import Operation as Operation
from workspai_hooks.resilience.rpcs import Rpcs as Rpcs
from workspai_hooks.resilience.said import Said
from workspai_hooks.store import Store
from workspai_hooks.tools.buf import Buf

if TYPE_CHECKING:
    from google.protobuf import descriptor_pb2 as pb

    from workspai_hooks.contracts.openapi.description import Description

GOOGLE = "google/"
_SERVES = regex(rb"service(?:\s*+/[/*]|\s++[A-Za-z_]\w*+\s*+(?:\{|/[/*]))")
"""What stands in every contract that declares one, and in few others."""


def rpcs_and_schema(snapshot: Snapshot, buf: Buf) -> tuple[Callable[[], Rpcs], Schema]:
    """The rpcs of all contracts (of copies of one, those of the shortest path), when asked for, and all that
    contracts declare where there are sources that may use it: compiled once for both."""
    if not snapshot.paths(*SOURCE_SUFFIXES):
        return rpcs_later(snapshot, buf), Schema({}, {}, {}, {})
    gathered = _Gathered(snapshot)
    schema, unread = schema_of(snapshot, buf, visit=gathered.add)
    key, known = _known(snapshot, buf)
    if known is None and gathered.files and not unread:
        known = gathered.all(())
        _keep(snapshot, key, known)
    return (rpcs_later(snapshot, buf) if known is None else lambda: known), schema


def rpcs_later(snapshot: Snapshot, buf: Buf) -> Callable[[], Rpcs]:
    """The rpcs alone: only contracts with services in them are looked into. What has to be compiled is
    compiled beside what the caller does until it asks."""
    if not snapshot.paths(".proto"):
        return Rpcs
    key, known = _known(snapshot, buf)
    if known is not None:
        return lambda: known
    from workspai_hooks.contracts.protobuf.descriptors import begin  # needs protobuf's runtime

    paths = snapshot.paths(".proto")
    serving = {path for path, data in snapshot.contents(paths) if _SERVES.search(data)}
    finish = begin(snapshot, buf, serving)

    def rpcs() -> Rpcs:
        gathered = _Gathered(snapshot)
        failed = finish(gathered.add)
        found = gathered.all(failed)
        _keep(snapshot, key, found)
        return found

    return rpcs


def known_rpcs(snapshot: Snapshot, wanted: kept_rpcs.Wanted) -> Rpcs | None:
    """The rpcs of some packages, where none need be compiled."""
    from workspai_hooks.tools.buf import resolve_buf

    return kept_rpcs.kept(snapshot.store, _key(snapshot, resolve_buf()), wanted)


def _known(snapshot: Snapshot, buf: Buf) -> tuple[bytes, Rpcs | None]:
    key = _key(snapshot, buf)
    return key, kept_rpcs.kept(snapshot.store, key)


def _key(snapshot: Snapshot, buf: Buf) -> bytes:
    """Of all that the rpcs depend on."""
    return Store.key(buf.version, looked_at(snapshot), outside.state(), _are_made_here(snapshot))


def _keep(snapshot: Snapshot, key: bytes, found: Rpcs) -> None:
    if all(map(snapshot.lasts, found.undecided)) and not snapshot.store.is_partial:
        kept_rpcs.keep(snapshot.store, key, found)


def _are_made_here(snapshot: Snapshot) -> bool:
    """Whether the repository is the home of Google's contracts, or a mirror of it: they lie at its top, with
    the service configs that are their authors' own. Elsewhere they are copies that somebody imports."""
    return any(path.startswith(GOOGLE) for path in snapshot.paths(SERVICE_CONFIG))


class _Gathered:
    """Takes files as they are compiled."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._made_here = _are_made_here(snapshot)
        self.files: dict[str, tuple[list[Operation], list[Said], frozenset[str]]] = {}

    def add(self, path: str, file: pb.FileDescriptorProto) -> None:
        from workspai_hooks.resilience.sources.protobuf import from_protobuf, lines_of, rpcs_in

        if file.service:
            prefix = f"{file.package}." if file.package else ""
            services = frozenset(prefix + one.name for one in file.service)
            lines = lines_of(file)
            said = list(from_protobuf(path, file, lines))
            self.files[path] = (list(rpcs_in(path, file, lines)), said, services)

    def all(self, undecided: Iterable[Undecided]) -> Rpcs:
        operations: dict[str, Operation] = {}
        said: list[Said] = []
        others: set[str] = set()
        services: set[str] = set()
        for path in sorted(self.files, key=lambda one: (len(one), one)):
            mine, says, names = self.files[path]
            services |= names
            if is_plumbing(path) and not (self._made_here and path.startswith(GOOGLE)):
                others.update(one.name for one in mine)
                continue
            for one in mine:
                operations.setdefault(one.name, one)
            said += says
        return Rpcs(
            tuple(sorted(operations.values())),
            tuple(said),
            tuple(sorted(set(undecided))),
            frozenset(others),
            frozenset(services),
            frozenset(one.rpartition(".")[0] for one in services),
        )


def descriptions_of(snapshot: Snapshot) -> tuple[dict[str, Description], list[Undecided]]:
    """The OpenAPI descriptions of a snapshot by path, and those that could not be read."""
    from workspai_hooks.contracts.openapi.description import Description
    from workspai_hooks.contracts.openapi.library import Library
    from workspai_hooks.contracts.openapi.outline import is_description, outlines

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
    from workspai_hooks.contracts.openapi.places import Place

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
