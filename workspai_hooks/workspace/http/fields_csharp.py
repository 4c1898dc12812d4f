"""What C#'s properties are called in JSON: by their attributes; without one in any case, as ASP.NET's
defaults, `System.Net.Http.Json` and Newtonsoft do.
"""

from __future__ import annotations

from workspai_hooks.workspace.http.fields_go import ANY_CASE
from workspai_hooks.workspace.http.trees import NAMED, marks
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Text


def field_of(declared: ClassDecl, member: str) -> tuple[str, bool]:
    """The property that a parameter of a constructor fills: of the same name but for its case."""
    if member not in declared.variables:
        alike = [name for name in declared.variables if name.lower() == member.lower()]
        if len(alike) == 1:
            return alike[0], False
    return member, False


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a property; None for what is no part of the JSON."""
    for mark in marks(declared.nodes, NAMED):
        match mark.args:
            case (Text(said), Text(name)) if said == member:
                return name or None
            case _:
                continue
    return ANY_CASE + member.lower()
