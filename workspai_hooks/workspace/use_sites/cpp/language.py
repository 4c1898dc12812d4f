"""C++: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.cpp import includes, lowering
from workspai_hooks.workspace.use_sites.cpp.library import CppLibrary
from workspai_hooks.workspace.use_sites.cpp.naming import CppNaming
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        CppNaming(schema, layout, sources), CppLibrary(schema), implicit_self=True, pairs=True, marked=True
    ),
    heads=includes.heads,
    chooses=includes.relevant,
)
