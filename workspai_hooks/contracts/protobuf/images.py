"""Compiles units to buf images.

Files are handed over under their paths in the repository, and their import strings are rewritten to
these, so that nested roots, vendored folders and workspaces need no treatment of their own, and a row
of buf names a repository path.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError
from msgspec.structs import replace

from workspai_hooks.contracts.protobuf import asked, pieces
from workspai_hooks.contracts.protobuf.resolve import PACKAGED, WELL_KNOWN, Closure, closure
from workspai_hooks.contracts.protobuf.scan import with_imports
from workspai_hooks.contracts.protobuf.serialized import (
    file_name,
    files_of,
    name_of,
    renamed,
    repository_path,
)
from workspai_hooks.contracts.protobuf.standin import without_options
from workspai_hooks.contracts.protobuf.tree import STANDIN, Tree, lent_package
from workspai_hooks.contracts.protobuf.units import Side
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.tools import buf as buf_tool
from workspai_hooks.tools.buf import Buf

FIX = "fix the proto, stage it and commit again"
_ROUNDS = 6
_AT_ONCE = max(2, min(4, os.cpu_count() or 1))
"""Processes of buf, each of which uses several processors."""


class Image(msgspec.Struct, frozen=True):
    """A compiled side of a unit: buf's bytes, the targets in it, and what could not be compiled, by path."""

    data: bytes
    targets: frozenset[str]
    errors: tuple[tuple[str, Undecided], ...] = ()
    lent: tuple[str, ...] = ()
    """Imports without whose options it was compiled."""


NOTHING = Image(b"", frozenset())


def compile_all(buf: Buf, sides: Sequence[tuple[Tree, Side]], *, keeps: bool = True) -> list[Image]:
    """One image for each side; in parallel, as each is a process of its own. `keeps`: for the next run.

    Copies with the same content are compiled once.
    """
    shapes = [_shape(*pair) for pair in sides]
    first = {shape: index for index, shape in reversed(list(enumerate(shapes)))}

    def compiled(index: int) -> Image:
        return compile_side(buf, *sides[index], keeps=keeps)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        chosen = sorted(first.values())
        images = dict(zip(chosen, pool.map(compiled, chosen), strict=True))
    return [
        images[index] if index in images else _copy(buf, images[first[shape]], first[shape], index, sides)
        for index, shape in enumerate(shapes)
    ]


def compile_later(
    buf: Buf, sides: Sequence[tuple[Tree, Side]], *, keeps: bool = True
) -> Callable[[], list[Image]]:
    """The same, begun now beside what the caller does next; what it returns waits for it."""
    pool = ThreadPoolExecutor(max_workers=1)
    begun = pool.submit(compile_all, buf, sides, keeps=keeps)
    pool.shutdown(wait=False)
    return begun.result


def _shape(tree: Tree, side: Side) -> Hashable:
    """Equal for sides that hold the same contents with the same imports among them, under whatever paths."""
    files = [
        (
            tree.blob(path),
            path in side.targets,
            tuple(tree.blob(side.names.get(item.name, "")) for item in tree.scan(path).imports),
        )
        for path in sorted(side.files, key=tree.blob)
    ]
    return tuple(files)


def _copy(buf: Buf, image: Image, original: int, index: int, sides: Sequence[tuple[Tree, Side]]) -> Image:
    """The image of a side that has the shape of another one, under its own paths."""
    (tree, side), (other_tree, other) = sides[index], sides[original]
    paths = {tree.blob(path): path for path in side.files}
    if image.errors or len(paths) != len(side.files):
        return compile_side(buf, tree, side)
    names = {path: paths[other_tree.blob(path)] for path in other.files}
    targets = frozenset(names[path] for path in image.targets)
    return Image(renamed(image.data, names), targets, lent=image.lent)


def compile_side(buf: Buf, tree: Tree, side: Side, *, keeps: bool = True) -> Image:
    """Compile a side. Files that don't compile are left out with those that need them, the rest is kept."""
    needs = {path: closure(tree, path) for path in side.targets}
    errors = _broken(tree, needs)
    for _ in range(_ROUNDS):
        left = sorted(path for path in needs if path not in errors)
        if not left:
            break
        try:
            built = _build(buf, tree, side, {file for path in left for file in needs[path].files}, keeps)
        except UndecidedError as error:
            errors.update(dict.fromkeys(left, error.undecided))
            break
        failed = {repository_path(row.path): _compile_error(row) for row in reversed(built.errors)}
        failed.update(_too_deep(built.image))
        if not failed:
            lent = {one.statement.name for path in left for one in needs[path].lent}
            return Image(built.image, frozenset(left), tuple(sorted(errors.items())), tuple(sorted(lent)))
        hit = {path: _first_failed(path, needs[path], failed) for path in left}
        found = {path: _explained(problem, tree, needs[path]) for path, problem in hit.items() if problem}
        errors.update(found or dict.fromkeys(left, next(iter(failed.values()))))
    else:
        why = "so many files don't compile that the rest was given up"
        rest = [path for path in needs if path not in errors]
        errors.update({path: Undecided(path, why, FIX) for path in rest})
    return Image(b"", frozenset(), tuple(sorted(errors.items())))


def _broken(tree: Tree, needs: Mapping[str, Closure]) -> dict[str, Undecided]:
    """Files that can't be compiled as they, or files that they need, are missing or are no text."""
    errors = {path: needed.missing[0].undecided for path, needed in needs.items() if needed.missing}
    every = sorted({file for needed in needs.values() for file in needed.files})
    unreadable = {file: problem for file in every if (problem := tree.unreadable(file))}
    if unreadable:
        for path, needed in needs.items():
            if problem := _first_failed(path, needed, unreadable):
                errors[path] = problem
    return errors


def _first_failed(path: str, needed: Closure, failed: Mapping[str, Undecided]) -> Undecided | None:
    return next((failed[file] for file in (path, *sorted(needed.files)) if file in failed), None)


def _explained(problem: Undecided, tree: Tree, needed: Closure) -> Undecided:
    """Why a file does not compile, where the reason may be that what it imports is not what it means."""
    lent = [one for one in needed.lent if lent_package(needed.names[one.statement.name]) in problem.why]
    module = tree.module(needed.target)
    other = sorted(path for path in needed.files if path.startswith(PACKAGED))
    if other and not lent and module is not None and module.dependencies:
        why = f"{other[0].removeprefix(PACKAGED)} was read from a package, not from the commit in buf.lock"
        remedy = f"{problem.remedy}, or run `buf build` once"
        return replace(problem, why=f"{problem.why}; {why}", remedy=remedy)
    for first in (lent or needed.lent)[:1]:
        return replace(problem, why=f"{problem.why}; {first.why}", remedy=first.remedy)
    return problem


def _too_deep(image: bytes) -> dict[str, Undecided]:
    """Files whose descriptors can't be read: protobuf refuses more than about a hundred levels."""
    failed = {}
    for data in files_of(image):
        try:
            pb.FileDescriptorProto.FromString(data)
        except DecodeError:
            path = repository_path(name_of(data))
            failed[path] = Undecided(path, "its declarations are nested too deeply to be read", FIX)
    return failed


def _build(buf: Buf, tree: Tree, side: Side, files: Collection[str], keeps: bool) -> buf_tool.Built:
    """An image of some files; with the repository's own well-known ones, where these are no hindrance: who
    compiles a file compiles it against the same."""
    more = _well_known(tree, files)
    if more:
        built = _built(buf, tree, side, {*files, *more}, keeps)
        if not built.errors:
            return built
    return _built(buf, tree, side, files, keeps)


def _well_known(tree: Tree, files: Collection[str]) -> set[str]:
    """Well-known files that stand in the repository where their names say, and that `files` import."""
    found: set[str] = set()
    waiting = list(files)
    while waiting:
        names = {one.name for one in tree.scan(waiting.pop()).imports} & WELL_KNOWN
        new = {name for name in names - found if name not in files and tree.is_target(name)}
        found |= new
        waiting += new
    return found


def _built(buf: Buf, tree: Tree, side: Side, files: Collection[str], keeps: bool) -> buf_tool.Built:
    names = {name: file_name(path) if path else name for name, path in side.names.items()}
    lent = {lent_package(path) for path in files if path.startswith(STANDIN)}
    contents = {}
    imports = {}
    for path in files:
        scanned = tree.scan(path)
        text = with_imports(tree.text(path), scanned, names)
        contents[file_name(path)] = without_options(text, lent) if lent else text
        imports[file_name(path)] = [names.get(one.name, one.name) for one in scanned.imports]
    store = tree.snapshot.store
    if not keeps:
        return asked.build(buf, contents, store, keeps=False)
    return pieces.build(buf, contents, imports, store)


def _compile_error(row: buf_tool.Row) -> Undecided:
    return Undecided(f"{repository_path(row.path)}:{row.line}:{row.column}", row.message, FIX)
