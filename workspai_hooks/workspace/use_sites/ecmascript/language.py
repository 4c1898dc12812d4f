"""JavaScript and TypeScript: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.ecmascript import lowering, relevance
from workspai_hooks.workspace.use_sites.ecmascript.library import EcmaLibrary
from workspai_hooks.workspace.use_sites.ecmascript.naming import EcmaNaming
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        EcmaNaming(schema, layout, sources),
        EcmaLibrary(),
        static=False,
        pairs=True,
        structural=True,
        this=True,
        blocks=True,
    ),
    looks=relevance.near,
    chooses=relevance.relevant,
)
