"""Sidecars of openapi-generator's Java clients with OkHttp, its default library: `ResilientApiClient.java`
beside `ApiClient.java`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_PACKAGE = regex(rb"^package ([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*);", re.MULTILINE)
_OKHTTP = regex(rb"^import okhttp3\.", re.MULTILINE)
_BUILD_CALL = (
    b"public Call buildCall(String baseUrl, String path, String method, List<Pair> queryParams,"
    b" List<Pair> collectionQueryParams, Object body, Map<String, String> headerParams,"
    b" Map<String, String> cookieParams, Map<String, Object> formParams, String[] authNames,"
    b" ApiCallback callback) throws ApiException"
)
"""What the sidecar overrides; before 5.2 it was another method."""


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`package` is the client's."""
    package = _PACKAGE.search(content)
    if posixpath.basename(path) != "ApiClient.java" or package is None:
        return None
    if _OKHTTP.search(content) is None or _BUILD_CALL not in content:
        return None
    return {"package": package[1].decode()}


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {posixpath.join(posixpath.dirname(path), "ResilientApiClient.java"): "openapi_java.java.j2"}


KIND = Kind("openapi-java", "openapi-generator", facts, outputs)
