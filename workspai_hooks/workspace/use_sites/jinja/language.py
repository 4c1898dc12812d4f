"""Jinja: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.jinja import lowering
from workspai_hooks.workspace.use_sites.jinja.library import JinjaLibrary
from workspai_hooks.workspace.use_sites.python.naming import PythonNaming
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, _: Dialect(PythonNaming(schema, layout), JinjaLibrary(), static=False),
    relays=lambda path, data: b"{%" in data,
)
