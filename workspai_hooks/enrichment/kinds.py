"""The table of sidecars, a module a kind."""

from __future__ import annotations

from workspai_hooks.enrichment import grpc_python
from workspai_hooks.enrichment.kind import Kind

KINDS: tuple[Kind, ...] = (grpc_python.KIND,)
