"""What fields of Go's structs are called in JSON: by their tags; without one in any case, as
encoding/json does."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Text

ANY_CASE = "~"
"""Before a name: JSON may have it in any case."""


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a field's property; None for what stays inside."""
    known = declared.variables.get(member)
    if known is None or not member[:1].isupper():
        return None
    tag = known[0].value
    if isinstance(tag, Text):
        return None if tag.value == "-" else tag.value
    return ANY_CASE + member.lower()
