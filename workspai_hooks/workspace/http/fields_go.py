"""What fields of Go's structs are called in JSON: by their tags; without one in any case, as
encoding/json does."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Text

ANY_CASE = "~"
"""Before a name: JSON may have it in any case."""
_WHOLE = regex(r"^(?:JSON|XML|YAML)(?:\d{3}|[1-5]XX|Default)$")
"""The fields of oapi-codegen's responses that are the body."""


def field_of(declared: ClassDecl, member: str) -> tuple[str, bool]:
    """The field that an accessor of generated models stands for, and whether it sets it."""
    if member not in declared.variables:
        for start, sets in (("Get", False), ("Set", True)):
            name = member.removeprefix(start).removesuffix("Ok")
            if name != member and name in declared.variables:
                return name, sets
    return member, False


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a field's property, empty for the whole body; None for what stays inside."""
    if _WHOLE.match(member):
        return ""
    known = declared.variables.get(member)
    if known is None or not member[:1].isupper():
        return None
    tag = known[0].value
    if isinstance(tag, Text):
        return None if tag.value == "-" else tag.value
    return ANY_CASE + member.lower()
