"""What a run was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from workspai_hooks.errors import UsageError

Tell = Callable[[str], None]
"""Takes a word on what is going on, for whoever waits at a terminal."""


class Request(msgspec.Struct, frozen=True):
    """What a run was asked. `stage` None: by a person; `pushed`: git's lines on a pre-push hook's stdin, None
    where git did not say what is pushed."""

    folder: Path
    stage: str | None = None
    base: str | None = None
    old: str | None = None
    new: str | None = None
    pushed: str | None = None
    only: str | None = None

    def refuse_contradictions(self) -> None:
        """`UsageError` for flags that do not go together."""
        if self.old is not None and self.base is not None:
            raise UsageError("--base takes a merge base and --from is exact: give one of them")
        if self.new is not None and self.old is None:
            raise UsageError("--to REF needs --from REF")

    @property
    def at_commit(self) -> bool:
        """Whether only what the commit under way does may fail it."""
        asked = self.stage == "pre-commit" or (self.stage is None and self.base is None)
        return asked and self.old is None
