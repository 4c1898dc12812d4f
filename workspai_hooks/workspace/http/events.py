"""What happens with requests, as it is noted while types are followed: in terms of values, which may
still hold parameters of the function that the line stands in (ways.py exchanges them for what callers
hand in).
"""

from __future__ import annotations

import msgspec

from workspai_hooks.workspace.http.values import Place
from workspai_hooks.workspace.use_sites.infer.base import Reports
from workspai_hooks.workspace.use_sites.values import LibraryOf, Value

DYNAMIC = "(dynamic)"
"""Why a part of a body escapes whose key is computed; where it is a list it does not."""


PAGE = "(page) "
"""Before a function's name: what it returns is out of sight where a page that is not followed calls it."""
SHOWN = "a template that is not followed may show it"


class Called(msgspec.Struct, frozen=True):
    """A request is sent."""

    method: Value
    url: Value
    body: Value
    place: Place
    symbol: str
    sure: bool = True
    only_body: bool = False
    """It says what is sent by a request that is noted elsewhere."""


class Touched(msgspec.Struct, frozen=True):
    """A line names a property; `value` is the property as a part of the body."""

    value: LibraryOf
    place: Place
    symbol: str
    sure: bool = True


class Decoded(msgspec.Struct, frozen=True):
    """A part of a body becomes an instance of `kind` (a type, or an instance of it)."""

    kind: Value
    source: Value


class Escaped(msgspec.Struct, frozen=True):
    """A value goes where it can't be followed, with all that it holds."""

    value: Value
    place: Place
    why: str


class Taken(msgspec.Struct, frozen=True):
    """What is done with a response, `how`: its `body` is asked for; something that keeps nothing of it
    has `looked` at its body (a log); only its `status` is asked for, or it is dropped where it is given.
    Who does nothing of this with a response, or is not seen to do anything with its body, handles it in a
    way that is not followed."""

    source: Value
    how: str = "body"


class Took(msgspec.Struct, frozen=True):
    """A member of an instance of a class of the repository is named."""

    owner: str
    name: str
    place: Place
    inside: str
    """The function that the line stands in, by its name; of a method of the same class."""
    sets: bool = False
    origin: LibraryOf | None = None
    """The part of a body that the instance is made of, where it knows."""


class Caller(msgspec.Struct, frozen=True):
    """A call of a function of the repository: what it hands in, by position and for type parameters."""

    args: tuple[Value, ...]
    types: tuple[Value, ...]
    place: Place


Event = Called | Touched | Decoded | Escaped | Taken


class Noted(Reports):
    """What one walk of one piece noted, beside what is reported of contracts."""

    __slots__ = ("added", "called", "callers", "events", "takes")

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[Event, None] = {}
        self.takes: dict[Took, None] = {}
        self.callers: dict[str, dict[Caller, None]] = {}
        self.added: dict[tuple[str, str, Place], None] = {}
        """Keys that are added to a literal behind it: where the literal stands, the key, its place."""
        self.called: set[str] = set()
        """The functions that something calls, also such as are handed to somebody."""
