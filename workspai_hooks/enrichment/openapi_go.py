"""Sidecars of openapi-generator's Go clients: `client_resilience.go` beside `client.go`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_PACKAGE = regex(rb"^package ([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?://.*)?\r?$", re.MULTILINE)
_NEEDED = (
    regex(rb"^func NewAPIClient\(cfg \*Configuration\) \*APIClient\b", re.MULTILINE),
    regex(rb"\bcfg\.HTTPClient\b"),
)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`package` is the client's."""
    package = _PACKAGE.search(content)
    if posixpath.basename(path) != "client.go" or package is None:
        return None
    if not all(one.search(content) for one in _NEEDED):
        return None
    return {"package": package[1].decode()}


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {f"{path.removesuffix('.go')}_resilience.go": "openapi_go.go.j2"}


KIND = Kind("openapi-go", "openapi-generator", facts, outputs)
