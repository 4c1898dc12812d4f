"""What may stand behind the index of a repository: a store that others fill, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Made(msgspec.Struct, frozen=True):
    """A fact that a run made itself: `kind` with its version, the packed fact, and the seconds that making
    one of its kind took."""

    kind: str
    key: bytes
    packed: bytes
    cost_s: float


class Behind(Protocol):
    """Asked for what is not known here, before it is made, and given what was made here. No method raises,
    and none takes longer than the work that it may save."""

    def keeps(self, kind: str) -> bool:
        """Whether a kind (without its version) is worth asking for."""

    def get(self, kind: str, keys: Sequence[bytes], cost_s: float | None) -> Mapping[bytes, bytes]:
        """Packed facts by key. `cost_s` is what making them all should take; None: nobody knows yet."""

    def put(self, rows: Sequence[Made]) -> None:
        """Take what a run has made, at its end."""

    def close(self) -> None:
        """The run is over."""
