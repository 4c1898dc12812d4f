"""Where a reader of head finds what is nearest to a line of base."""

from __future__ import annotations

from bisect import bisect_right
from difflib import SequenceMatcher

from workspai_hooks.contract_files import KUSTOMIZATIONS
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.source import Location

_MOST_LINES = 3000
"""Files with more lines than this keep a line's number: comparing them takes too long."""


class Surviving:
    """Places of base in head: the same line where it is still there, else the nearest one before it; of a
    file that is gone, the kustomization or a file beside it."""

    def __init__(self, base: Side, head: Side) -> None:
        self._base, self._head = base, head
        self._blocks: dict[str, list[tuple[int, int, int]]] = {}

    def __call__(self, place: Location) -> Location:
        if not self._head.has(place.path):
            return Location(self._beside(place.path))
        if self._base.blob(place.path) == self._head.blob(place.path):
            return place
        return Location(place.path, self._line(place.path, place.line))

    def _beside(self, path: str) -> str:
        folder = path.rpartition("/")[0]
        here = [
            other
            for other in self._head.below(folder)
            if self._head.has(other)
            and other.rpartition("/")[0] == folder
            and other.endswith((".yaml", ".yml"))
        ]
        return min(here, key=lambda one: (one.rpartition("/")[2] not in KUSTOMIZATIONS, one), default=path)

    def _line(self, path: str, line: int) -> int:
        if path not in self._blocks:
            old, new = (side.bytes_of(path).splitlines() for side in (self._base, self._head))
            small = len(old) <= _MOST_LINES and len(new) <= _MOST_LINES
            found = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks() if small else []
            self._blocks[path] = [(block.a, block.b, block.size) for block in found if block.size]
        blocks = self._blocks[path]
        if not blocks:
            return 1
        at = max(0, bisect_right([start for start, _, _ in blocks], line - 1) - 1)
        start, now, size = blocks[at]
        return now + 1 + max(0, min(line - 1 - start, size - 1))
