"""Whose each workload is, and what of a service stands beside what: local beside production."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.environments.values import Means, Stage, Workload
from workspai_hooks.workspace.manifests.facts import Declaration, Naming
from workspai_hooks.workspace.names import plain, without_kind
from workspai_hooks.workspace.services import Service, Services


class Sides(msgspec.Struct, frozen=True):
    """One service: what runs locally, and what stands for production."""

    service: Service
    local: tuple[Workload, ...]
    production: tuple[Workload, ...]
    every: tuple[Workload, ...]


def with_services(found: Iterable[Workload], services: Services) -> tuple[Workload, ...]:
    """The workloads, each with its service where that is certain."""
    owners = _Owners(services)
    return tuple(replace(one, service=owners.of(one)) for one in found)


class _Owners:
    """Declarations by file, with the service that each was joined into."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._by_path: dict[str, list[tuple[Declaration, str]]] = defaultdict(list)
        for service in services.all:
            for one in service.declarations:
                self._by_path[one.location.path].append((one, service.name))

    def of(self, one: Workload) -> str:
        kept = one.means in (Means.COMPOSE, Means.DEVCONTAINER)
        rows = [
            row for row in self._by_path.get(one.place.path, ()) if (row[0].naming is Naming.COMPOSE) == kept
        ]
        same = {name for declared, name in rows if declared.name == one.name}
        same = same or {name for declared, name in rows if _alike(declared.name, one.name)}
        if len(same) == 1:
            return same.pop()
        if len({name for _, name in rows}) == 1 and len(rows) == 1:
            return rows[0][1]
        if same:
            return ""
        known = self._services.named(one.name) or self._services.named(without_kind(one.name))
        return known.name if known is not None else ""


def _alike(declared: str, name: str) -> bool:
    """What a release or an overlay puts around a name: `shop-cart`, `cart-v2`."""
    inner, outer = plain(declared), plain(name)
    return bool(inner) and (outer.endswith(f"-{inner}") or outer.startswith(f"{inner}-"))


def sides_of(found: Iterable[Workload], services: Services) -> list[Sides]:
    """The services that run in more than one place, sorted by name."""
    by_service: Mapping[str, list[Workload]] = _grouped(found)
    rows = []
    for service in services.all:
        every = by_service.get(service.name, [])
        local = tuple(one for one in every if one.stage is Stage.LOCAL)
        production = tuple(_production(every))
        if every:
            rows.append(Sides(service, local, production, tuple(every)))
    return rows


def _grouped(found: Iterable[Workload]) -> dict[str, list[Workload]]:
    by_service: dict[str, list[Workload]] = defaultdict(list)
    for one in found:
        if one.service:
            by_service[one.service].append(one)
    return by_service


def _production(every: list[Workload]) -> Iterator[Workload]:
    """Of each means what is said to be for production; where nothing is, what is of no stage."""
    for means in Means:
        mine = [one for one in every if one.means is means]
        told = [one for one in mine if one.stage is Stage.PRODUCTION]
        yield from told or (one for one in mine if one.stage is Stage.DEFAULT)
