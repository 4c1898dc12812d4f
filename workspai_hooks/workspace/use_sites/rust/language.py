"""Rust: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.rust import crates, lowering
from workspai_hooks.workspace.use_sites.rust.library import RustLibrary
from workspai_hooks.workspace.use_sites.rust.naming import RustNaming
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, sources: Dialect(
        RustNaming(schema, layout, sources), RustLibrary(), pairs=True, reexports=True
    ),
    heads=crates.heads,
    chooses=crates.relevant,
)
