"""Runs rounds over all files of a repository until nothing new is learnt, and gives what they found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.infer.program import Dialect, File, Program
from workspai_hooks.workspace.use_sites.infer.statements import Statements
from workspai_hooks.workspace.use_sites.syntax import Source

MAX_ROUNDS = 6
"""Each round carries what is known one call further where the order of files does not."""


def find_uses(
    sources: Mapping[str, Source],
    dialects: Mapping[str, Dialect],
    is_test: Callable[[str], bool] = lambda path: False,
) -> Found:
    """What the sources of one language (and the templates that they render) use of a contract.

    `dialects` by `Source.language`, already built from schema and layout. All files of the repository at once:
    services share packages. Files of other languages are left out.
    """
    files = [
        _file(path, sources[path], dialects[sources[path].language], is_test(path))
        for path in sorted(sources)
        if sources[path].language in dialects
    ]
    program = Program(files)
    accessors = {language: dialect.naming.accessors() for language, dialect in dialects.items()}
    analysis = Statements(program, accessors)
    for _ in range(MAX_ROUNDS):
        analysis.begin_round()
        for file in files:
            analysis.walk_file(file)
        if not analysis.knowledge.stale:
            break
    return analysis.found()


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
