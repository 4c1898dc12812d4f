"""What gateways make of paths: prefixes that they strip, add or rewrite."""

from __future__ import annotations

import msgspec

from workspai_hooks.workspace.edges.values import Edge
from workspai_hooks.workspace.workspace import Workspace


class Route(msgspec.Struct, frozen=True, order=True):
    """One route to the provider. A path that begins with `prefix` is handed on with `instead` in its place."""

    prefix: str
    instead: str
    is_known: bool = True

    def handed_on(self, path: str) -> str | None:
        """The path as the provider gets it; None where the route is not for it."""
        rest = path.removeprefix(self.prefix.rstrip("/"))
        if rest == path and self.prefix.rstrip("/"):
            return None
        if rest and not rest.startswith(("/", "?")):
            return None
        return self.instead.rstrip("/") + rest or "/"


def routes_of(workspace: Workspace, edge: Edge) -> tuple[Route, ...]:
    """The rules of a gateway's routes to the provider that an edge leads to."""
    return ()
