"""Every check, a row a rule, in the order of their ids: who wants to be one adds a row and a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workspai_hooks.resilience.checks import no_timeout, path_amplification, retry_after_missing
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

CHECKS: Sequence[Callable[[View], Iterator[Fault]]] = (
    no_timeout.find,
    path_amplification.find,
    retry_after_missing.find,
)
