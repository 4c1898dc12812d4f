"""Who is reached by a break through others: shortest ways over proven edges."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping

from workspai_hooks.workspace.edges import Edge, Tier


def exposed(edges: Iterable[Edge], breaking: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Each service that calls a breaking one, itself or through others, with the way to the nearest.

    Only proven edges count, for verdicts that block rest on them. The shortest way, ties by name.
    """
    callers: dict[str, set[str]] = {}
    for edge in edges:
        if edge.tier is Tier.PROVEN and edge.consumer != edge.provider:
            callers.setdefault(edge.provider, set()).add(edge.consumer)
    ways: dict[str, tuple[str, ...]] = {service: (service,) for service in breaking}
    level = sorted(ways)
    while level:
        reached: dict[str, tuple[str, ...]] = {}
        for provider in level:
            for consumer in callers.get(provider, ()):
                way = (consumer, *ways[provider])
                if consumer not in ways and way < reached.get(consumer, (chr(0x10FFFF),)):
                    reached[consumer] = way
        ways.update(reached)
        level = sorted(reached)
    return {service: ways[service] for service in sorted(ways) if service not in breaking}


def path_to(edges: Iterable[Edge], service: str, targets: Collection[str]) -> tuple[str, ...] | None:
    """The shortest way over proven edges from a service to one of the targets, ties by name; None without."""
    if service in targets:
        return (service,)
    providers: dict[str, set[str]] = {}
    for edge in edges:
        if edge.tier is Tier.PROVEN:
            providers.setdefault(edge.consumer, set()).add(edge.provider)
    # Breadth first over sorted names: of the shortest ways, the first by name arrives first.
    queue: deque[tuple[str, ...]] = deque([(service,)])
    seen = {service}
    while queue:
        way = queue.popleft()
        for provider in sorted(providers.get(way[-1], set()) - seen):
            if provider in targets:
                return (*way, provider)
            seen.add(provider)
            queue.append((*way, provider))
    return None
