"""Contents that were read once and may be asked for again, in memory of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable

MOST_BYTES = 64 * 1024 * 1024
"""Of contents that are kept for who asks next; of most repositories that is all of their text."""


class Held:
    """Contents by blob id; None stands for one that is not here. When there is more than `most` bytes, those
    that came first go, until half is left; what can't be read again stays."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.bytes = 0
        self._most = most
        self._data: dict[str, bytes | None] = {}
        self._stays: set[str] = set()

    def __contains__(self, blob: str) -> bool:
        return blob in self._data

    def of(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """Those of these blobs, all of which are here."""
        return {blob: self._data[blob] for blob in blobs}

    def add(self, blob: str, data: bytes | None, *, stays: bool = False) -> None:
        """One more, which is not here yet."""
        self._data[blob] = data
        self.bytes += len(data or b"")
        if stays:
            self._stays.add(blob)

    def trim(self) -> None:
        """Let go of what is too much."""
        if self.bytes <= self._most:
            return
        for blob, data in list(self._data.items()):
            if self.bytes <= self._most // 2:
                break
            if data and blob not in self._stays:
                del self._data[blob]
                self.bytes -= len(data)
