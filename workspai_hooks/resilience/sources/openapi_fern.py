"""`x-fern-retries`: what SDKs that Fern generates do. They retry twice by themselves; the extension can
only switch that off.

<https://buildwithfern.com/learn/api-definitions/openapi/extensions>
"""

from __future__ import annotations

from workspai_hooks.contracts.openapi.description import members
from workspai_hooks.resilience.model import Retry
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi_extension import Extension, shown


def retries(one: Extension) -> Read:
    """`{disabled: true}`."""
    value = members(one.value)
    disabled = value.get("disabled")
    if disabled is True:
        return Read((Said(one.level, one.scope, one.place, one.key, retry=Retry(1)),))
    if disabled is False and len(value) == 1:
        return Read()
    return one.ignored(f"{shown(one.value)} is not what the generator reads, {{disabled: true}}")
