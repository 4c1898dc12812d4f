"""Our own extensions, for what no other convention of OpenAPI can say: the time of a single try, a budget of
retries, and which program is the one that retries.

    x-workspai-per-try-timeout: 500ms
    x-workspai-retry-budget: 20%        # of the calls; retries beyond it are not sent
    x-workspai-retry-layer: sidecar     # client, sidecar, gateway, or none
"""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.durations import seconds_of
from workspai_hooks.resilience.model import Where
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import NO_LAYER, Said
from workspai_hooks.resilience.sources.openapi_extension import LONGEST_MS, Extension, shown

_PERCENT = regex(r"(\d{1,3}(?:\.\d{1,3})?)%")


def per_try_timeout(one: Extension) -> Read:
    """A duration as `.workspai.yaml` has it."""
    seconds = seconds_of(one.value) if isinstance(one.value, str) else None
    if seconds is None or not 0 < seconds <= LONGEST_MS / 1000:
        return one.ignored(f"{shown(one.value)} is no duration, as 500ms, 2s or 1m")
    return Read((Said(one.level, one.scope, one.place, one.key, per_try_s=seconds),))


def retry_budget(one: Extension) -> Read:
    """A share of the calls in percent."""
    found = _PERCENT.fullmatch(one.value) if isinstance(one.value, str) else None
    if found is None or not 0 < float(found[1]) <= 100:
        return one.ignored(f"{shown(one.value)} is no share of the calls, as 20%")
    return Read((Said(one.level, one.scope, one.place, one.key, budget=float(found[1]) / 100),))


def retry_layer(one: Extension) -> Read:
    """Which program retries."""
    if one.value == NO_LAYER or one.value in tuple(Where):
        return Read((Said(one.level, one.scope, one.place, one.key, retry_layer=str(one.value)),))
    return one.ignored(f"{shown(one.value)} is none of {', '.join(Where)} and {NO_LAYER}")
