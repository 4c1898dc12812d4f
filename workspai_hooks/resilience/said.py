"""What one place says of the policy of some operations, and the policy that comes of all places together.

Precedence is method > service > file > default (shared/POLICY.md): a retry block replaces wholesale; a total
timeout is the smallest of those that speak of the operation, its service or its file, and the default where
none does. (A default that took part in the minimum could never be raised for one slow report.) Of two places
that speak of the same, `.workspai.yaml` comes before what stands in contracts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

import msgspec

from workspai_hooks.resilience.model import Backoff, Breaker, Idempotency, Policy, Provenance, Retry, Where
from workspai_hooks.source import IN_FILE, Location

NO_LAYER = "none"


class Level(IntEnum):
    """What a place speaks of, the most specific first."""

    METHOD = 0
    SERVICE = 1
    FILE = 2
    DEFAULT = 3


class Said(msgspec.Struct, frozen=True):
    """`scope` is an operation, a service or a contract's path, as `level` says; empty for the default. What
    is None is not said; `retry` with one try says that there is no second one; `breaker` with no failures
    that there is none. `where` is who does it, the callers' own stubs or a gateway; `caller` the path of a
    file whose service alone does it, empty: every caller. Of places of one `group` only the most specific
    speaks, with all that it leaves out (a gRPC service config). `lines` are where each value stands, in the
    same file. `entry`: it acts on what comes from outside alone. `budget` is the share of calls that may be
    retries, `retry_layer` the `Where` that is to retry, or `NO_LAYER`."""

    level: Level
    scope: str
    location: Location
    convention: str
    idempotency: Idempotency | None = None
    key: str | None = None
    timeout_s: float | None = None
    per_try_s: float | None = None
    retry: Retry | None = None
    breaker: Breaker | None = None
    where: Where = Where.CLIENT
    caller: str = ""
    entry: bool = False
    budget: float | None = None
    retry_layer: str | None = None
    group: str = ""
    lines: tuple[tuple[str, int], ...] = ()

    def line_of(self, value: str) -> Location:
        """Where a value (`timeout_s`, `retry`, …) stands; the place itself where that is not known."""
        line = next((line for name, line in self.lines if name == value), None)
        return self.location if line is None else Location(self.location.path, line)

    def speaks_of(self, operation: str, service: str, contract: str) -> bool:
        if self.level is Level.METHOD:
            return self.scope in (operation, f"{contract}{IN_FILE}{operation}")
        scopes = {Level.SERVICE: service, Level.FILE: contract, Level.DEFAULT: ""}
        return self.scope == scopes[self.level]


class Budget(msgspec.Struct, frozen=True):
    """The time that all work for one request at an entry point may take. `entry` is a service or an
    operation."""

    entry: str
    timeout_s: float
    location: Location


OURS = "workspai-hooks"
BUILT_IN = Said(
    Level.DEFAULT,
    "",
    Location(""),
    OURS,
    timeout_s=10.0,
    retry=Retry(3, Backoff()),
    breaker=Breaker(),
)
"""What holds where nobody says anything: docs/stubs.md gives the reasons. A retry needs a declaration that a
second try is harmless, so that without one it is none."""


def policy_of(
    operation: str, service: str, contract: str, places: Iterable[Said], *, default: Said | None = BUILT_IN
) -> Policy:
    """The policy of one operation; `places` that say the same at one level come in order of precedence.
    `default` holds where nobody says anything: only of calls that go through a sidecar of ours."""
    mine = [one for one in places if one.speaks_of(operation, service, contract)]
    mine = [*speaking(sorted(mine, key=lambda one: one.level)), *([default] if default is not None else ())]
    provenance: list[Provenance] = []

    def first(value: str) -> Said | None:
        for one in mine:
            if getattr(one, value) is not None:
                provenance.append(Provenance(value, one.line_of(value), one.convention))
                return one
        return None

    idempotency, key, retry, breaker, per_try = map(
        first, ("idempotency", "key", "retry", "breaker", "per_try_s")
    )
    shortest = _shortest(mine)
    if shortest is not None:
        provenance.append(Provenance("timeout_s", shortest.line_of("timeout_s"), shortest.convention))
    declared = idempotency.idempotency if idempotency and idempotency.idempotency else Idempotency.UNKNOWN
    keyed = key.key if key and key.key else ""
    if keyed and declared is Idempotency.UNKNOWN:
        declared = Idempotency.KEYED
    return Policy(
        operation,
        declared,
        keyed,
        shortest.timeout_s if shortest else None,
        per_try.per_try_s if per_try else None,
        retry.retry if retry and retry.retry and retry.retry.tries_total > 1 else None,
        breaker.breaker if breaker and breaker.breaker and breaker.breaker.failures > 0 else None,
        tuple(sorted(provenance)),
    )


def speaking(places: Iterable[Said]) -> Iterator[Said]:
    """Of each group the first: `places` come with the most specific first."""
    seen: set[str] = set()
    for one in places:
        if not one.group or one.group not in seen:
            yield one
        seen.add(one.group)


def _shortest(mine: Sequence[Said]) -> Said | None:
    timed = [one for one in mine if one.timeout_s is not None]
    specific = [one for one in timed if one.level is not Level.DEFAULT]
    if specific:
        return min(specific, key=lambda one: one.timeout_s or 0)
    return timed[0] if timed else None
