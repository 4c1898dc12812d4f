"""How long the stages of a run took; outside the promise of determinism."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Timings:
    """Milliseconds by stage."""

    started: float = field(default_factory=time.perf_counter)
    ms: dict[str, float] = field(default_factory=dict)

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
