"""Which services share a contract: they hold the same messages, in stubs, copies or by what their builds
read."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.services import Services


def sharing(snapshot: Snapshot, services: Services) -> Mapping[str, frozenset[str]]:
    """Path of a .proto file -> the services that hold it; only those that two or more hold."""
    if not snapshot.paths(".proto"):
        return {}
    from workspai_hooks.stubs.holders import find_holders

    def service_of(path: str) -> str | None:
        found = services.service_of(path)
        return found.name if found is not None else None

    holders = find_holders(snapshot, service_of)
    found: dict[str, frozenset[str]] = {}
    for path, elements in sorted(holders.contracts.items()):
        members = {one for one in elements if not one.startswith("package:")}
        names = frozenset(holders.of(members)) if members else frozenset()
        if len(names) > 1 and names not in found.values():
            found[path] = names
    return found
