"""What contracts are compiled with that is not in the repository: a part of the key of what is kept."""

from __future__ import annotations

from workspai_hooks.contracts.protobuf import packaged, registry


def state() -> list[str]:
    """The packages beside us, and the commits in buf's cache: other ones may bring what was missing."""
    return [*packaged.installed(), *registry.kept_commits()]
