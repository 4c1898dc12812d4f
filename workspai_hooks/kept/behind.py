"""What may stand behind the index of a repository: it fills it with what others have worked out."""

from __future__ import annotations

from typing import Protocol


class Behind(Protocol):
    """Told of what is not known here, before it is made. No method raises, and none takes longer than the
    work that it may save."""

    def arrived(self, kind: str, missing: int, *, is_new: bool, cost_s: float | None) -> bool:
        """Whether rows have been written into the index since it was looked at, by another process: then it
        is worth one more look. So many of a kind are missing; `is_new`: the index had nothing in it when it was
        opened. `cost_s` is what making them all should take; None: nobody knows yet."""

    def close(self) -> None:
        """The run is over."""
