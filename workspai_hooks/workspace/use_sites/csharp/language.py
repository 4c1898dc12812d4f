"""C#: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.csharp import lowering
from workspai_hooks.workspace.use_sites.csharp.library import CSharpLibrary
from workspai_hooks.workspace.use_sites.csharp.naming import CSharpNaming
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        CSharpNaming(schema, layout, sources), CSharpLibrary(), implicit_self=True, pairs=True
    ),
    relays=lambda path, data: b"global using" in data,
)
