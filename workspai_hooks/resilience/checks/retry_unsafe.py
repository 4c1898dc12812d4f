"""RT02: a retry of an operation that is not idempotent, or that nobody declared so, without a key.

RFC 9110, section 9.2.2: a client must not retry a request with a non-idempotent method by itself. A retry of
requests alone that were certainly not begun (connection refused) is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from workspai_hooks.resilience.calls import Acting, acting_of
from workspai_hooks.resilience.model import Idempotency, Policy, Where
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.reached import reached
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View
from workspai_hooks.source import Location

RULE = "retry-unsafe"


def find(view: View) -> Iterator[Fault]:
    """One an operation and place that retries it, on calls here or on the way in; what a mesh does
    by default is RT03's."""
    by_name: dict[tuple[str, str], dict[Acting, list[str]]] = {}
    for call in view.calls:
        for layer in call.acting:
            if layer.tries > 1 and not layer.by_default and call.operation:
                layers = by_name.setdefault((call.operation, call.contract), {})
                layers.setdefault(layer, []).append(call.consumer)
    for operation, rule in reached(view):
        own = view.policy(operation)
        layer = acting_of(rule, operation.name, own.idempotency, own.key, grpc=operation.is_grpc)
        layers = by_name.setdefault((operation.name, operation.contract), {})
        known = {one.location for one in layers}
        if layer.tries > 1 and not layer.by_default and layer.location not in known:
            layers[layer] = []
    yield from _told(dict(_unsafe(view, by_name)))


MOST_ALONE = 10
"""So many operations that one place retries are faults of their own; more are one fault of that place."""


def _told(found: Mapping[tuple[Location, str], list[Fault]]) -> Iterator[Fault]:
    for (place, convention), faults in found.items():
        if len(faults) <= MOST_ALONE:
            yield from faults
            continue
        operations = tuple(sorted({name for one in faults for name in one.operations}))
        yield replace(
            faults[0],
            element=f"file:{place.path}#{convention}:{operations[0]}",
            message=f"{len(operations)} operations that nobody declared harmless to repeat are tried again: "
            f"{faults[0].message}, and so on",
            related=(),
            operations=operations,
            services=tuple(sorted({name for one in faults for name in one.services})),
            weight=float(len(operations)),
        )


def _unsafe(
    view: View, by_name: Mapping[tuple[str, str], Mapping[Acting, list[str]]]
) -> Iterator[tuple[tuple[Location, str], list[Fault]]]:
    """The faults by the place that retries."""
    found: dict[tuple[Location, str], list[Fault]] = {}
    for one in view.operations:
        layers = by_name.get((one.name, one.contract), {})
        own = view.policy(one)
        if not layers and own.retry is not None:
            layers = {_own(own): []}
        for layer, callers in layers.items():
            policy = layer.policy
            harmless = policy.idempotency.may_retry or bool(policy.key)
            if harmless or policy.retry is None or policy.retry.unsent:
                continue
            fault = Fault(
                RULE,
                view.element(one),
                f"{one.name} is tried up to {layer.tries} times, and {_why(one, policy)}",
                layer.location,
                related=(one.location,),
                operations=(one.name,),
                services=tuple(sorted(set(callers))),
                change=f"{layer.where} {layer.convention}",
            )
            found.setdefault((layer.location, layer.convention), []).append(fault)
    yield from found.items()


def _own(policy: Policy) -> Acting:
    place = next(one for one in policy.provenance if one.value == "retry")
    return Acting(Where.CLIENT, policy, place.convention, place.location)


def _why(one: Operation, policy: Policy) -> str:
    if policy.idempotency is Idempotency.UNSAFE:
        return "it is declared unsafe"
    method = one.request[0]
    if not one.is_grpc and method in ("POST", "PATCH"):
        return f"{method} is not idempotent; there is no key that tells a second try"
    return "nobody declared that a second try is harmless"
