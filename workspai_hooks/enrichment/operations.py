"""The operations of an OpenAPI description, each with its policy, as a client's sidecar takes them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.enrichment.paths import refusal
from workspai_hooks.enrichment.plans import Refusal, place_of
from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.resilience.model import Retry
from workspai_hooks.resilience.said import Level, Said, policy_of


def operations_in(description: Description, places: Iterable[Said]) -> tuple[HttpOperation, ...]:
    """Sorted by path and method; `places` in order of precedence. Webhooks are nobody's to call."""
    said = [_for_http(one) for one in places]
    found = []
    for one in description.operations:
        if one.section == "paths":
            value = description.value(one).get("operationId")
            policy = policy_of(one.element, "", description.path, said)
            name = value if isinstance(value, str) else ""
            found.append(HttpOperation(one.method, one.path, name, policy))
    return tuple(sorted(found, key=lambda one: (one.path, one.method)))


def _for_http(said: Said) -> Said:
    """A default is for gRPC as well: what HTTP has not is left out of it."""
    retry = said.retry
    if said.level is Level.DEFAULT and retry is not None and not (retry.on_http or retry.on_transport):
        return replace(said, retry=Retry(1))
    return said


def http_refusals(operations: Iterable[HttpOperation]) -> tuple[Refusal, ...]:
    """What can't be done of the policies of operations."""
    found = []
    for one in operations:
        policy, operation = one.policy, f"{one.method} {one.path}"
        retry = policy.retry
        if retry is not None and policy.tries > 1 and not (retry.on_http or retry.on_transport):
            why = "retry: on: names no HTTP status and not transport, so that nothing would be retried"
            found.append(Refusal(operation, place_of(policy, "retry"), why))
        if policy.key and not _is_header(policy.key):
            found.append(
                Refusal(operation, place_of(policy, "key"), f"key: {policy.key} is no header's name")
            )
        why = refusal(one)
        if why:
            found.append(Refusal(operation, place_of(policy, why.partition(":")[0]), why))
    return tuple(sorted(found))


def _is_header(name: str) -> bool:
    """A token of RFC 9110, section 5.6.2."""
    return name.isascii() and all(one.isalnum() or one in "!#$%&'*+-.^_`|~" for one in name)
