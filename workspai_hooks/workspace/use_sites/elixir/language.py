"""Elixir and EEx: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.elixir import eex, lowering
from workspai_hooks.workspace.use_sites.elixir.library import ElixirLibrary
from workspai_hooks.workspace.use_sites.elixir.naming import ElixirNaming
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.syntax import Source
from workspai_hooks.workspace.use_sites.worker import Worker


def _dialect(schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> Dialect:
    return Dialect(
        ElixirNaming(schema, layout, sources),
        ElixirLibrary(),
        static=False,
        implicit_self=True,
        pairs=True,
        blocks=True,
        symbols=True,
        calls_bare=True,
    )


WORKER = Worker(lowering.lower, _dialect)
TEMPLATE = Worker(eex.lower, _dialect, relays=lambda path, data: True)
