"""What a run was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from workspai_hooks.changes.base import DEFAULT
from workspai_hooks.errors import UsageError

Tell = Callable[[str], None]
"""Takes a word on what is going on, for whoever waits at a terminal."""


class Request(msgspec.Struct, frozen=True):
    """What a run was asked. `stage` None: by a person; `pushed`: git's lines on a pre-push hook's stdin,
    None where git did not say what is pushed.

    `bases` are what is compared with, each a revision, `tag:PATTERN` or `default`; none: the stage's own.
    `whole`: all that the index breaks, not what the commit under way adds to it. `asks`: somebody has looked
    already whether the commit under way asks anything, and it may.
    """

    folder: Path
    stage: str | None = None
    bases: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None
    pushed: str | None = None
    only: str | None = None
    whole: bool = False
    asks: bool = False

    def refuse_contradictions(self) -> None:
        """`UsageError` for flags that do not go together."""
        if self.old is not None and self.bases:
            raise UsageError("--base takes a merge base and --from is exact: give one of them")
        if "" in self.bases:
            raise UsageError("--base: name a revision, tag:PATTERN or default")
        if self.new is not None and self.old is None:
            raise UsageError("--to REF needs --from REF")

    def compared_with(self, configured: tuple[str, ...]) -> tuple[str, ...]:
        """The bases; those that the repository configures count at a push and in CI."""
        if self.bases or self.old is not None:
            return self.bases or ("",)
        gate = self.whole or self.stage in ("pre-push", "ci")
        return (configured if gate else ()) or (DEFAULT,)

    @property
    def tells_all(self) -> bool:
        """Whether every fault of the change is told, so that what is not told is not there."""
        return self.only is None and self.old is None

    @property
    def at_commit(self) -> bool:
        """Whether only what the commit under way does may fail it."""
        asked = self.stage == "pre-commit" or (self.stage is None and not self.bases)
        return asked and self.old is None and not self.whole
