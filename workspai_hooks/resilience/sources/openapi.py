"""What an OpenAPI description says of its operations' policies: the method, an `Idempotency-Key` header, and
the extensions of Speakeasy and Fern, at the root, a path or an operation.

<https://www.speakeasy.com/docs/sdks/customize/runtime/retries>,
<https://buildwithfern.com/learn/api-definitions>
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.openapi.description import Description, Members, Operation, entries, members
from workspai_hooks.contracts.openapi.library import Dangling
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.errors import UndecidedError
from workspai_hooks.resilience.model import Backoff, Idempotency, Retry
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.source import Location

KEY = "Idempotency-Key"
"""draft-ietf-httpapi-idempotency-key-header"""
MOST_TRIES = 20
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_IDEMPOTENT = frozenset({"PUT", "DELETE"})
"""RFC 9110, section 9.2, and the QUERY method's draft."""
_SERVER_ERRORS = (500, 502, 503, 504)
"""What a client can meet of `5XX` and a second try can mend."""


def read(description: Description) -> Read:
    """What a description says."""
    return Read(tuple(from_openapi(description)))


def from_openapi(description: Description) -> Iterator[Said]:
    """What is said of each operation, the most specific first; `scope` is `GET /path`, or the file's path."""
    path = description.path
    root = Place(path)
    operations = [one for one in description.operations if one.section == "paths"]
    description.library.locate([root, *(place for one in operations for place in (one.place, one.item))])
    fern_headers = _fern_headers(description.top)
    for one in operations:
        value = description.value(one)
        place = description.library.location(one.place)
        yield from _extensions(value, Level.METHOD, one.element, place)
        item = members(description.library.at(one.item))
        yield from _extensions(item, Level.METHOD, one.element, description.library.location(one.item))
        key = _key(description, one) or (fern_headers if value.get("x-fern-idempotent") is True else "")
        if key:
            yield Said(Level.METHOD, one.element, place, "Idempotency-Key header", Idempotency.KEYED, key)
        elif one.method in _SAFE or one.method in _IDEMPOTENT:
            kind = Idempotency.SAFE if one.method in _SAFE else Idempotency.IDEMPOTENT
            yield Said(Level.METHOD, one.element, place, f"RFC 9110 {one.method}", kind)
    yield from _extensions(description.top, Level.FILE, path, description.library.location(root))


def _extensions(value: Members, level: Level, scope: str, place: Location) -> Iterator[Said]:
    timeout = value.get("x-speakeasy-timeout")
    if _is_number(timeout, 1, 86_400_000):
        yield Said(level, scope, place, "x-speakeasy-timeout", timeout_s=float(str(timeout)) / 1000)
    retry = _speakeasy(members(value.get("x-speakeasy-retries")))
    if retry is not None:
        yield Said(level, scope, place, "x-speakeasy-retries", retry=retry)
    fern = members(value.get("x-fern-retries"))
    if fern.get("disabled") is True:
        yield Said(level, scope, place, "x-fern-retries", retry=Retry(1))


def _speakeasy(value: Members) -> Retry | None:
    """Tries go on until `maxElapsedTime` (ms) is over: as many as fit into it when each fails at once."""
    backoff = members(value.get("backoff"))
    numbers = [backoff.get(key) for key in ("initialInterval", "maxInterval", "exponent", "maxElapsedTime")]
    if value.get("strategy") == "none":
        return Retry(1)
    if value.get("strategy") != "backoff" or not all(_is_number(one, 0, 86_400_000) for one in numbers):
        return None
    initial, longest, exponent, elapsed = (float(str(one)) for one in numbers)
    waits = Backoff(initial / 1000, longest / 1000, max(exponent, 1.0), 0.0)
    spent, tries = 0.0, 1
    while tries < MOST_TRIES and initial > 0:
        spent += waits.before(tries + 1)
        if spent > elapsed / 1000:
            break
        tries += 1
    statuses = sorted({status for code in entries(value.get("statusCodes")) for status in _statuses(code)})
    return Retry(tries, waits, (), tuple(statuses), value.get("retryConnectionErrors") is True)


def _statuses(code: object) -> tuple[int, ...]:
    text = str(code).upper()
    if text == "5XX":
        return _SERVER_ERRORS
    if text == "4XX":
        return (408, 429)
    return (int(text),) if text.isascii() and text.isdigit() and 400 <= int(text[:3]) <= 599 else ()


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


def _is_number(value: object, lowest: float, highest: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest
