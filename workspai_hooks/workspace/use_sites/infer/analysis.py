"""Walks all files of a repository until nothing new is learnt, and gives what that found."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from workspai_hooks.workspace.use_sites.found import Found, joined
from workspai_hooks.workspace.use_sites.infer.knowledge import Key, Reads
from workspai_hooks.workspace.use_sites.infer.parts import parted
from workspai_hooks.workspace.use_sites.infer.program import Dialect, File, Program
from workspai_hooks.workspace.use_sites.infer.scope import Frame, Scope
from workspai_hooks.workspace.use_sites.infer.statements import Statements
from workspai_hooks.workspace.use_sites.syntax import Source, Stmt

RECURSION = 8000
"""Frames for DEEPEST_VALUE nested expressions and the statements around them."""
MOST_WALKS = 8
"""Each walk carries what is known one call further where the order of files does not."""


def find_uses(
    sources: Mapping[str, Source],
    dialects: Mapping[str, Dialect],
    is_test: Callable[[str], bool] = lambda path: False,
    homes: frozenset[str] = frozenset(),
) -> Found:
    """What the sources of one language (and the templates that they render) use of a contract.

    `dialects` by `Source.language`, already built from schema and layout. All files of the repository at
    once: services share packages. Files of other languages are left out. `homes` as for `parted`.
    """
    files = files_of(sources, dialects, is_test)
    accessors = {language: dialect.naming.accessors() for language, dialect in dialects.items()}
    return joined(follow(part, accessors) for part in parted(files, homes))


def files_of(
    sources: Mapping[str, Source], dialects: Mapping[str, Dialect], is_test: Callable[[str], bool]
) -> list[File]:
    """The sources with what their imports bring, and the modules inside them."""
    return [
        _file(path, source, dialects[source.language], source.test or is_test(path))
        for path in sorted(sources)
        if sources[path].language in dialects
        for source in _with_inner(sources[path])
    ]


def follow(files: Sequence[File], accessors: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Found:
    """What the files of one part give; `accessors` by language, as `Naming.accessors` has them."""
    analysis = Statements(Program(files), accessors)
    walk_all(analysis, files)
    return analysis.found()


def walk_all(analysis: Statements, files: Sequence[File]) -> None:
    """Walk all files of a part until nothing new is learnt."""
    analysis.join_parts()
    for file in files:
        analysis.collect(("imports", file.path, file.unit), partial(analysis.walk_imports, file))
    with _deep_recursion():
        _follow(analysis, [piece for file in files for piece in _pieces(file)])


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Nested code is followed by recursion; its depth is bounded by DEEPEST_VALUE, not by Python's
    default.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


Piece = tuple[File, tuple[Stmt, ...]]
"""Statements that are walked together: what they declare for each other stays among them."""


def _pieces(file: File) -> list[Piece]:
    """Each top-level statement; the whole file where its top level runs in order."""
    body = file.source.body
    return [(file, (statement,)) for statement in body] if file.dialect.static else [(file, body)]


def _follow(analysis: Statements, pieces: list[Piece]) -> None:
    """Walk each piece, and again when something that it read has become known better."""
    waiting = deque(range(len(pieces)))
    queued = set(waiting)
    walks = [0] * len(pieces)
    reads: list[Reads] = [{} for _ in pieces]
    readers: dict[Key, set[int]] = {}
    while waiting:
        at = waiting.popleft()
        queued.discard(at)
        walks[at] += 1
        file, statements = pieces[at]
        walk = partial(analysis.walk, statements, Scope(file, None, Frame()))
        reads[at] = analysis.collect(("piece", str(at), ""), walk)
        for key in reads[at]:
            readers.setdefault(key, set()).add(at)
        for key in analysis.knowledge.changed():
            analysis.forget(key)
            for other in sorted(readers.get(key, ())):
                seen = key in reads[other] and analysis.knowledge.is_still(key, reads[other][key])
                if not seen and other not in queued and walks[other] < MOST_WALKS:
                    queued.add(other)
                    waiting.append(other)


def _with_inner(source: Source) -> Iterator[Source]:
    """A file's own tree, and those of the modules inside it."""
    yield source
    for one in source.inner:
        yield from _with_inner(one)


def _file(path: str, source: Source, dialect: Dialect, in_test: bool) -> File:
    naming = dialect.naming
    bindings = {}
    opened = []
    for binding in naming.implicit(path, source):
        if binding.name == "*":
            opened.append(binding)
        else:
            bindings[binding.name] = binding
    found = []
    for imported in source.imports:
        for binding in naming.imports(path, imported):
            found.append((binding, imported.pos))
            if binding.name == "*":
                opened.append(binding)
            else:
                bindings[binding.name] = binding
    unit = naming.unit(path, source)
    return File(path, source, dialect, unit, bindings, tuple(opened), tuple(found), in_test)
