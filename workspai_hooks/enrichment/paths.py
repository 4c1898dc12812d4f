"""Operations as sidecars match them: which can't be, and the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.model import Retry

LONGEST_S = 24 * 3600.0
MOST_TRIES = 100
STEEPEST = 100.0
"""Of a backoff's multiplier: with this many tries it is still a number in every language."""
_METHODS = frozenset(("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"))
_PARAMETER = regex(r"\{[^{}/]*\}")
_PATH = regex(r"/(?:[\w.~!$&'()*+,;=:@%/-]|\{[\w.~!$&'()*+,;=:@% -]+\})*", re.ASCII)  # RFC 3986, 3.3


def refusal(operation: HttpOperation) -> str:
    """Why no sidecar can do what the policy says, as `value: reason`; empty: all can."""
    return next(_refusals(operation), "")


def _refusals(operation: HttpOperation) -> Iterator[str]:
    policy = operation.policy
    if operation.method.upper() not in _METHODS:
        yield "operation: this method is not one of OpenAPI's"
    if not _PATH.fullmatch(operation.path):
        yield "operation: its path is no template of characters that URIs have"
    for name, limit in (("timeout", policy.timeout_s), ("per_try", policy.per_try_s)):
        if limit is not None and not 0 < limit <= LONGEST_S:
            yield f"{name}: not between 0 and {LONGEST_S:.0f} s"
    if policy.retry is not None:
        yield from _refusals_of_retry(policy.retry)


def _refusals_of_retry(retry: Retry) -> Iterator[str]:
    backoff = retry.backoff
    if not 1 <= retry.tries_total <= MOST_TRIES:
        yield f"retry: not between 1 and {MOST_TRIES} tries"
    if not (0 <= backoff.initial_s <= LONGEST_S and 0 <= backoff.max_s <= LONGEST_S):
        yield f"retry: a backoff is not between 0 and {LONGEST_S:.0f} s"
    if not (1 <= backoff.multiplier <= STEEPEST and 0 <= backoff.jitter <= 1):
        yield f"retry: the multiplier is not between 1 and {STEEPEST:.0f}, or the jitter not between 0 and 1"
    if not all(100 <= status <= 599 for status in retry.on_http):
        yield "retry: a status is not between 100 and 599"


def most_literal_first(operations: Iterable[HttpOperation]) -> list[HttpOperation]:
    """The first whose path fits is the one that is meant: `/orders/latest` stands before `/orders/{id}`, as
    OpenAPI 3.0 asks under Paths Object, `/{file}.json` before `/{file}`."""
    return sorted(operations, key=lambda one: ([_vague(part) for part in one.path.split("/")], one.method))


def _vague(segment: str) -> tuple[int, int, str]:
    """Sorts what is without parameters first, then what has more characters beside them."""
    literal, parameters = _PARAMETER.subn("", segment)
    return (min(parameters, 1), -len(literal) if parameters else 0, segment)
