"""RT22: a largest backoff that no wait ever comes to: the tries are over before.

The wait before try j + 1 is `initial · multiplier^(j-1)`, at most the largest (shared/POLICY.md); of n tries
the last wait is `initial · multiplier^(n-2)`. gRPC makes 5 tries at most.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.grpc.acting import retries_of
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "backoff-unreachable"


def find(view: View) -> Iterator[Fault]:
    """One a retry policy in a config."""
    for said, retry in retries_of(view):
        backoff = retry.backoff
        longest = backoff.initial_s * backoff.multiplier ** max(0, retry.tries_total - 2)
        longest = max(longest, backoff.initial_s)
        if longest < backoff.max_s:
            place = said.line_of("max_backoff")
            message = (
                f"maxBackoff is {told_seconds(backoff.max_s)}; the longest wait of {retry.tries_total} tries "
                f"is {told_seconds(longest)}"
            )
            yield Fault(RULE, f"file:{place.path}#{said.scope or 'all services'}", message, place)
