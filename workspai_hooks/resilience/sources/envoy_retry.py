"""What Envoy retries, and how long it waits: what all conventions have in common that configure an Envoy.

<https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter>, and for resets
Envoy's `RetryStateImpl::wouldRetryFromReset`: a reset, or a try that takes longer than it may, is retried by
`5xx`, `gateway-error` and `reset` alone.
"""

from __future__ import annotations

import msgspec

from workspai_hooks.resilience.model import Backoff

BASE_S = 0.025
"""`retry_back_off.base_interval` where nothing is said; the longest wait is ten times it."""
_STATUSES = {
    "5xx": (500, 502, 503, 504),
    "gateway-error": (502, 503, 504),
    "retriable-4xx": (409,),
    "envoy-ratelimited": (429,),
}
_CODES = {
    "cancelled": "CANCELLED",
    "deadline-exceeded": "DEADLINE_EXCEEDED",
    "internal": "INTERNAL",
    "resource-exhausted": "RESOURCE_EXHAUSTED",
    "unavailable": "UNAVAILABLE",
}
_RESETS = frozenset({"5xx", "gateway-error", "reset"})
_UNSENT = frozenset(
    {"connect-failure", "refused-stream", "reset-before-request", "http3-post-connect-failure"}
)
"""Nothing of the request was worked on: the callee meets it once, however often it is tried."""
_OTHER = frozenset({"retriable-status-codes", "retriable-headers"})


class Conditions(msgspec.Struct, frozen=True):
    """gRPC codes, HTTP statuses, and whether no answer at all is retried; `unknown` are words that Envoy
    ignores."""

    on_grpc: tuple[str, ...] = ()
    on_http: tuple[int, ...] = ()
    on_transport: bool = False
    unknown: tuple[str, ...] = ()


def conditions(retry_on: str, statuses: tuple[int, ...] = ()) -> Conditions:
    """What a `retry_on` means; `statuses` are `retriable_status_codes`, which Istio lets stand in the list
    itself."""
    words = [word for word in (part.strip() for part in retry_on.split(",")) if word]
    own = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) == 3}
    if "retriable-status-codes" in words or own:
        own.update(statuses)
    http = own | {status for word in words for status in _STATUSES.get(word, ())}
    known = {*_STATUSES, *_CODES, *_RESETS, *_UNSENT, *_OTHER}
    return Conditions(
        tuple(sorted(_CODES[word] for word in set(words) if word in _CODES)),
        tuple(sorted(http)),
        not _RESETS.isdisjoint(words),
        tuple(word for word in dict.fromkeys(words) if word not in known and not word.isdigit()),
    )


def backoff(base_s: float | None = None, max_s: float | None = None) -> Backoff:
    """Envoy waits anything between nothing and the interval, which doubles: the most that it waits."""
    base = base_s or BASE_S
    return Backoff(base, max(max_s or base * 10, base), 2.0, 0.0)
