"""Go and its templates: what the table in languages.py loads when a file has to be read."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.go import lowering, relevance, template
from workspai_hooks.workspace.use_sites.go.library import GoLibrary
from workspai_hooks.workspace.use_sites.go.naming import GoNaming
from workspai_hooks.workspace.use_sites.go.template_library import TemplateLibrary
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.worker import Worker

WORKER = Worker(
    lowering.lower,
    lambda schema, layout, _: Dialect(GoNaming(schema, layout), GoLibrary()),
    looks=relevance.imports,
    chooses=relevance.relevant,
)
TEMPLATE = Worker(
    template.lower, lambda schema, layout, _: Dialect(GoNaming(schema, layout), TemplateLibrary())
)
