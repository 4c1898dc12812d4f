"""`x-kong-service-defaults`: the gateway service that `deck file openapi2kong` makes of a description, a path
or an operation.

<https://developer.konghq.com/deck/file/openapi2kong/>,
<https://developer.konghq.com/gateway/entities/service/>
"""

from __future__ import annotations

from workspai_hooks.contracts.openapi.description import members
from workspai_hooks.resilience.model import Backoff, Retry, Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi_extension import Extension, is_number, shown

_TIMES = ("connect_timeout", "write_timeout", "read_timeout")
"""Milliseconds each; together they limit one try of a request whose body and answer come in one piece."""
_DEFAULT_MS = 60_000
_MOST_MS = 2_147_483_646
_MOST_RETRIES = 32_767
_DEFAULT_RETRIES = 5
_AT_ONCE = Backoff(0.0, 0.0, 1.0, 0.0)


def service_defaults(one: Extension) -> Read:
    """Retries and the three times, where one of them is written; the rest are Kong's defaults then."""
    value = members(one.value)
    if not isinstance(one.value, dict):
        return one.ignored(f"{shown(one.value)} is no object")
    for key in (*_TIMES, "retries"):
        bounds = (0, _MOST_RETRIES) if key == "retries" else (1, _MOST_MS)
        if key in value and not (isinstance(value[key], int) and is_number(value[key], *bounds)):
            unit = "number of retries" if key == "retries" else "whole number of milliseconds"
            return one.ignored(f"{key} is {shown(value[key])}, no {unit} from {bounds[0]} to {bounds[1]}")
    if not any(key in value for key in (*_TIMES, "retries")):
        return Read()
    tries = 1 + int(str(value.get("retries", _DEFAULT_RETRIES)))
    per_try = sum(int(str(value.get(key, _DEFAULT_MS))) for key in _TIMES) / 1000
    said = Said(
        one.level,
        one.scope,
        one.place,
        one.key,
        timeout_s=tries * per_try,
        per_try_s=per_try,
        retry=Retry(tries, _AT_ONCE, (), (), True),
        where=Where.GATEWAY,
        entry=True,
    )
    return Read((said,))
