"""Python: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.python import lowering, relevance
from workspai_hooks.workspace.use_sites.python.library import PythonLibrary
from workspai_hooks.workspace.use_sites.python.naming import PythonNaming
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, _: Dialect(
        PythonNaming(schema, layout), PythonLibrary(), static=False, explicit_self=True
    ),
    heads=relevance.imports,
    chooses=relevance.relevant,
)
