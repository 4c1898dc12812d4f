"""What other files can learn of a file without following types: its package, imports and top-level names.

While nobody's outline changes, a change inside of functions concerns only the files that know of each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from workspai_hooks.workspace.use_sites.syntax import (
    Bind,
    Block,
    Call,
    Class,
    Do,
    Expr,
    Function,
    Member,
    Name,
    Source,
    Stmt,
    Text,
)


class Outline(msgspec.Struct, frozen=True, array_like=True):
    """A file's outline as texts: equal where nothing that others see has changed."""

    package: str
    imports: tuple[str, ...]
    names: tuple[str, ...]


def outline(source: Source) -> Outline:
    """The outline of a file and of the modules inside it."""
    inner = [outline(one) for one in source.inner]
    return Outline(
        f"{source.language} {source.package} {source.test}",
        tuple(f"{one.path} {one.alias} {one.names} {one.everywhere}" for one in source.imports)
        + tuple(text for one in inner for text in (one.package, *one.imports)),
        tuple(_names(source.body)) + tuple(text for one in inner for text in one.names),
    )


def _names(body: tuple[Stmt, ...], within: str = "") -> Iterator[str]:
    for statement in body:
        match statement:
            case Class():
                bases = [_text(base) for base in statement.bases]
                yield f"class {within}{statement.name} {bases} {_text(statement.alias)}"
                yield from _names(statement.body, f"{within}{statement.name}.")
            case Function():
                yield f"def {within}{statement.name} {statement.decorators} {statement.extends}"
            case Bind() if not within:
                yield " ".join(_text(one) for one in (*statement.targets, *statement.values))
            case Block():
                yield from _names(statement.body, within)
            case Do() if not within:
                yield _text(statement.value)
            case _:
                pass


def _text(node: Expr | None, depth: int = 6) -> str:
    """Names, members, texts and calls of them, as far as naming looks at values."""
    match node:
        case Name(word):
            return word
        case Member(owner, word):
            return f"{_text(owner, depth - 1)}.{word}" if depth else word
        case Text(value):
            return repr(value)
        case Call() if depth:
            named = [f"{one.name}={_text(one.value, depth - 1)}" for one in node.named]
            return f"{_text(node.fn, depth - 1)}({[_text(one, depth - 1) for one in node.args]} {named})"
        case None:
            return ""
        case _:
            return type(node).__name__
