"""RT19: a 429 or 503 answer whose description has no Retry-After header.

RFC 9110, section 10.2.3, and RFC 6585, section 4. A response without a `headers` block is meant as well; that
it declares `RateLimit` headers helps few clients: libraries that retry keep to Retry-After.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.openapi.description import Description, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError
from workspai_hooks.resilience.reading import Fault, Fix
from workspai_hooks.resilience.response_header import Header, edits
from workspai_hooks.resilience.sources.openapi import ASKS_TO_WAIT
from workspai_hooks.resilience.view import View
from workspai_hooks.source import IN_FILE
from workspai_hooks.workspace.addresses import Address

RULE = "retry-after-missing"
RETRY_AFTER = Header("Retry-After", "integer")
_MEANS = {"429": "too many requests", "503": "service unavailable"}


def find(view: View) -> Iterator[Fault]:
    """One a response: of a response that operations share, one with all of them."""
    names = {(one.contract, one.name): view.element(one) for one in view.operations}
    shared: dict[Place, list[tuple[str, str, str]]] = {}
    for path, description in sorted(view.descriptions.items()):
        for place, operation, status in _without(description):
            if status == "503" and Address("", path=operation.partition(" ")[2]).is_health_check:
                continue  # a probe comes again by its own clock
            of = names.get((path, operation), operation)
            shared.setdefault(place, []).append((path, of, status))
    for path, description in sorted(view.descriptions.items()):
        mine = {place: users for place, users in shared.items() if users[0][0] == path}
        description.library.locate(mine)
        mended = edits(description.library, mine, RETRY_AFTER, swagger=description.is_swagger)
        for place, users in mine.items():
            operations = tuple(sorted({of for _, of, _ in users}))
            status = users[0][2]
            owner = members(description.library.at(place))
            limits = sorted(one for one in members(owner.get("headers")) if "ratelimit" in one.lower())
            edit = mended.get(place)
            yield Fault(
                RULE,
                _element(place, path, operations[0], status),
                _message(status, operations, limits),
                description.library.location(place),
                operations=tuple(one.rpartition(IN_FILE)[2] for one in operations),
                fix=Fix("declare Retry-After", (edit,)) if edit else None,
            )


def _element(place: Place, contract: str, operation: str, status: str) -> str:
    """Who a response belongs to: its operation, or, of one that may be shared, its own place."""
    if place.path == contract and place.pointer[:1] not in (("components",), ("responses",)):
        return f"{operation}#response.{status}"
    return f"file:{place.path}" + (f"#{'.'.join(place.pointer)}" if place.pointer else "")


def _message(status: str, operations: tuple[str, ...], limits: list[str]) -> str:
    more = f" and {len(operations) - 1} more operations" if len(operations) > 1 else ""
    told = f" ({', '.join(limits[:3])} alone: few clients wait by them)" if limits else ""
    return (
        f"{status} ({_MEANS[status]}) of {operations[0]}{more} declares no Retry-After: "
        f"clients can't know when to come back{told}"
    )


def _without(description: Description) -> Iterator[tuple[Place, str, str]]:
    """Responses without the header: where each is, behind references, its operation and status."""
    for one in description.operations:
        if one.section != "paths":
            continue
        responses = members(description.value(one).get("responses"))
        for status in ASKS_TO_WAIT:
            if status not in responses:
                continue
            try:
                place, value = description.library.follow(one.place.child("responses", status))
            except (Dangling, UndecidedError):
                continue  # an open question, which sources/openapi.py tells
            headers = members(members(value).get("headers"))
            if isinstance(value, dict) and RETRY_AFTER.name.lower() not in map(str.lower, headers):
                yield place, one.element, status
