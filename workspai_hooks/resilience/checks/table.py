"""Checks of what contracts and configurations say of operations, a row a rule, in the order of their ids: who
wants to be one adds a row and a module. Those of who calls whom, and of what is deployed, are in
table_systems.py: where nobody calls anything there is nothing for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workspai_hooks.resilience.checks import (
    backoff_unreachable,
    dead_retries,
    idempotency_undeclared,
    policy_dangling,
    policy_disagreement,
    python_config_timeout,
    retry_budget_missing,
    retry_code,
    retry_deadline_exceeded,
    retry_stream,
    retry_unsafe,
    retry_wildcard,
    timeout_missing,
)
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

Check = Callable[[View], Iterator[Fault]]

ON_OPERATIONS: Sequence[Check] = (
    timeout_missing.find,
    retry_unsafe.find,
    idempotency_undeclared.find,
    retry_wildcard.find,
    retry_code.find,
    dead_retries.find,
    retry_deadline_exceeded.find,
    policy_dangling.find,
    python_config_timeout.find,
    retry_stream.find,
    backoff_unreachable.find,
    policy_disagreement.find,
    retry_budget_missing.find,
)
