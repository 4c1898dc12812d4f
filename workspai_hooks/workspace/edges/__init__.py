"""Who calls whom, with evidence: values.py; one finder a file, joined by find.py."""

from workspai_hooks.workspace.edges.values import Edge, Edges, Evidence, RpcUse, Tier

__all__ = ["Edge", "Edges", "Evidence", "RpcUse", "Tier"]
