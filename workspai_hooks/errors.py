"""Errors that end a run, and questions that could not be decided. Each carries its remedy."""

from __future__ import annotations

import msgspec


class Undecided(msgspec.Struct, frozen=True, order=True):
    """A question of this change that could not be answered: never green, exit code 3.

    `what` names the question (with path and line where there is one), `why` the reason,
    `remedy` what the user does about it.
    """

    what: str
    why: str
    remedy: str


class UsageError(Exception):
    """Wrong flags or configuration: exit code 2. The message says what is wrong and what is right."""


class UndecidedError(Exception):
    """Raised where a question can't be decided and nothing can go on without it."""

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(f"{what}: {why}")
        self.undecided = Undecided(what, why, remedy)
