"""HTTP requests whose target is known: the lines that send them, by who sends and who answers. No description
is needed for that."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Tier
from workspai_hooks.workspace.http.gather import find_facts
from workspai_hooks.workspace.http.targets import Targets
from workspai_hooks.workspace.http.uses import SUFFIXES
from workspai_hooks.workspace.http.values import Kind
from workspai_hooks.workspace.workspace import Workspace


def requests_sent(workspace: Workspace) -> Mapping[tuple[str, str], tuple[Location, ...]]:
    """Consumer and provider of proven HTTP edges -> the lines that send a request there, and nowhere else as
    far as is known; tests left out."""
    edges = tuple(one for one in workspace.edges if one.tier is Tier.PROVEN and one.protocol == "http")
    consumers = {one.consumer for one in edges}
    pairs = {(one.consumer, one.provider) for one in edges}
    files = {
        path: names
        for path in workspace.snapshot.paths(*SUFFIXES)
        if (names := [one for one in workspace.consumers_at(path) if one in consumers])
    }
    if not files:
        return {}
    targets = Targets(Scene.of(workspace.snapshot, workspace.services), edges)
    found: dict[tuple[str, str], set[Location]] = {}
    for fact in find_facts(workspace.snapshot, files.keys()):
        if fact.kind is not Kind.CALLS or not fact.sure or fact.place.in_test:
            continue
        for name in files.get(fact.place.path, ()):
            consumer = workspace.services.named(name)
            reached = (
                {one.service for one in targets.of(fact.url, consumer, fact.place.path)}
                if consumer
                else set()
            )
            if len(reached) == 1 and (pair := (name, reached.pop())) in pairs:
                place = Location(fact.place.path, fact.place.line, fact.place.column)
                found.setdefault(pair, set()).add(place)
    return {pair: tuple(sorted(places)) for pair, places in found.items()}
