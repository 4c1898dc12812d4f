"""Which Go files of a repository can matter: those of packages that can name, or get, what a stub
declares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.go.modules import GoModules
from workspai_hooks.workspace.use_sites.naming import Layout

IMPORTS = regex(rb'^import\s*(?:\(([^)]*)\)|(?:[\w.]+\s+)?("[^"\n]+"))', re.MULTILINE)
PATH = regex(rb'"([^"\n]+)"')


def imports(data: bytes) -> tuple[str, ...]:
    """The paths that a file imports."""
    blocks = (block[1] or block[2] or b"" for block in IMPORTS.finditer(data))
    return tuple(quoted[1].decode("utf-8", "replace") for block in blocks for quoted in PATH.finditer(block))


def relevant(imported: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout) -> frozenset[str]:
    """The files of packages that import a stub, that import such a package (however far), or that one of the
    first imports: helpers which take anything.
    """
    modules = GoModules(schema, layout)
    packages: dict[str, set[str]] = {}
    seeing: set[str] = set()
    for path, each in imported.items():
        folder = dirname(path)
        local = packages.setdefault(folder, set())
        if modules.at(folder) is not None:
            seeing.add(folder)
        for one in each:
            where, generated = modules.resolve(one)
            if generated is not None:
                seeing.add(folder)
            elif where:
                local.add(where)
    helpers = {helper for folder in seeing for helper in packages.get(folder, ())}
    wanted = _importers(seeing, packages) | helpers
    return frozenset(path for path in imported if dirname(path) in wanted)


def _importers(seeing: set[str], imports: Mapping[str, set[str]]) -> set[str]:
    """These packages and all that import them, directly or through others."""
    importers: dict[str, set[str]] = {}
    for folder, imported in imports.items():
        for one in imported:
            importers.setdefault(one, set()).add(folder)
    found = set(seeing)
    waiting = list(seeing)
    while waiting:
        for folder in importers.get(waiting.pop(), ()):
            if folder not in found:
                found.add(folder)
                waiting.append(folder)
    return found
