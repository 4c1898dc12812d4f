"""What an OpenAPI description says of its operations' policies: the method, an `Idempotency-Key` header, and
extensions at the root, a path or an operation, a module a convention (`EXTENSIONS`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from workspai_hooks.contracts.openapi.description import Description, Members, Operation, entries, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.resilience.model import Idempotency, Where
from workspai_hooks.resilience.reading import Read, joined
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.resilience.sources import (
    openapi_amazon,
    openapi_fern,
    openapi_google,
    openapi_kong,
    openapi_speakeasy,
    openapi_workspai,
)
from workspai_hooks.resilience.sources.openapi_extension import Extension, Reader

EXTENSIONS: Mapping[str, Reader] = {
    "x-speakeasy-timeout": openapi_speakeasy.timeout,
    "x-speakeasy-retries": openapi_speakeasy.retries,
    "x-fern-retries": openapi_fern.retries,
    "x-kong-service-defaults": openapi_kong.service_defaults,
    "x-amazon-apigateway-integration": openapi_amazon.integration,
    "x-google-backend": openapi_google.backend,
    "x-workspai-per-try-timeout": openapi_workspai.per_try_timeout,
    "x-workspai-retry-budget": openapi_workspai.retry_budget,
    "x-workspai-retry-layer": openapi_workspai.retry_layer,
}
KEY = "Idempotency-Key"
"""draft-ietf-httpapi-idempotency-key-header"""
ASKS_TO_WAIT = ("429", "503")
"""Statuses that Retry-After belongs to (RFC 6585, section 4; RFC 9110, section 15.6.4)."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_IDEMPOTENT = frozenset({"PUT", "DELETE"})
"""RFC 9110, section 9.2, and the QUERY method's draft."""


def read(description: Description) -> Read:
    """What a description says: of each operation the most specific first; `scope` is `GET /path`, or the
    file's path."""
    root = Place(description.path)
    operations = [one for one in description.operations if one.section == "paths"]
    holders = [root, *(place for one in operations for place in (one.place, one.item))]
    description.library.locate(
        place
        for holder in dict.fromkeys(holders)
        for place in (holder, *_extended(holder, members(description.library.at(holder))))
    )
    fern_headers = _fern_headers(description.top)
    found: list[Read] = []
    for one in operations:
        found += _extensions(description, one.place, Level.METHOD, one.element)
        found += _extensions(description, one.item, Level.METHOD, one.element, besides=description.value(one))
        found.append(Read(tuple(_declared(description, one, fern_headers))))
        found.append(Read(undecided=tuple(_unfollowed(description, one))))
    found += _extensions(description, root, Level.FILE, description.path)
    return _once(joined(found))


def from_openapi(description: Description) -> Iterator[Said]:
    """What the clients of a description are to do: gateways' policies are none of theirs."""
    return (one for one in read(description).said if one.where is Where.CLIENT)


def _unfollowed(description: Description, one: Operation) -> Iterator[Undecided]:
    """Answers that ask clients to wait, whose reference leads nowhere: whether they say how long is open."""
    for status in ASKS_TO_WAIT:
        try:
            if status in members(description.value(one).get("responses")):
                description.library.follow(one.place.child("responses", status))
        except Dangling as error:
            yield description.library.undecided(error)
        except UndecidedError as error:
            yield error.undecided


def _once(read: Read) -> Read:
    """A fault of what stands at a path is one, however many operations the path has."""
    faults = {(one.rule, one.location, one.message): one for one in reversed(read.faults)}
    return Read(read.said, read.layers, tuple(reversed(faults.values())), read.undecided)


def _extended(holder: Place, value: Members) -> Iterator[Place]:
    return (holder.child(key) for key in EXTENSIONS if key in value)


def _extensions(
    description: Description, holder: Place, level: Level, scope: str, besides: Collection[str] = ()
) -> Iterator[Read]:
    """What a holder's extensions say, `besides` those that its operation has itself."""
    value = members(description.library.at(holder))
    for place in _extended(holder, value):
        key = place.pointer[-1]
        if key not in besides:
            where = description.library.location(place)
            yield EXTENSIONS[key](Extension(key, value[key], level, scope, where))


def _declared(description: Description, one: Operation, fern_headers: str) -> Iterator[Said]:
    place = description.library.location(one.place)
    fern = description.value(one).get("x-fern-idempotent") is True
    key = _key(description, one) or (fern_headers if fern else "")
    if key:
        yield Said(Level.METHOD, one.element, place, "Idempotency-Key header", Idempotency.KEYED, key)
    elif one.method in _SAFE or one.method in _IDEMPOTENT:
        kind = Idempotency.SAFE if one.method in _SAFE else Idempotency.IDEMPOTENT
        yield Said(Level.METHOD, one.element, place, f"RFC 9110 {one.method}", kind)


def _key(description: Description, one: Operation) -> str:
    """The header by which the server tells tries of one request, as the operation or its path declares it."""
    shared = members(description.library.at(one.item)).get("parameters")
    own = description.value(one).get("parameters")
    places = [one.place.child("parameters", str(number)) for number in range(len(entries(own)))]
    places += [one.item.child("parameters", str(number)) for number in range(len(entries(shared)))]
    for place in places:
        try:
            value = members(description.library.follow(place)[1])
        except (Dangling, UndecidedError):
            continue
        name = value.get("name")
        if value.get("in") == "header" and isinstance(name, str) and name.lower() == KEY.lower():
            return name
    return ""


def _fern_headers(top: Members) -> str:
    for one in entries(top.get("x-fern-idempotency-headers")):
        header = members(one).get("header")
        if isinstance(header, str) and header.isascii() and header.replace("-", "").isalnum():
            return header
    return KEY
