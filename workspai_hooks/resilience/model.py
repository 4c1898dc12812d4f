"""The policy of one operation (an rpc, or an HTTP operation), and what a runtime does with it.

Times are seconds; tries count the first one. The model and its
formulas are those of shared/POLICY.md. A policy without a value says nothing of it: no timeout, no retry.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from workspai_hooks.source import Location

GRPC_MAX_TRIES = 5
"""gRPC's runtimes take no more, whatever is configured (proposal A6)."""
GRPC_CODES = (
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)


class Idempotency(StrEnum):
    """Whether a second try is harmless. `keyed`: the server tells tries of one request by a key; `unknown`:
    nobody declared it, which vetoes a retry as `unsafe` does."""

    SAFE = "safe"
    IDEMPOTENT = "idempotent"
    KEYED = "keyed"
    UNSAFE = "unsafe"
    UNKNOWN = "unknown"

    @property
    def may_retry(self) -> bool:
        return self not in (Idempotency.UNSAFE, Idempotency.UNKNOWN)


class Where(StrEnum):
    """Which program acts: the caller's own, the proxy beside it, or the one that requests from outside (or
    through it) come in by. The order is that of a request on its way."""

    CLIENT = "client"
    SIDECAR = "sidecar"
    GATEWAY = "gateway"


class Backoff(msgspec.Struct, frozen=True, order=True):
    """The wait before try j+1 is `initial_s * multiplier**(j-1)`, at most `max_s`, times 1 ± `jitter`."""

    initial_s: float = 0.1
    max_s: float = 1.0
    multiplier: float = 2.0
    jitter: float = 0.2

    def before(self, attempt: int) -> float:
        """Seconds at most before try `attempt` (2 is the first that waits)."""
        return min(self.initial_s * self.multiplier ** (attempt - 2), self.max_s) * (1 + self.jitter)


class Retry(msgspec.Struct, frozen=True, order=True):
    """`on_grpc` are names of codes, `on_http` statuses; `on_transport`: no answer came at all (HTTP).
    `unsent`: only requests are sent again that the callee certainly did not begin with (Envoy's
    `connect-failure`, `refused-stream`), which is harmless whatever they are."""

    tries_total: int
    backoff: Backoff = Backoff()
    on_grpc: tuple[str, ...] = ("UNAVAILABLE",)
    on_http: tuple[int, ...] = (429, 502, 503, 504)
    on_transport: bool = True
    unsent: bool = False

    def happens(self, *, grpc: bool | None) -> bool:
        """Whether a request that was worked on, or may have been, is ever tried again; `grpc` is whether the
        protocol is gRPC, None where that is not known. One that only begins anew where nothing was sent
        (`connect-failure`) reaches the callee once."""
        if grpc is None:
            return self.on_transport or bool(self.on_grpc or self.on_http)
        return self.on_transport or bool(self.on_grpc if grpc else self.on_http)


class Breaker(msgspec.Struct, frozen=True, order=True):
    """After `failures` failed calls in a row no call goes out for `open_s`; then one does, and decides."""

    failures: int = 5
    open_s: float = 10.0


class Provenance(msgspec.Struct, frozen=True, order=True):
    """Where a value of a policy was read: `value` is its name in the model, `convention` who wrote it so."""

    value: str
    location: Location
    convention: str


class Policy(msgspec.Struct, frozen=True):
    """`operation` is `pkg.Service/Rpc` or `GET /path`. `key` is the request's field (gRPC) or header (HTTP)
    that tells tries of one request from other requests. `per_try_s` limits a single try (HTTP alone)."""

    operation: str
    idempotency: Idempotency = Idempotency.UNKNOWN
    key: str = ""
    timeout_s: float | None = None
    per_try_s: float | None = None
    retry: Retry | None = None
    breaker: Breaker | None = None
    provenance: tuple[Provenance, ...] = ()

    @property
    def tries(self) -> int:
        """Tries of a call that fails at once each time, in time: what a server counts."""
        return self.retry.tries_total if self.retry and self.idempotency.may_retry else 1


def worst_case_s(policy: Policy) -> float | None:
    """The longest that a call takes, `min(T, a·t + Σ b_j)`; None where nothing bounds it."""
    per_try = policy.per_try_s if policy.per_try_s is not None else policy.timeout_s
    if per_try is None:
        return None
    waits = sum(_waits(policy))
    whole = policy.tries * per_try + waits
    return whole if policy.timeout_s is None else min(policy.timeout_s, whole)


def effective_tries(policy: Policy) -> int:
    """Tries that begin before the total timeout is over, each as long as it may take: the largest n with
    `Σ_{j<n} (t + b_j) < T`; 1 where no timeout of a single try keeps the first from taking all."""
    if policy.timeout_s is None:
        return policy.tries
    if policy.per_try_s is None:
        return 1
    spent, tries = 0.0, 1
    for wait in _waits(policy):
        spent += policy.per_try_s + wait
        if spent >= policy.timeout_s:
            break
        tries += 1
    return tries


def _waits(policy: Policy) -> list[float]:
    if policy.retry is None:
        return []
    return [policy.retry.backoff.before(attempt) for attempt in range(2, policy.tries + 1)]
