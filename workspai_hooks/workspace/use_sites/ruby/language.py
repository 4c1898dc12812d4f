"""Ruby and ERB: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.ruby import erb, lowering
from workspai_hooks.workspace.use_sites.ruby.library import RubyLibrary
from workspai_hooks.workspace.use_sites.ruby.naming import RubyNaming
from workspai_hooks.workspace.use_sites.syntax import Source
from workspai_hooks.workspace.use_sites.worker import Worker


def _dialect(schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> Dialect:
    return Dialect(
        RubyNaming(schema, layout, sources),
        RubyLibrary(),
        static=False,
        implicit_self=True,
        pairs=True,
        symbols=True,
        calls_bare=True,
    )


WORKER = Worker(lowering.lower, _dialect, relays=lambda path, data: b"_pb" in data or b"erb" in data)
TEMPLATE = Worker(erb.lower, _dialect, relays=lambda path, data: b"<%" in data)
