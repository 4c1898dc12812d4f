"""What following types through a repository's sources gives: uses, implementations, escapes, mentions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Use(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A line that uses a contract element: removing the element breaks this very name.

    `element` as on the command line (`pkg.Msg.field`, `pkg.Service/Rpc`, …); `symbol` is the name as written.
    `kind`: field, oneof, enum, type, call (of an rpc), rpc (any other use of its name), handler,
    registration, import, template (a field read by a template), json (a field that a script reads of a
    message served as JSON). `confidence` is proven (the type was followed) or likely (it was matched or is
    one of several). `writes`: it sets the field, or gives the enum value to somebody; otherwise it reads,
    calls or names it.
    """

    path: str
    line: int
    column: int
    element: str
    symbol: str
    kind: str
    confidence: str = "proven"
    in_test: bool = False
    writes: bool = False


class Implementation(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A line that derives from a service's base, or registers an implementation of it (`how`)."""

    path: str
    line: int
    column: int
    service: str
    how: str
    in_test: bool = False


class Escape(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A whole message, with all that it contains, goes where it can't be followed.

    `how`: `json`, `text`, `bytes` (an encoder makes text or bytes of it), `reflection`, `library` (handed to
    a function outside the repository that is not known to be harmless), `forwarded` (it becomes part of
    another message, or goes into or out of an rpc as it is: receivers are consumers of their own, and unknown
    fields survive, so this alone says little).
    """

    path: str
    line: int
    column: int
    message: str
    how: str
    symbol: str = ""
    in_test: bool = False


class Mention(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A member access by a generated accessor's name on a value whose type could not be found out.

    Only in files that import generated code, or whose unit does. `elements` are those that have this
    accessor.
    """

    path: str
    line: int
    column: int
    name: str
    elements: tuple[str, ...]
    in_test: bool = False


class Found(msgspec.Struct, frozen=True):
    """All of them, each sorted by place."""

    uses: tuple[Use, ...] = ()
    implementations: tuple[Implementation, ...] = ()
    escapes: tuple[Escape, ...] = ()
    mentions: tuple[Mention, ...] = ()

    @property
    def calls(self) -> tuple[Use, ...]:
        """The uses that are calls of an rpc."""
        return tuple(use for use in self.uses if use.kind == "call")


def joined(many: Iterable[Found]) -> Found:
    """What several parts gave, as one."""
    each = list(many)
    return Found(
        tuple(sorted({use for one in each for use in one.uses})),
        tuple(sorted({made for one in each for made in one.implementations})),
        tuple(sorted({escape for one in each for escape in one.escapes})),
        tuple(sorted({mention for one in each for mention in one.mentions})),
    )
