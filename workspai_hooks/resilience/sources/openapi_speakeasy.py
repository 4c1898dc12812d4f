"""`x-speakeasy-timeout` and `x-speakeasy-retries`: what SDKs that Speakeasy generates do.

<https://www.speakeasy.com/docs/sdks/customize/runtime/retries>, .../timeouts
"""

from __future__ import annotations

from workspai_hooks.contracts.openapi.description import Members, entries, members
from workspai_hooks.resilience.model import Backoff, Retry
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi_extension import LONGEST_MS, Extension, is_number, shown

MOST_TRIES = 20
_DEFAULTS = {"initialInterval": 500, "maxInterval": 60_000, "exponent": 1.5, "maxElapsedTime": 3_600_000}
"""What the generator fills in."""
_SERVER_ERRORS = (500, 502, 503, 504)
"""What a client can meet of `5XX` and a second try can mend."""
_CLIENT_ERRORS = (408, 429)


def timeout(one: Extension) -> Read:
    """Milliseconds, a whole number."""
    if not is_number(one.value, 1, LONGEST_MS) or not isinstance(one.value, int):
        return one.ignored(f"{shown(one.value)} is no whole number of milliseconds, as 5000")
    return Read((Said(one.level, one.scope, one.place, one.key, timeout_s=one.value / 1000),))


def retries(one: Extension) -> Read:
    """Tries go on until `maxElapsedTime` (ms) is over: as many as fit into it when each fails at once."""
    value = members(one.value)
    strategy = value.get("strategy")
    if strategy == "none":
        return Read((Said(one.level, one.scope, one.place, one.key, retry=Retry(1)),))
    if strategy != "backoff":
        return one.ignored(f"its strategy is {shown(strategy)}; the generator knows backoff alone")
    backoff = {**_DEFAULTS, **members(value.get("backoff"))}
    wrong = [key for key in _DEFAULTS if not is_number(backoff[key], 0, LONGEST_MS)]
    if wrong:
        return one.ignored(f"backoff.{wrong[0]} is {shown(backoff[wrong[0]])}, no number of milliseconds")
    codes = entries(value.get("statusCodes"))
    unread = [code for code in codes if not _statuses(code)]
    if unread:
        return one.ignored(f"statusCodes has {shown(unread[0])}, which is no status from 400 to 599, nor 5XX")
    return Read((Said(one.level, one.scope, one.place, one.key, retry=_retry(value, backoff)),))


def _retry(value: Members, backoff: Members) -> Retry:
    initial, longest, exponent, elapsed = (float(str(backoff[key])) for key in _DEFAULTS)
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
    if text in ("5XX", "4XX"):
        return _SERVER_ERRORS if text == "5XX" else _CLIENT_ERRORS
    known = text.isascii() and text.isdigit() and len(text) == 3 and 400 <= int(text) <= 599
    return (int(text),) if known else ()
