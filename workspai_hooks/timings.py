"""How long the stages of a run took; outside the promise of determinism."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec


class Timings(msgspec.Struct, dict=True):
    """Milliseconds by stage."""

    started: float = msgspec.field(default_factory=time.perf_counter)
    ms: dict[str, float] = msgspec.field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Add the time of a block to `stage`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.ms[stage] = self.ms.get(stage, 0.0) + (time.perf_counter() - began) * 1000

    def all(self) -> dict[str, float]:
        """Every stage and the total until now."""
        return {**self.ms, "total": (time.perf_counter() - self.started) * 1000}
