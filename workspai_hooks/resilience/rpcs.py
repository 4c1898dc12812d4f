"""Operations as contracts offer them, and how those of protobuf contracts are kept: by package, for a change
asks for few of them, and a home of contracts has ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from posixpath import dirname

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.resilience.said import Said
from workspai_hooks.source import Location
from workspai_hooks.store import Store


class Operation(msgspec.Struct, frozen=True, order=True):
    """`name` is `pkg.Service/Rpc` or `GET /path`; `contract` the file that offers it, `service` the gRPC
    service (empty for HTTP). The types are full names of messages, of rpcs alone."""

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
    """What is kept of a snapshot's contracts: rpcs, what their options say, and what could not be read.
    `others` are names of rpcs that the runtime's own contracts declare (`is_plumbing`), `services` those of
    all services, `packages` of the packages that have one."""

    operations: tuple[Operation, ...] = ()
    said: tuple[Said, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    others: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()


class Outline(msgspec.Struct, frozen=True):
    """Rpcs without operations and what is said of them; `folders` says which packages have some in the
    contracts of a folder."""

    rest: Rpcs
    folders: dict[str, tuple[str, ...]]


class Part(msgspec.Struct, frozen=True):
    """The rpcs of one package, as they stand in `Rpcs`."""

    operations: tuple[Operation, ...] = ()
    said: tuple[Said, ...] = ()


Wanted = Callable[[Outline], Iterable[str]]
"""Which packages of an outline are asked for; others are of no harm."""


def package_of(service: str) -> str:
    """The package of a service by its full name, or of a `service/rpc`."""
    return service.partition("/")[0].rpartition(".")[0]


def keep(store: Store, key: bytes, found: Rpcs) -> None:
    """Keep the rpcs of the contracts that `key` stands for."""
    folders: dict[str, set[str]] = {}
    parts: dict[str, tuple[list[Operation], list[Said]]] = {}
    for one in found.operations:
        package = package_of(one.service)
        folders.setdefault(dirname(one.contract), set()).add(package)
        parts.setdefault(package, ([], []))[0].append(one)
    for said in found.said:
        parts.setdefault(package_of(said.scope), ([], []))[1].append(said)
    rest = Rpcs((), (), found.undecided, found.others, found.services, found.packages)
    outline = Outline(rest, {folder: tuple(sorted(names)) for folder, names in folders.items()})
    store.remember("rpcs", {key: outline})
    rows = {
        Store.key(key, package): Part(tuple(operations), tuple(said))
        for package, (operations, said) in parts.items()
    }
    store.remember("rpcs of a package", rows)


def kept(store: Store, key: bytes, wanted: Wanted | None = None) -> Rpcs | None:
    """The rpcs of the contracts that `key` stands for, those of `wanted` packages or all; None where they are
    not known, or not all of them."""
    outline = store.known("rpcs", [key], Outline).get(key)
    if outline is None:
        return None
    packages = {package for names in outline.folders.values() for package in names}
    if wanted is not None:
        packages &= set(wanted(outline))
    keys = [Store.key(key, package) for package in packages]
    parts = store.known("rpcs of a package", keys, Part)
    if len(parts) < len(packages):
        return None
    rest = outline.rest
    said = sorted((one for part in parts.values() for one in part.said), key=_by_file)
    return Rpcs(
        tuple(sorted(one for part in parts.values() for one in part.operations)),
        tuple(said),
        rest.undecided,
        rest.others,
        rest.services,
        rest.packages,
    )


def _by_file(said: Said) -> tuple[int, str]:
    """The order that what contracts say comes in: by file, the shortest path first."""
    return len(said.location.path), said.location.path
