"""Addresses that a description no longer gives: oasdiff compares them and has no rule for what it finds."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.pinned import SURFACES
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.description import Description, entries, members
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.disclosure import address
from workspai_hooks.source import IN_FILE


def removed_servers(base: Description, head: Description) -> Iterator[Break]:
    """The addresses of a description's top; those of single paths and operations are not compared.

    One that only lost or won the slash at its end is the same.
    """
    before, after = _servers(base), _servers(head)
    rule = rules.BY_NAME["server-removed"]
    for gone in before.keys() - after.keys():
        operations = tuple(
            sorted(
                one.element
                for one in base.operations
                if "servers" not in base.value(one) and one.section == "paths"
            )
        )
        yield Break(
            rule.id,
            f"{base.path}{IN_FILE}server:{gone}",
            f"the server {gone} was removed{_instead(after.keys() - before.keys())}",
            (),
            SURFACES[rule.name],
            head.library.location(Place(head.path, (_key(head),))),
            base.library.location(before[gone]),
            severity=rule.severity,
            operations=operations,
            reaches=operations,
            causes=(f"{base.path} server {gone}",),
        )


def _instead(new: set[str]) -> str:
    return f"; new: {', '.join(sorted(new))}" if new else ""


def _key(description: Description) -> str:
    return "basePath" if description.is_swagger else "servers"


def _servers(description: Description) -> dict[str, Place]:
    """Address -> where it stands. What opens it (user, password, a key in its query) is no part of it."""
    top = description.top
    if description.is_swagger:
        host = str(top.get("host") or "").rpartition("@")[2]
        path = address(str(top.get("basePath") or "")).rstrip("/")
        if not host and not path:
            return {}
        place = Place(description.path, ("basePath" if path else "host",))
        schemes = [str(one) for one in entries(top.get("schemes"))] if host else []
        return {f"{scheme}://{host}{path}": place for scheme in schemes} or {f"{host}{path}": place}
    return {
        address(str(members(server).get("url", ""))).rstrip("/") or "/": Place(
            description.path, ("servers", str(index), "url")
        )
        for index, server in enumerate(entries(top.get("servers")))
    }
