"""`x-amazon-apigateway-integration`: how long API Gateway waits for what is behind it.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>
"""

from __future__ import annotations

from workspai_hooks.contracts.openapi.description import members
from workspai_hooks.resilience.model import Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi_extension import LONGEST_MS, Extension, is_number, shown

LEAST_MS = 50
"""API Gateway refuses less. More than 29 s (HTTP APIs: 30 s) needs a raised quota, which nobody sees here."""


def integration(one: Extension) -> Read:
    """`timeoutInMillis`, where it is written."""
    value = members(one.value).get("timeoutInMillis")
    if value is None:
        return Read()
    if not is_number(value, LEAST_MS, LONGEST_MS) or not isinstance(value, int):
        return one.ignored(
            f"timeoutInMillis is {shown(value)}; API Gateway takes whole milliseconds from {LEAST_MS} on"
        )
    timeout_s = value / 1000
    said = Said(
        one.level, one.scope, one.place, one.key, timeout_s=timeout_s, where=Where.GATEWAY, entry=True
    )
    return Read((said,))
