"""The table of sidecars, a module a kind."""

from __future__ import annotations

from workspai_hooks.enrichment import (
    connect_es,
    grpc_go,
    grpc_java,
    grpc_python,
    grpc_typescript,
    openapi_axios,
    openapi_fetch,
    openapi_go,
    openapi_httpx,
    openapi_java,
    openapi_python,
)
from workspai_hooks.enrichment.kind import Kind

KINDS: tuple[Kind, ...] = (
    grpc_python.KIND,
    *grpc_go.KINDS,
    grpc_typescript.KIND,
    *connect_es.KINDS,
    grpc_java.KIND,
    openapi_python.KIND,
    openapi_fetch.KIND,
    openapi_axios.KIND,
    openapi_go.KIND,
    openapi_java.KIND,
    openapi_httpx.KIND,
)
