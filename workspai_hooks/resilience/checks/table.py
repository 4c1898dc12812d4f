"""Every check, a row a rule, in the order of their ids: who wants to be one adds a row and a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workspai_hooks.resilience.checks import (
    backoff_unreachable,
    budget_overspent,
    dangling_hosts,
    dead_retries,
    deadline_inversion,
    idempotency_undeclared,
    mesh_default_retry,
    no_timeout,
    path_amplification,
    policy_dangling,
    policy_disagreement,
    python_config_timeout,
    retry_after_missing,
    retry_budget_missing,
    retry_code,
    retry_deadline_exceeded,
    retry_layers,
    retry_stream,
    retry_unsafe,
    retry_wildcard,
)
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

CHECKS: Sequence[Callable[[View], Iterator[Fault]]] = (
    no_timeout.find,
    retry_unsafe.find,
    mesh_default_retry.find,
    idempotency_undeclared.find,
    retry_wildcard.find,
    retry_code.find,
    path_amplification.find,
    retry_layers.find,
    deadline_inversion.find,
    dead_retries.find,
    retry_deadline_exceeded.find,
    policy_dangling.find,
    dangling_hosts.find,
    python_config_timeout.find,
    retry_stream.find,
    backoff_unreachable.find,
    policy_disagreement.find,
    retry_after_missing.find,
    retry_budget_missing.find,
    budget_overspent.find,
)
