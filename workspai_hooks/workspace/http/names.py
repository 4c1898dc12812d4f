"""What expressions are called: for holes in URLs, for symbols of uses."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.syntax import Call, Expr, Generic, Member, Name, Pos


def hint(node: Expr) -> str:
    """What an expression is called: its last names."""
    match node:
        case Name(word):
            return word
        case Member(obj, name):
            outer = hint(obj)
            return f"{outer}.{name}" if outer else name
        case Call(fn):
            return hint(fn)
        case Generic(base):
            return hint(base)
        case _:
            return ""


def symbol_of(node: Call) -> str:
    return hint(node.fn).rpartition(".")[2]


def named_at(node: Call) -> Pos:
    """Where the name of what is called stands."""
    fn = node.fn.base if isinstance(node.fn, Generic) else node.fn
    return fn.pos if isinstance(fn, Name | Member) else node.pos
