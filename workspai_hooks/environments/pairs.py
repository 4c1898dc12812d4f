"""Images that run locally beside those of the same program that run in production."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.environments.images import Image, image_of, parted, same_program
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import ImageUse, Workload
from workspai_hooks.environments.versions import Change
from workspai_hooks.source import Location


class Use(msgspec.Struct, frozen=True):
    """An image where it is used."""

    image: Image
    use: ImageUse
    workload: Workload

    @property
    def told(self) -> str:
        """Its name and tag, without registry and digest."""
        return f"{self.image.path}:{self.image.tag}"


class Pair(msgspec.Struct, frozen=True):
    """One program of a service in two versions; `more` are further production lines that say another.
    `agrees`: elsewhere production runs the local version, too."""

    service: str
    local: Use
    production: Use
    change: Change
    more: tuple[Use, ...]
    agrees: bool = False

    @property
    def places(self) -> tuple[Location, ...]:
        """The lines that say the versions, the local one first."""
        uses = (self.local, self.production, *self.more)
        return tuple(dict.fromkeys(one.use.location for one in uses))

    @property
    def program(self) -> str:
        return self.local.image.store or self.local.image.path


def pairs(scene: Scene) -> Iterator[Pair]:
    """All images that differ, those of one service first; a store that goes by two names in the two
    environments is compared where each has only one of its kind."""
    alone: list[tuple[str, list[Use], list[Use]]] = []
    for sides in scene.sides:
        local, production = _uses(sides.local), _uses(sides.production)
        if local and production:
            yield from _of(scene, sides.service.name, local, production)
        else:
            alone.append((sides.service.name, local, production))
    yield from _stores(scene, alone)


def _uses(workloads: Sequence[Workload]) -> list[Use]:
    return [Use(image_of(use.text), use, one) for one in workloads for use in one.images]


def _of(scene: Scene, service: str, local: Sequence[Use], production: Sequence[Use]) -> Iterator[Pair]:
    programs: dict[str, list[tuple[Use, Use, Change]]] = defaultdict(list)
    for one in local:
        for other in production:
            if not same_program(one.image, other.image) or scene.are_apart(one.workload, other.workload):
                continue
            change = parted(one.image, other.image)
            if change is not None:
                programs[one.image.store or one.image.path].append((one, other, change))
    for rows in programs.values():
        rows.sort(key=lambda row: (row[2], len(row[0].use.location.path), row[0].use, row[1].use))
        first, other, change = rows[0]
        agrees = any(
            same_program(first.image, each.image) and first.image.version == each.image.version
            for each in production
        )
        yield Pair(
            service, first, other, change, tuple(each for mine, each, _ in rows[1:] if mine == first), agrees
        )


def _stores(scene: Scene, alone: Sequence[tuple[str, list[Use], list[Use]]]) -> Iterator[Pair]:
    """Stores that compose and a cluster call differently, of systems that share an application."""
    if not any(sides.local and sides.production for sides in scene.sides):
        return
    local: dict[str, list[tuple[str, Use]]] = defaultdict(list)
    production: dict[str, list[tuple[str, Use]]] = defaultdict(list)
    for name, mine, theirs in alone:
        for target, uses in ((local, mine), (production, theirs)):
            for use in uses:
                if use.image.store and use.workload.stays:
                    target[use.image.store].append((name, use))
    for store, rows in local.items():
        others = production.get(store, [])
        if len({name for name, _ in rows}) == 1 and len({name for name, _ in others}) == 1:
            yield from _of(scene, rows[0][0], [use for _, use in rows], [use for _, use in others])
