"""What C#'s properties are called in JSON: by their attributes; without one in any case, as ASP.NET's
defaults, `System.Net.Http.Json` and Newtonsoft do.
"""

from __future__ import annotations

from workspai_hooks.workspace.http.fields_go import ANY_CASE
from workspai_hooks.workspace.http.trees import NAMED, marks
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Text


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a property; None for what is no part of the JSON."""
    for mark in marks(declared.nodes, NAMED):
        match mark.args:
            case (Text(said), Text(name)) if said == member:
                return name or None
            case _:
                continue
    return ANY_CASE + member.lower()
