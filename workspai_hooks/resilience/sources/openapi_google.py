"""`x-google-backend`: how long Cloud Endpoints and API Gateway (ESPv2) wait for the backend.

<https://cloud.google.com/endpoints/docs/openapi/openapi-extensions#deadline>
"""

from __future__ import annotations

from workspai_hooks.contracts.openapi.description import members
from workspai_hooks.resilience.model import Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Said
from workspai_hooks.resilience.sources.openapi_extension import LONGEST_MS, Extension, is_number, shown

DEFAULT_S = 15.0
"""Where the extension gives none, or none above zero."""


def backend(one: Extension) -> Read:
    """`deadline` in seconds, a number."""
    value = members(one.value)
    deadline = value.get("deadline", DEFAULT_S)
    if not is_number(deadline, 0, LONGEST_MS / 1000) or deadline == 0:
        return one.ignored(
            f"deadline is {shown(deadline)}; a number of seconds is read, and {DEFAULT_S:g} s hold instead"
        )
    timeout_s = float(str(deadline))
    said = Said(
        one.level, one.scope, one.place, one.key, timeout_s=timeout_s, where=Where.GATEWAY, entry=True
    )
    return Read((said,))
