"""EEx and HEEx templates -> the neutral syntax tree: their code is Elixir, with everything around it blanked.

A template is a Function without a name (what lowers a file does not know it), with one parameter: a record of
what it is given. Names that it does not bind itself are entries of it, `@x` too.
"""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.elixir.expressions import LANGUAGE
from workspai_hooks.workspace.use_sites.elixir.lowering import Lowering
from workspai_hooks.workspace.use_sites.elixir.scopes import CONTEXT
from workspai_hooks.workspace.use_sites.elixir.tags import code_in
from workspai_hooks.workspace.use_sites.nodes import Nodes, named, utf8
from workspai_hooks.workspace.use_sites.syntax import Function, Parameter, Source


def lower(data: bytes) -> Source:
    """The neutral tree of a template; never raises."""
    text = utf8(data).decode("utf-8", "replace")
    lowering = Lowering(Nodes(code_in(text).encode(), LANGUAGE), in_template=True)
    body = lowering.statements(named(lowering.nodes.root))
    whole = Function("", None, (Parameter(CONTEXT, None, (1, 1)),), (), body, (1, 1))
    return Source("eex", "", lowering.imported(), (whole,))
