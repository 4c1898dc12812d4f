"""What every dialect of a mesh is made of: routes with their policies, the most specific first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec
import yaml

from workspai_hooks.enrichment import filters
from workspai_hooks.enrichment.plans import header_of
from workspai_hooks.enrichment.values import HttpOperation, RpcService
from workspai_hooks.errors import UsageError
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.model import Breaker, Idempotency, Policy, Retry

GRPC_CODES = {
    "CANCELLED": "cancelled",
    "DEADLINE_EXCEEDED": "deadline-exceeded",
    "INTERNAL": "internal",
    "RESOURCE_EXHAUSTED": "resource-exhausted",
    "UNAVAILABLE": "unavailable",
}
"""Envoy's words in `retry_on` for codes of gRPC; it knows no others (its router filter's documentation)."""
TRANSPORT = ("connect-failure", "refused-stream", "reset")
"""Envoy's words for no answer at all, which is UNAVAILABLE in gRPC."""
CAUTION = "Not together with sidecars that retry on the same edge: tries multiply."
_HOST = regex(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*")
_PARAMETER = regex(r"\{[^{}]*\}")


class Offers(Protocol):
    """A `Plan`, or an `Offered` of plans.py."""

    @property
    def contract(self) -> str: ...
    @property
    def services(self) -> tuple[RpcService, ...]: ...
    @property
    def operations(self) -> tuple[HttpOperation, ...]: ...
    @property
    def breaker(self) -> Breaker | None: ...


class Route(msgspec.Struct, frozen=True):
    """What is done with requests of one operation.

    `path` is whole, or a regular expression (RE2) of the whole path where `is_pattern`. `header` must be
    there. A `timeout_s` of None is no timeout, as for streams. `retry` is None where `retries` is 0.
    """

    name: str
    method: str
    path: str
    is_pattern: bool = False
    is_grpc: bool = False
    header: str = ""
    timeout_s: float | None = None
    per_try_s: float | None = None
    retries: int = 0
    retry: Retry | None = None

    @property
    def retry_on(self) -> tuple[str, ...]:
        """Envoy's words for what is tried again; HTTP statuses are in `statuses`."""
        if self.retry is None:
            return ()
        if not self.is_grpc:
            return TRANSPORT if self.retry.on_transport else ()
        known = sorted(GRPC_CODES[code] for code in self.retry.on_grpc if code in GRPC_CODES)
        return (*known, *(TRANSPORT if "UNAVAILABLE" in self.retry.on_grpc else ()))

    @property
    def statuses(self) -> tuple[int, ...]:
        return tuple(sorted(self.retry.on_http)) if self.retry is not None and not self.is_grpc else ()


def routes_of(offers: Iterable[Offers]) -> tuple[Route, ...]:
    """All routes, whole paths before patterns, patterns with fewer parameters first."""
    found = {
        (route.method, route.path, route.header): route
        for one in offers
        for route in (*_of_rpcs(one.services), *_of_operations(one.operations))
    }

    def order(route: Route) -> tuple[object, ...]:
        parameters = route.path.count("[^/]+")
        return route.is_pattern, parameters, -len(route.path), route.path, route.method, not route.header

    return tuple(sorted(found.values(), key=order))


def _of_rpcs(services: Iterable[RpcService]) -> Iterator[Route]:
    for service in services:
        for rpc in service.rpcs:
            plain = Route(f"{service.full_name}/{rpc.name}", "POST", rpc.path, is_grpc=True)
            if not rpc.unary:
                yield plain
                continue
            # The key is inside of the request, where a proxy does not look: nobody knows that it is there.
            keyed = rpc.policy.idempotency is Idempotency.KEYED
            yield _with(plain, rpc.policy, may_retry=not keyed)


def _of_operations(operations: Iterable[HttpOperation]) -> Iterator[Route]:
    for one in operations:
        pattern = _PARAMETER.search(one.path) is not None
        path = _as_pattern(one.path) if pattern else one.path
        plain = Route(f"{one.method} {one.path}", one.method.upper(), path, pattern)
        if one.policy.idempotency is Idempotency.KEYED and one.policy.tries > 1:
            header = one.key_header.lower()
            if header:
                yield _with(msgspec.structs.replace(plain, header=header), one.policy, may_retry=True)
            yield _with(plain, one.policy, may_retry=False)
        else:
            yield _with(plain, one.policy, may_retry=True)


def _as_pattern(path: str) -> str:
    literal = _PARAMETER.split(path)
    return "[^/]+".join(re.escape(part).replace(r"\-", "-").replace(r"\/", "/") for part in literal)


def _with(route: Route, policy: Policy, *, may_retry: bool) -> Route:
    done = msgspec.structs.replace(route, timeout_s=policy.timeout_s, per_try_s=policy.per_try_s)
    if not may_retry or policy.tries < 2 or policy.retry is None:
        return done
    trying = msgspec.structs.replace(done, retries=policy.tries - 1, retry=policy.retry)
    return trying if trying.retry_on or trying.statuses else done


def breaker_in(offers: Iterable[Offers]) -> Breaker | None:
    """One host has one breaker: the one that opens first."""
    every = [one.breaker for one in offers if one.breaker is not None]
    return min(every, key=lambda one: (one.failures, -one.open_s), default=None)


def host_and_port(host: str) -> tuple[str, int | None]:
    """`cart.shop.svc.cluster.local:8080`: name and port; `UsageError` for what is no name."""
    name, _, port = host.partition(":")
    if _HOST.fullmatch(name) is None or (port and not (port.isdecimal() and 0 < int(port[:6]) < 65536)):
        raise UsageError(f"{host!r} is no host: say the name of a service, and a port where it has several")
    return name, int(port) if port else None


class _Whole(yaml.SafeDumper):
    """What stands twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def text_of(dialect: str, offers: Sequence[Offers], host: str, documents: Iterable[object]) -> str:
    """YAML with our header; the same bytes for the same policies."""
    contracts = "+".join(dict.fromkeys(one.contract for one in offers))
    inputs = [[one.contract, one.services, one.operations, one.breaker] for one in offers]
    header = header_of(contracts, dialect, host, inputs)
    body = yaml.dump_all(documents, Dumper=_Whole, sort_keys=False, default_flow_style=False, width=1000)
    return f"# {header}\n# {CAUTION}\n{body}"


def milliseconds(seconds: float) -> int:
    """Whole ones, at least 1: a deadline is never earlier than the policy says."""
    return max(1, filters.milliseconds(seconds))
