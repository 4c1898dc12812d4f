"""Templates send no requests: what they show of what is handed to them are properties."""

from __future__ import annotations

from workspai_hooks.workspace.http.clients import Clients
from workspai_hooks.workspace.http.fields_go import json_name as go_name
from workspai_hooks.workspace.http.fields_python import json_name as python_name
from workspai_hooks.workspace.use_sites.infer.program import ClassDecl


class JinjaClients(Clients):
    """Attributes and keys are one."""

    getters = frozenset({"get"})
    list_methods = frozenset({"append", "sort", "count"})
    plain_methods = frozenset({"items", "strip", "lower", "upper", "split", "format", "replace", "title"})

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return python_name(declared, member)


class GoTemplateClients(Clients):
    """Fields of structs and keys of maps."""

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return go_name(declared, member)
