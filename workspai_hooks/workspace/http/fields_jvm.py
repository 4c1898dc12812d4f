"""What fields of Java's and Kotlin's classes are called in JSON, and which accessors stand for them."""

from __future__ import annotations

import re

from workspai_hooks.workspace.http.trees import NAMED, marks
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Expr, Member, Name, Text


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a field's property; None for what is no part of the JSON."""
    if member.isupper() and "_" in member:
        return None  # a constant
    strategy = ""
    for mark in marks(declared.nodes, NAMED):
        match mark.args:
            case (Text(said), written) if said == member:
                name = _constant(declared, written)
                if name is not None:
                    return name or None
            case (Text("*"), Text(said)):
                strategy = said
            case _:
                continue
    return _by(strategy, member)


def _constant(declared: ClassDecl, written: Expr) -> str | None:
    """A text as it stands, or that of a constant of the class."""
    if isinstance(written, Name | Member):
        name = written.id if isinstance(written, Name) else written.name
        known = declared.variables.get(name)
        value = None if known is None else known[0].value
    else:
        value = written
    return value.value if isinstance(value, Text) else None


def _by(strategy: str, member: str) -> str:
    """Jackson's strategies."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", member).lower()
    if strategy.startswith("Snake"):
        return words
    if strategy.startswith("Kebab"):
        return words.replace("_", "-")
    if strategy.startswith("UpperCamel"):
        return member[:1].upper() + member[1:]
    return member.lower() if strategy.startswith("LowerCase") else member


def field_of(declared: ClassDecl, member: str) -> tuple[str, bool]:
    """The field that an accessor stands for, and whether it sets it."""
    if member in declared.variables:
        method = declared.methods.get(member)
        return member, method is not None and bool(method.node.parameters)  # a fluent setter
    for start, sets in (("get", False), ("is", False), ("set", True), ("with", True)):
        rest = member.removeprefix(start)
        if rest != member and rest[:1].isupper():
            for name in (rest[:1].lower() + rest[1:], rest, member):
                if name in declared.variables:
                    return name, sets
    return member, False
