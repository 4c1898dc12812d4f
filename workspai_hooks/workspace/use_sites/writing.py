"""Whether a use writes: by the name that generators give to setters, and by where in the syntax it stands."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.use_sites.syntax import Either, Expr, Member, Name, Pos

SETTERS = (
    *("add", "addall", "append", "clear", "extend", "insert", "merge", "mutable", "push", "put", "putall"),
    *("remove", "set", "setallocated", "unset", "update", "with"),
)
"""What generators put before a field's name in the names of members that change it."""

MUTATORS = frozenset(
    {
        *("add", "Add", "AddRange", "addAll", "append", "clear", "Clear", "concat", "CopyFrom", "extend"),
        *("insert", "Insert", "MergeFrom", "plusAssign", "pop"),
        *("push", "push_back", "put", "putAll", "remove", "Remove"),
        *("set", "SetInParent", "unshift", "update"),
    }
)
"""Members of containers and messages that change what a field holds: `cart.items.append(…)`."""


def names_a_setter(symbol: str, element: str) -> bool:
    """`setCount`, `add_items`, `mutable_owner` of a field; a field of that very name is read by it."""
    field = element.rpartition(".")[2].replace("_", "").lower()
    name = symbol.replace("_", "").lower()
    return name != field and any(name.startswith(setter + field) for setter in SETTERS)


def given(node: Expr) -> Iterator[Pos]:
    """Where the names stand that an expression may be: what is assigned, returned or handed to a field."""
    match node:
        case Name(pos=pos) | Member(pos=pos):
            yield pos
        case Either(choices=choices):
            for choice in choices:
                yield from given(choice)
        case _:
            pass
