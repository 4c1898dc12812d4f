"""Sorts files into units: sets that one compilation can hold, the same on both sides of a comparison.

Copies of one contract declare the same names, so they can't be compiled together: each gets a unit
of its own. Everything else shares one, because a compilation costs a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from workspai_hooks.contracts.protobuf.resolve import WELL_KNOWN, Closure, closure
from workspai_hooks.contracts.protobuf.tree import Tree

_MANY = 4
"""Who compiles a fourth of all contracts needs most of the others."""


PACK = 3 << 20
"""buf takes 45 bytes of memory for one of a contract: all of googleapis (63 MB) 2.8 GB at once, packs 0.3."""


class Side(msgspec.Struct):
    """What a unit compiles on one side: `targets` are its own files, `files` also what they need."""

    targets: list[str] = msgspec.field(default_factory=list)
    files: set[str] = msgspec.field(default_factory=set)
    names: dict[str, str] = msgspec.field(default_factory=dict)
    _declared: dict[str, str] = msgspec.field(default_factory=dict)

    def takes(self, tree: Tree, more: Closure) -> bool:
        """Whether this closure can be compiled along: each name means and declares one thing only."""
        if any(self.names.get(name, path) != path for name, path in more.names.items()):
            return False
        return all(
            self._declared.get(symbol, path) == path
            for path in more.files - self.files
            for symbol in _symbols(tree, path)
        ) and all(self._declared.get(name, name) == name for name in more.names if name in WELL_KNOWN)

    def add(self, tree: Tree, more: Closure) -> None:
        self.targets.append(more.target)
        self.names.update(more.names)
        for path in more.files - self.files:
            self._declared.update(dict.fromkeys(_symbols(tree, path), path))
        self._declared.update({name: name for name in more.names if name in WELL_KNOWN})
        self.files |= more.files


class Unit(msgspec.Struct):
    """Sides of one compilation, in the order of the trees that it was planned over."""

    sides: tuple[Side, ...]
    folders: set[str] = msgspec.field(default_factory=set)
    """Those that targets stand in, and all above them."""

    def nearness(self, path: str) -> int:
        """How many folders `path` has in common, from the top, with the target that has most."""
        above = list(_above(path))
        return next((len(above) - up for up, folder in enumerate(above) if folder in self.folders), 0)

    @property
    def targets(self) -> list[str]:
        return sorted({path for side in self.sides for path in side.targets})


def plan(trees: tuple[Tree, ...], targets: Iterable[str]) -> list[Unit]:
    """Units that hold all `targets` which exist; a target joins the nearest unit that can take it."""
    units: list[Unit] = []
    wanted = sorted(targets)
    for tree in trees:
        tree.load(wanted if len(wanted) * _MANY < len(tree.paths) else tree.paths)
    for target in wanted:
        closures = [closure(tree, target) if target in tree else None for tree in trees]
        if not any(closures):
            continue
        fitting = [unit for unit in units if _fits(trees, unit, closures)]
        if fitting:
            chosen = fitting[0] if len(fitting) == 1 else max(fitting, key=lambda unit: unit.nearness(target))
        else:
            chosen = Unit(tuple(Side() for _ in trees))
            units.append(chosen)
        chosen.folders.update(_above(target))
        for tree, side, needed in zip(trees, chosen.sides, closures, strict=True):
            if needed:
                side.add(tree, needed)
    return units


def packs(tree: Tree, side: Side) -> list[Side]:
    """The same targets in several compilations of about `PACK` bytes each, where each file is looked at for
    itself; what targets need comes along with each pack."""
    found = [Side()]
    size = 0
    for target in side.targets:
        needed = closure(tree, target)
        if size > PACK:
            found.append(Side())
            size = 0
        size += sum(map(tree.size, needed.files - found[-1].files))
        found[-1].add(tree, needed)
    return found


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first; not the top."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)


def _fits(trees: tuple[Tree, ...], unit: Unit, closures: list[Closure | None]) -> bool:
    return all(
        needed is None or side.takes(tree, needed)
        for tree, side, needed in zip(trees, unit.sides, closures, strict=True)
    )


def _symbols(tree: Tree, path: str) -> Iterable[str]:
    """Names that the file declares; a vendored well-known file collides with buf's own."""
    vendored = (name for name in WELL_KNOWN if path == name or path.endswith("/" + name))
    return (*tree.scan(path).symbols, *vendored)
