"""Both sides of a change as verdicts look at them: the workspace before and after, and other repositories."""

from __future__ import annotations

import msgspec

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.impact.outside import Outside
from workspai_hooks.workspace.elsewhere.known import Elsewhere
from workspai_hooks.workspace.workspace import Workspace


class Sides(msgspec.Struct, frozen=True):
    """The workspace as running clients know it, and as the next build will; and what others exported."""

    base: Workspace
    head: Workspace
    elsewhere: Elsewhere | None = None

    def outside(self, schema: Schema, touched: frozenset[str], rpcs: frozenset[str]) -> Outside:
        """Other repositories as they meet a break of these elements."""
        known = self.elsewhere or Elsewhere(self.head.snapshot)
        return Outside(known, self.head, schema, touched, rpcs)
