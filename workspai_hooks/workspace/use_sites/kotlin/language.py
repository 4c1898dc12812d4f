"""Kotlin: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.jvm import relevance
from workspai_hooks.workspace.use_sites.jvm.naming import JvmNaming
from workspai_hooks.workspace.use_sites.kotlin import lowering
from workspai_hooks.workspace.use_sites.kotlin.library import KotlinLibrary
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        JvmNaming(schema, layout, sources, kotlin=True),
        KotlinLibrary(),
        implicit_self=True,
        this=True,
        pairs=True,
        enclosing=True,
    ),
    looks=relevance.looks,
    chooses=relevance.relevant,
)
