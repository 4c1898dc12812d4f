"""What may stand behind the index of a repository: it fills it with what others have worked out."""

from __future__ import annotations

from typing import Protocol

URL = "WORKSPAI_CACHE_URL"
"""Where the user says that something stands behind it; without it nothing of that is loaded."""


class Behind(Protocol):
    """Told of what is not known here, before it is made. No method raises, and none takes longer than the
    work that it may save."""

    def arrived(self, kind: str, missing: int, *, is_new: bool, cost_s: float | None) -> bool:
        """Whether another process has written rows into the index since it was looked at: then it is worth
        one more look. `missing`: so many of a kind; `is_new`: the index had nothing in it when it was opened;
        `cost_s`: what making them all should take, None where nobody knows yet."""

    def close(self) -> None:
        """The run is over."""
