"""Sidecars of openapi-generator's typescript-axios clients: `base_resilience.ts` beside `base.ts`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_BASE = regex(rb"^export const BASE_PATH\b", re.MULTILINE)
_CONFIGURATION = regex(
    rb"^import (?:type )?\{ ?Configuration ?\} from ['\"]\./configuration(\.[jt]s)?['\"]", re.MULTILINE
)
_AXIOS = regex(rb"^import globalAxios\b[^;\n]* from ['\"]axios['\"]", re.MULTILINE)
_SERVERS = regex(rb"^export const operationServerMap\b", re.MULTILINE)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`extension` of the files that it imports; `servers`: operations may have their own."""
    imported = _CONFIGURATION.search(content)
    if posixpath.basename(path) != "base.ts" or imported is None:
        return None
    if not (_BASE.search(content) and _AXIOS.search(content)):
        return None
    return {"extension": (imported[1] or b"").decode(), "servers": bool(_SERVERS.search(content))}


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {f"{path.removesuffix('.ts')}_resilience.ts": "openapi_axios.ts.j2"}


KIND = Kind("openapi-axios", "openapi-generator", facts, outputs)
