"""Which contract of the repository a stub was generated from: by the name, the package and the rpcs it tells.

Services keep copies of one contract, so that several may fit: the copy of the stub's own service is taken,
then one that is nobody's, then another service's; of these the one whose folder is nearest. Copies that are
the same byte by byte are one. Where two are left that differ, nobody can say which it is. Many contracts of
many packages are called alike (`admin/v1/admin.proto`): one that has the bare name of a stub's contract and
none of its declarations is another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from posixpath import basename, dirname
from typing import Protocol

import msgspec

from workspai_hooks.stubs.inventory import Stub


class Contract(msgspec.Struct, frozen=True):
    """What is asked of a contract: its content's id, its package, the full names of its services, and
    the names at its top without the package."""

    path: str
    blob: str
    package: str
    services: frozenset[str]
    declares: frozenset[str] = frozenset()


class Match(msgspec.Struct, frozen=True):
    """`contract` is a path, empty where the stub's contract is not here; `claims` are several that differ and
    are equally near."""

    contract: str = ""
    claims: tuple[str, ...] = ()


def plain_name(path: str) -> str:
    """A contract's file name as names of stubs have it: Python's have an underscore for a hyphen."""
    return basename(path).replace("-", "_")


def is_at(path: str, source: str) -> bool:
    """Whether a contract's path ends in what a stub calls it."""
    return f"/{path}".replace("-", "_").endswith(f"/{source}".replace("-", "_"))


class Ranked(Protocol):
    """What may have been what a stub was made of: where it stands, and its content's id."""

    @property
    def path(self) -> str: ...
    @property
    def blob(self) -> str: ...


Nearness = tuple[int, int, int]
ServiceAt = Callable[[str], str | None]
"""Path -> service, None outside of all."""


def nearest(candidates: Iterable[Ranked], nearness: Callable[[str], Nearness]) -> Match:
    """The nearest of them, the first of those that are the same byte by byte; `nearness` is of a path."""
    ranked = [(nearness(one.path), one) for one in candidates]
    best = min((rank for rank, _ in ranked), default=None)
    near = [one for rank, one in ranked if rank == best]
    if len({one.blob for one in near}) > 1:
        return Match(claims=tuple(one.path for one in near))
    return Match(near[0].path) if near else Match()


def nearness(held: str, folder: str, contract: str, service_at: ServiceAt) -> Nearness:
    """How far a contract is from what is `held` in a folder; the smaller, the nearer."""
    owner = service_at(contract)
    own = 0 if owner is not None and owner == service_at(held) else 1 if owner is None else 2
    here, home = folder.split("/"), dirname(contract).split("/")
    shared = next((n for n, pair in enumerate(zip(here, home, strict=False)) if pair[0] != pair[1]), None)
    return own, -(min(len(here), len(home)) if shared is None else shared), len(home)


class Contracts:
    """The contracts of a snapshot, ready to be matched."""

    def __init__(self, contracts: Iterable[Contract], service_at: ServiceAt) -> None:
        self._all = sorted(contracts, key=lambda one: one.path)
        self._service_at = service_at
        self._by_name: dict[str, list[Contract]] = {}
        self._by_service: dict[str, list[Contract]] = {}
        for one in self._all:
            self._by_name.setdefault(plain_name(one.path), []).append(one)
            for service in one.services:
                self._by_service.setdefault(service, []).append(one)

    def of(self, stub: Stub) -> Match:
        """The contract of one stub."""
        folder = dirname(stub.path)
        return nearest(
            self._candidates(stub), lambda path: nearness(stub.path, folder, path, self._service_at)
        )

    def _candidates(self, stub: Stub) -> Collection[Contract]:
        named = self._by_name.get(plain_name(stub.source), []) if stub.source else []
        named = [one for one in named if stub.package in (None, one.package)]
        whole = [one for one in named if is_at(one.path, stub.source)]
        if not whole and stub.package is None and "/" in stub.source:
            named = []  # of another folder, and nothing but the file's name speaks for it
        fitting = [one for one in whole or named if not _is_another(stub, one)]
        if len(fitting) > 1 and stub.rpcs:
            services = {rpc.partition("/")[0] for rpc in stub.rpcs}
            fitting = [one for one in fitting if services <= one.services] or fitting
        return fitting or self._declaring(stub)

    def _declaring(self, stub: Stub) -> list[Contract]:
        """Contracts that declare all services whose rpcs the stub has: it was renamed, or tells no name."""
        services = {rpc.partition("/")[0] for rpc in stub.rpcs}
        if not services:
            return []
        found: Mapping[str, Contract] = {
            one.path: one for service in sorted(services) for one in self._by_service.get(service, ())
        }
        return [one for one in found.values() if services <= one.services]


def _is_another(stub: Stub, contract: Contract) -> bool:
    """Whether nothing but a bare file name and the package speaks for a contract, and all that the two
    declare speaks against it. A single declaration may have been renamed."""
    if "/" in stub.source or dirname(stub.path) == dirname(contract.path):
        return False
    return min(len(stub.declares), len(contract.declares)) > 1 and stub.declares.isdisjoint(contract.declares)
