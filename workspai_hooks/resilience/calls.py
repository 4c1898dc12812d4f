"""Calls between services, each with all that acts on it: the callers' policy, then layers on the way.

A call is one operation that one service calls of another; where it is not known which operation, one call
stands for all of an edge (`operation` is empty).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Idempotency, Policy, Retry, Where, worst_case_s
from workspai_hooks.source import Location


class Acting(msgspec.Struct, frozen=True):
    """One program's policy for a call. `convention` and `location` are those of its retry, else of its
    timeout, else of itself."""

    where: Where
    policy: Policy
    convention: str
    location: Location
    by_default: bool = False

    @property
    def tries(self) -> int:
        """Tries that go out when each fails at once; what a runtime does, whoever may think it unsafe."""
        return self.policy.retry.tries_total if self.policy.retry else 1

    @property
    def waits_s(self) -> float | None:
        """How long it waits for one try before it gives that up, in seconds; None: for ever."""
        limits = [one for one in (self.policy.timeout_s, self.policy.per_try_s) if one is not None]
        return min(limits, default=None)

    @property
    def effective_policy(self) -> Policy:
        """The policy as the runtime keeps it: nobody there asks whether a retry is safe."""
        if self.policy.idempotency.may_retry:
            return self.policy
        return msgspec.structs.replace(self.policy, idempotency=Idempotency.IDEMPOTENT)


class Call(msgspec.Struct, frozen=True):
    """`evidence` are lines that call, or speak for the edge; `acting` is in the order of a request's way;
    `unlimited` are lines that call and of which it is known that the code sets no deadline there."""

    consumer: str
    provider: str
    operation: str
    contract: str
    protocol: str
    evidence: tuple[Location, ...]
    acting: tuple[Acting, ...] = ()
    unlimited: tuple[Location, ...] = ()

    @property
    def tries(self) -> int:
        """Tries that reach the provider when each fails at once: the product over all that retry."""
        return math.prod(one.tries for one in self.acting)

    @property
    def timeout_s(self) -> float | None:
        """The longest that the caller waits, in seconds; None where nothing ends it."""
        limits = [one.policy.timeout_s for one in self.acting if one.policy.timeout_s is not None]
        return min(limits, default=None)

    @property
    def impatient(self) -> Acting | None:
        """Who gives up a try first, by its total timeout or by that of a try; None where nobody does. A real
        Envoy abandons its callee by either."""
        waiting = [one for one in self.acting if one.waits_s is not None]
        return min(waiting, key=lambda one: one.waits_s or 0.0, default=None)

    @property
    def retrying(self) -> tuple[Acting, ...]:
        return tuple(one for one in self.acting if one.tries > 1)


def worst_case(call: Call) -> float | None:
    """The longest that a call takes with all layers: what an inner one may take is a single try of the next
    outer one. None where nothing bounds it."""
    inner: float | None = None
    for one in reversed(call.acting):
        policy = one.effective_policy
        if inner is not None:
            per_try = inner if policy.per_try_s is None else min(policy.per_try_s, inner)
            policy = msgspec.structs.replace(policy, per_try_s=per_try)
        taken = worst_case_s(policy)
        inner = taken if taken is not None else inner
    return inner


def acting_of(
    layer: Layer, operation: str, idempotency: Idempotency, key: str = "", *, grpc: bool | None = None
) -> Acting:
    """A layer as it acts on an operation: a retry that no failure of the protocol brings about is none."""
    retry = layer.retry if layer.retry and layer.retry.tries_total > 1 else None
    retry = retry if retry and retry.happens(grpc=grpc) else None
    policy = Policy(
        operation, idempotency, key, layer.timeout_s, layer.per_try_s, retry, layer.breaker, layer.lines
    )
    place = layer.line_of("retry") if layer.retry else layer.line_of("timeout_s")
    return Acting(layer.where, policy, layer.convention, place, layer.by_default)


def acting_alone(policy: Policy, where: Where) -> Acting:
    """The callers' own policy as one that acts."""
    by_value = {one.value: one for one in policy.provenance}
    told = by_value.get("retry") if policy.retry else by_value.get("timeout_s")
    place = told.location if told else Location("")
    return Acting(where, policy, told.convention if told else "", place)


def layers_on(layers: Iterable[Layer], request: tuple[str, str] | None) -> Iterator[Layer]:
    """Of layers that a call passes, those that act: of one group the first that matches. Where the request is
    not known, the rule of each group that tries most, as it may be meant, with the longest timeout of all."""
    groups: dict[tuple[str, str], list[Layer]] = {}
    for layer in layers:
        groups.setdefault((layer.where, layer.group or str(layer.location)), []).append(layer)
    for _, rules in sorted(groups.items()):
        rules.sort(key=lambda one: (one.rank, one))
        if request is None:
            most = max(rules, key=_tries)
            timed = [one for one in rules if one.timeout_s is not None]
            if most.timeout_s is None and timed:
                longest = max(timed, key=lambda one: one.timeout_s or 0.0)
                lines = (*most.lines, *(one for one in longest.lines if one.value == "timeout_s"))
                most = msgspec.structs.replace(most, timeout_s=longest.timeout_s, lines=lines)
            yield most
            continue
        found = next((one for one in rules if _is_meant(one, request)), None)
        if found is not None:
            yield found


def _is_meant(layer: Layer, request: tuple[str, str]) -> bool:
    return not layer.routes or any(route.matches(*request) for route in layer.routes)


def _tries(layer: Layer) -> int:
    retry: Retry | None = layer.retry
    return retry.tries_total if retry else 1


def by_edge(calls: Sequence[Call]) -> Mapping[tuple[str, str], Call]:
    """Of each pair of services the call that is tried most often; of equal ones the first by name."""
    found: dict[tuple[str, str], Call] = {}
    for call in sorted(calls, key=lambda one: (one.consumer, one.provider, one.operation)):
        key = (call.consumer, call.provider)
        if key not in found or call.tries > found[key].tries:
            found[key] = call
    return found
