"""Layers: places beside contracts that act on calls, a client's library, a sidecar, a gateway.

A contract's own policy (said.py) is what its client stubs do. A layer speaks of *who is called*: hosts as
they are written, and routes of them. Layers of one call multiply their tries (shared/POLICY.md).
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.model import Breaker, Provenance, Retry, Where
from workspai_hooks.source import Location


class Route(msgspec.Struct, frozen=True, order=True):
    """What a layer's rule matches: a path (of an rpc `/pkg.Service/Rpc`) as `kind` says, and methods in
    capitals; no methods: all."""

    kind: str = "prefix"
    path: str = "/"
    methods: tuple[str, ...] = ()

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is meant. `kind` is exact, prefix (whole segments, as Gateway API; Istio's and
        Envoy's plain text prefix is `text`) or regex (whole path)."""
        if self.methods and method not in self.methods:
            return False
        if self.kind == "exact":
            return path == self.path
        if self.kind == "prefix":
            start = self.path.rstrip("/")
            return path == start or path.startswith(f"{start}/")
        if self.kind == "text":
            return path.startswith(self.path)
        found = _compiled(self.path) if len(path) <= _LONGEST else None
        return found is not None and found.fullmatch(path) is not None


_MOST_REPEATS = 3
_LONGEST = 200
_REPEATED_GROUP = regex(r"\)[*+{]")


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of the repository; None where Python's engine, which backtracks (Envoy's does not), could
    take long: a group is repeated, or too much else."""
    repeats = sum(pattern.replace("(?:", "(").count(one) for one in "*+{?")
    if len(pattern) > _LONGEST or repeats > _MOST_REPEATS or _REPEATED_GROUP.search(pattern):
        return None
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None


class Layer(msgspec.Struct, frozen=True, order=True):
    """What one rule of one place does with calls.

    `hosts` are who is called, as written (`cart`, `cart.shop.svc.cluster.local`); none: whoever the caller
    calls. `routes`: of these requests alone; none: all. `caller` is the path of a file whose service it is
    that calls; empty: everybody whose calls pass there. `group` is what the rules stand in (an object, the
    settings of one client in whichever files of its program): of one group the first by `rank` that matches
    acts, the others don't. `entry`: it acts on what
    comes from outside alone (an ingress), not on calls between services. Of the values, None is not said, and
    `retry` with one try says that there is no second one. `by_default`: nobody wrote the retry, the program
    does it by itself. `lines` are where each value stands. `sites` are lines of `caller`: it acts on what is
    called there alone; none: on all of the caller's calls.
    """

    where: Where
    convention: str
    location: Location
    hosts: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    caller: str = ""
    group: str = ""
    rank: int = 0
    entry: bool = False
    timeout_s: float | None = None
    per_try_s: float | None = None
    retry: Retry | None = None
    breaker: Breaker | None = None
    budget: bool = False
    by_default: bool = False
    lines: tuple[Provenance, ...] = ()
    sites: tuple[int, ...] = ()

    def line_of(self, value: str) -> Location:
        """Where a value (`timeout_s`, `retry`, …) stands; the rule itself where it has no line of its own."""
        return next((one.location for one in self.lines if one.value == value), self.location)
