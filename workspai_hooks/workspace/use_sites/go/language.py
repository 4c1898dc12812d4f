"""Go and its templates: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.go import lowering, relevance, template
from workspai_hooks.workspace.use_sites.go.library import GoLibrary
from workspai_hooks.workspace.use_sites.go.naming import GoNaming
from workspai_hooks.workspace.use_sites.go.template_library import TemplateLibrary
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.worker import Worker

_latest: list[tuple[Schema, Layout, GoNaming]] = []


def _naming(schema: Schema, layout: Layout) -> GoNaming:
    """One for the code and its templates, and all questions of a run, for it takes the whole contract."""
    for known, around, naming in _latest:
        if known is schema and around is layout:
            return naming
    _latest[:] = [(schema, layout, GoNaming(schema, layout))]
    return _latest[0][2]


WORKER = Worker(
    lowering.lower,
    lambda schema, layout, _: Dialect(_naming(schema, layout), GoLibrary()),
    heads=relevance.imports,
    chooses=relevance.relevant,
)
TEMPLATE = Worker(
    template.lower, lambda schema, layout, _: Dialect(_naming(schema, layout), TemplateLibrary())
)
