"""What the trees for requests have beside those for contracts: calls of names that no source can have.

`(joined)(a, b)` is a text that is put together, `(formatted)("%s", a)` one that is filled in,
`(env)("NAME")` a variable of the environment. In a class's body `(named)("total", "total_amount")` says
what a member is called in JSON (`*`: by which strategy all are), `(base)(…)` where a declarative client
sends its requests, and `(request)("get", "GET", "0", path)` that calling its method of this name (where
the text stands) sends one; the number is that of the parameter which is the body, -1 for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from workspai_hooks.workspace.use_sites.nodes import Nodes
from workspai_hooks.workspace.use_sites.syntax import Call, Class, Do, Expr, Name, Pos, Stmt, Struct, Text

BASE = "(base)"
REQUEST = "(request)"
NAMED = "(named)"


def call_of(name: str, args: Sequence[Expr], pos: Pos) -> Call:
    """A call of a name of ours."""
    return Call(Name(name, pos), tuple(args), (), pos)


def joined(parts: Sequence[Expr], pos: Pos) -> Expr:
    """A text of several pieces."""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Text) else call_of("(joined)", parts, pos)


def summands(nodes: Nodes, node: Node, kind: str = "binary_expression") -> list[Node] | None:
    """The operands of a chain of `+`, in order; None where another operator is among them. A long chain is
    walked, not recursed into. `kind` is what the grammar calls an operation with two operands."""
    operands: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == kind:
        right, operator = left.child_by_field_name("right"), left.child_by_field_name("operator")
        if nodes.text(operator) != "+" or right is None:
            return None
        operands.append(right)
        left = left.child_by_field_name("left")
    return None if left is None else [left, *reversed(operands)]


def named_in_json(member: str, name: str, pos: Pos) -> Stmt:
    """What a member of the class around is called in JSON; empty: it is no part of it."""
    return Do(call_of(NAMED, (Text(member, pos), Text(name, pos)), pos))


def marks(nodes: Sequence[Class | Struct], name: str) -> Iterator[Call]:
    """The marks of one kind in the body of a class."""
    for node in nodes:
        for each in node.body if isinstance(node, Class) else ():
            match each:
                case Do(Call(Name(word)) as mark) if word == name:
                    yield mark
                case _:
                    continue
