"""What attributes of Python's models are called in JSON: aliases of pydantic, attrs and dataclasses-json."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Bind, Call, Class, Expr, Member, Name, Stmt, Text

_ALIASES = ("validation_alias", "alias", "data_key", "field_name", "rename", "serialization_alias")
_CAMEL = ("to_camel", "camelize", "to_lower_camel", "LetterCase.CAMEL", "camel_case")
_PASCAL = ("to_pascal", "LetterCase.PASCAL")
_METHODS = frozenset(
    {
        *("dict", "json", "model_dump", "model_dump_json", "copy", "model_copy", "to_dict"),
        *("to_json", "asdict"),
    }
)
"""What models can do as a whole."""


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of an attribute's property; None for what the class does not declare."""
    known = declared.variables.get(member)
    if known is None:
        return None
    written = _alias(known[0].value)
    return written or _by_generator(declared, member)


def is_dict(declared: ClassDecl) -> bool:
    """Whether it is a TypedDict, or derives from one in the same way."""
    return any(_word(base) == "TypedDict" for base in declared.bases())


def is_required(declared: ClassDecl, member: str) -> bool:
    """Whether a model can't be made without the property: it has no default."""
    known = declared.variables.get(member)
    if known is None or not _is_model(declared):
        return False
    value = known[0].value
    if value is None:
        return not _is_optional(known[0].type)
    if not isinstance(value, Call) or _word(value.fn) not in ("Field", "field"):
        return False
    named = {one.name for one in value.named}
    first = value.args[0] if value.args else None
    return not named & {"default", "default_factory", "factory"} and (
        first is None or (isinstance(first, Name) and first.id == "...")
    )


def _is_model(declared: ClassDecl) -> bool:
    return any(_word(base) in ("BaseModel", "SQLModel", "Struct") for base in declared.bases())


def _is_optional(kind: Expr | None) -> bool:
    return kind is None or "None" in repr(kind) or "Optional" in repr(kind)


def _alias(value: Expr | None) -> str:
    if not isinstance(value, Call):
        return ""
    named = {one.name: one.value for one in value.named}
    for name in _ALIASES:
        given = named.get(name)
        if isinstance(given, Text):
            return given.value
    metadata = named.get("metadata")
    if isinstance(metadata, Call):
        return _alias(metadata)
    return ""


def _by_generator(declared: ClassDecl, member: str) -> str:
    """`alias_generator=to_camel` in the model's configuration."""
    said = repr([_configuration(node.body) for node in declared.nodes if isinstance(node, Class)])
    if any(word in said for word in _CAMEL):
        first, *rest = member.split("_")
        return first + "".join(part[:1].upper() + part[1:] for part in rest)
    if any(word in said for word in _PASCAL):
        return "".join(part[:1].upper() + part[1:] for part in member.split("_"))
    return member


def _configuration(body: tuple[Stmt, ...]) -> list[Stmt]:
    found: list[Stmt] = []
    for each in body:
        if (isinstance(each, Class) and each.name == "Config") or (
            isinstance(each, Bind)
            and any(isinstance(target, Name) and target.id == "model_config" for target in each.targets)
        ):
            found.append(each)
    return found


def _word(node: Expr) -> str:
    return node.id if isinstance(node, Name) else node.name if isinstance(node, Member) else ""
