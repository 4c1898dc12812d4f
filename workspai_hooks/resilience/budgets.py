"""How much time a call may be given: what its callee needs, and what is left on the ways that lead to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from workspai_hooks.resilience.calls import Call, worst_case
from workspai_hooks.resilience.fixes import MARGIN
from workspai_hooks.resilience.said import Budget


class Known(Protocol):
    """What is looked at: all calls, and what entry points promise."""

    @property
    def calls(self) -> Sequence[Call]: ...

    budgets: Sequence[Budget]

    def entered(self, entry: str) -> Sequence[str]: ...


def time_for(view: Known, calls: Iterable[Call]) -> float | None:
    """Seconds that calls of one operation, which have no timeout, may be given: all that is left of the
    shortest wait that leads to a caller, or else a tenth more than the longest call of the callee; None where
    neither is known, or the one does not fit into the other."""
    mine = list(calls)
    consumers = {one.consumer for one in mine}
    callees = {one.provider for one in mine}
    waits = [one.timeout_s for one in view.calls if one.provider in consumers and one.timeout_s is not None]
    waits += [one.timeout_s for one in view.budgets if consumers & set(view.entered(one.entry))]
    taken = [worst_case(one) for one in view.calls if one.consumer in callees]
    needed = max((one for one in taken if one is not None), default=None)
    wanted = math.ceil(needed * MARGIN * 10) / 10 if needed is not None else None
    if not waits:
        return wanted
    left = min(waits)
    return left if wanted is None or wanted <= left else None
