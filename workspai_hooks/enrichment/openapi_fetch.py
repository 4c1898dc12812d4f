"""Sidecars of openapi-generator's typescript-fetch clients: `runtime_resilience.ts` beside `runtime.ts`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_NEEDED = (
    regex(rb"^export const BASE_PATH\b", re.MULTILINE),
    regex(rb"^export interface ConfigurationParameters\b", re.MULTILINE),
    regex(rb"^export type FetchAPI\b", re.MULTILINE),
)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """Nothing but that it is one; older ones, without these names, get none."""
    if posixpath.basename(path) != "runtime.ts" or not all(one.search(content) for one in _NEEDED):
        return None
    return {}


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {f"{path.removesuffix('.ts')}_resilience.ts": "openapi_fetch.ts.j2"}


KIND = Kind("openapi-fetch", "openapi-generator", facts, outputs)
