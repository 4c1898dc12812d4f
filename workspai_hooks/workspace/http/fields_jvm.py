"""What fields of Java's and Kotlin's classes are called in JSON, and which accessors stand for them."""

from __future__ import annotations

import re

from workspai_hooks.workspace.http.trees import NAMED, marks
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl
from workspai_hooks.workspace.use_sites.syntax import Text


def json_name(declared: ClassDecl, member: str) -> str | None:
    """The name of a field's property; None for what is no part of the JSON."""
    strategy = ""
    for mark in marks(declared.nodes, NAMED):
        if len(mark.args) == 2 and isinstance(mark.args[0], Text) and isinstance(mark.args[1], Text):
            if mark.args[0].value == member:
                return mark.args[1].value or None
            if mark.args[0].value == "*":
                strategy = mark.args[1].value
    return _by(strategy, member)


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
        return member, False
    for start, sets in (("get", False), ("is", False), ("set", True), ("with", True)):
        rest = member.removeprefix(start)
        if rest != member and rest[:1].isupper():
            for name in (rest[:1].lower() + rest[1:], rest, member):
                if name in declared.variables:
                    return name, sets
    return member, False
