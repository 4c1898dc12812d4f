"""The names that protoc-gen-go and its relatives make of a contract's names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from workspai_hooks.contracts.protobuf.schema import Message

TAKEN = (
    "Reset",
    "String",
    "ProtoMessage",
    "Marshal",
    "Unmarshal",
    "ExtensionRangeArray",
    "ExtensionMap",
    "Descriptor",
)
"""Method names of every generated message (protogen, `newMessage`): a field of such a name gets a `_`."""


@cache
def camel(name: str) -> str:
    """`GoCamelCase` of google.golang.org/protobuf/internal/strs, to the letter."""
    found: list[str] = []
    at = 0
    while at < len(name):
        char = name[at]
        following = name[at + 1 : at + 2]
        if char == "." and _lower(following):
            pass
        elif char == ".":
            found.append("_")
        elif char == "_" and (at == 0 or name[at - 1] == "."):
            found.append("X")
        elif char == "_" and _lower(following):
            pass
        elif char.isdigit():
            found.append(char)
        else:
            found.append(char.upper() if _lower(char) else char)
            while _lower(name[at + 1 : at + 2]):
                at += 1
                found.append(name[at])
        at += 1
    return "".join(found)


def _lower(char: str) -> bool:
    return "a" <= char <= "z"


def relative(name: str, package: str) -> str:
    """A full name without its package: `Outer.Inner`."""
    return name[len(package) + 1 :] if package and name.startswith(f"{package}.") else name


class MessageNames(msgspec.Struct, frozen=True):
    """Go names of a message's fields and oneofs, and of the wrapper structs of its oneofs' fields."""

    fields: Mapping[str, str]
    oneofs: Mapping[str, str]
    wrappers: Mapping[str, str]


def names_of(message: Message, ident: str, siblings: frozenset[str]) -> MessageNames:
    """As protogen's `newMessage` makes them unique. `siblings`: Go names of what is nested in the message."""
    used = set(TAKEN)

    def unique(name: str, has_getter: bool) -> str:
        while name in used or (has_getter and f"Get{name}" in used):
            name += "_"
        used.add(name)
        if has_getter:
            used.add(f"Get{name}")
        return name

    fields: dict[str, str] = {}
    oneofs: dict[str, str] = {}
    wrappers: dict[str, str] = {}
    for name, field in message.fields.items():
        fields[name] = unique(camel(name), True)
        if field.oneof and field.oneof not in oneofs:
            oneofs[field.oneof] = unique(camel(field.oneof), False)
        if field.oneof:
            wrapper = f"{ident}_{fields[name]}"
            while wrapper in siblings:
                wrapper += "_"
            wrappers[name] = wrapper
    return MessageNames(fields, oneofs, wrappers)
