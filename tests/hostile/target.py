"""A row of the table: one reader of ours, what it may be given, and how it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from hostile import strategies


class Target(msgspec.Struct, frozen=True):
    """`read` must end in a value or in one of the errors that `refuses` names: never in another exception.

    `seeds` are valid inputs, from which hostile ones are made; `form` is how Hypothesis makes others.
    `weight`: how many inputs it gets, beside the others; slow readers get fewer.
    """

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    form: strategies.Form = strategies.code
    refuses: tuple[type[Exception], ...] = ()
    weight: float = 1.0
