"""Compiles what a comparison (or one snapshot) needs, and says what it declares and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import images
from workspai_hooks.contracts.protobuf.describe import Described, Visit, describe
from workspai_hooks.contracts.protobuf.images import Image
from workspai_hooks.contracts.protobuf.resolve import import_path
from workspai_hooks.contracts.protobuf.schema import EnumType, Message, Schema, Service
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.contracts.protobuf.units import Side, packs, plan
from workspai_hooks.errors import Undecided
from workspai_hooks.tools.buf import Buf


class Compiled(msgspec.Struct, frozen=True):
    """A side of a unit: its image, and what the targets in it declare."""

    image: Image
    described: Described


class Pair(msgspec.Struct, frozen=True):
    """A unit on both sides of a comparison."""

    base: Compiled
    head: Compiled
    same: bool
    """Whether both sides hold the same files with the same content: nothing can have broken here."""


def compile_pairs(buf: Buf, base: Tree, head: Tree, targets: Iterable[str]) -> list[Pair]:
    """Compile all `targets` on both sides; a unit that is the same on both is compiled once."""
    wanted = [path for path in targets if head.is_target(path) or base.is_target(path)]
    units = plan((base, head), wanted)
    work: list[tuple[Tree, Side]] = []
    unchanged = []
    for unit in units:
        before, after = unit.sides
        unchanged.append(_same(base, before, head, after))
        work.append((head, after))
        if not unchanged[-1]:
            work.append((base, before))
    answers = iter([_describe(tree, side, image) for (tree, side), image in _compile(buf, work)])
    pairs = []
    for same in unchanged:
        after_side = next(answers)
        pairs.append(Pair(after_side if same else next(answers), after_side, same))
    return pairs


def describe_all(
    snapshot: Snapshot, buf: Buf, paths: Iterable[str] | None = None, visit: Visit = None
) -> tuple[list[Described], tuple[tuple[str, Undecided], ...]]:
    """The same unit by unit, so that copies stay apart; what could not be read by its path."""
    tree = Tree(snapshot, Blobs())
    chosen = tree.paths if paths is None else paths
    units = plan((tree,), [path for path in chosen if tree.is_target(path) and path not in tree.links])
    parts = [(unit.sides[0], pack) for unit in units for pack in packs(tree, unit.sides[0])]
    several = len(parts) > len(units)
    answers = images.compile_all(buf, [(tree, pack) for _, pack in parts], keeps=not several)
    compiled = [_describe(tree, side, image, visit) for (side, _), image in zip(parts, answers, strict=True)]
    errors = {error for one in compiled for error in one.image.errors}
    errors |= {(problem.what, problem) for problem in tree.config_errors}
    return [one.described for one in compiled], tuple(sorted(errors))


def merged(parts: Iterable[Described], first: Iterable[str] = ()) -> Schema:
    """One schema of several units. A name that several declare comes from `first`, else the shortest path."""
    preferred = set(first)

    def key(path: str) -> tuple[bool, int, str]:
        return (path not in preferred, len(path), path)

    every = sorted(parts, key=lambda part: min(map(key, part.files), default=(True, 0, "")))
    files = {path: file for part in every for path, file in part.files.items()}
    return Schema(
        dict(sorted(files.items())),
        _first([part.messages for part in every], key),
        _first([part.enums for part in every], key),
        _first([part.services for part in every], key),
    )


_Named = TypeVar("_Named", Message, EnumType, Service)


def _first(
    tables: Iterable[Mapping[str, _Named]], key: Callable[[str], tuple[bool, int, str]]
) -> dict[str, _Named]:
    chosen: dict[str, _Named] = {}
    for table in tables:
        for name, declared in table.items():
            if name not in chosen or key(declared.file) < key(chosen[name].file):
                chosen[name] = declared
    return dict(sorted(chosen.items()))


def _compile(buf: Buf, work: list[tuple[Tree, Side]]) -> Iterable[tuple[tuple[Tree, Side], Image]]:
    return zip(work, images.compile_all(buf, work), strict=True)


def _describe(tree: Tree, side: Side, image: Image, visit: Visit = None) -> Compiled:
    imported_as: dict[str, list[str]] = {}
    for name, path in side.names.items():
        imported_as.setdefault(path, []).append(name)

    def path_of(path: str) -> str:
        return import_path(tree, path, imported_as.get(path, ()))

    return Compiled(image, describe(image.data, image.targets, path_of, visit, tree.snapshot.store))


def _same(base: Tree, before: Side, head: Tree, after: Side) -> bool:
    return (
        before.files == after.files
        and before.names == after.names
        and sorted(before.targets) == sorted(after.targets)
        and all(base.blob(path) == head.blob(path) for path in before.files)
    )
