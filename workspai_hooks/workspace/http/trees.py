"""What the trees for requests have beside those for contracts: calls of names that no source can have.

`(joined)(a, b)` is a text that is put together, `(formatted)("%s", a)` one that is filled in, and in a class's
body `(named)("total", "total_amount")` says what a member is called in JSON, `(base)(url)` where a declarative
client sends its requests. A method that an annotation makes a request is decorated `http GET /orders/{id}`.
"""

from __future__ import annotations

from collections.abc import Sequence

from workspai_hooks.workspace.use_sites.syntax import Call, Do, Expr, Name, Pos, Stmt, Text

REQUEST = "http "
"""Begins the decorator of a method that sends a request; method and path follow, `?` for none."""


def call_of(name: str, args: Sequence[Expr], pos: Pos) -> Call:
    """A call of a name of ours."""
    return Call(Name(name, pos), tuple(args), (), pos)


def joined(parts: Sequence[Expr], pos: Pos) -> Expr:
    """A text of several pieces."""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Text) else call_of("(joined)", parts, pos)


def named_in_json(member: str, name: str, pos: Pos) -> Stmt:
    """What a member of the class around is called in JSON."""
    return Do(call_of("(named)", (Text(member, pos), Text(name, pos)), pos))
