"""Topics and queues: who subscribes depends on who publishes."""

from __future__ import annotations

from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role

Lines = dict[str, list[Evidence]]


def find(scene: Scene) -> list[Hint]:
    """Subscriber -> publisher, for every topic that both sides name."""
    published, subscribed = _by_topic(scene, Role.PUBLISHES), _by_topic(scene, Role.SUBSCRIBES)
    hints = []
    for topic, readers in subscribed.items():
        for consumer, reading in readers.items():
            for provider, writing in published.get(topic, {}).items():
                if provider != consumer:
                    evidence = (*reading, *writing)
                    hints.append(Hint(consumer, provider, topic, Tier.PROVEN, evidence))
    return hints


def _by_topic(scene: Scene, role: Role) -> dict[str, Lines]:
    """Topic -> service -> the lines that name it."""
    found: dict[str, Lines] = {}
    for service, path, clue in scene.clues(role):
        for topic in scene.texts(service, clue.text):
            lines = found.setdefault(topic, {}).setdefault(service.name, [])
            lines.append(Evidence(Location(path, clue.line), clue.kind))
    return found
