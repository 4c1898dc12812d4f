"""Which messages of a shared topic a reader takes: those that it tells apart by name, of who makes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.files import is_code, is_test

_MOST_TYPES = 200
_NEW = (".cs", ".java", ".ts", ".js", ".tsx", ".mjs", ".php", ".groovy", ".vb", ".cpp")


def handled(scene: Scene) -> dict[str, dict[str, Evidence]]:
    """Service -> the types that it tells apart, with the line."""
    found: dict[str, dict[str, Evidence]] = {}
    for service, path, clue in scene.with_shared(Role.HANDLES):
        for name in scene.texts(service, clue.text):
            known = found.setdefault(service.name, {})
            if len(known) < _MOST_TYPES:
                known.setdefault(name, Evidence(Location(path, clue.line), clue.kind))
    return found


def made(scene: Scene, service: str, types: Iterable[str]) -> Evidence | None:
    """Where the service's own code makes, or names as a text, a message of one of the types."""
    names = "|".join(sorted(map(re.escape, types)))
    named = scene.services.named(service)
    if not names or named is None:
        return None
    tree = scene.tree(named)

    def look() -> list[str]:
        told = rf"(?<!case )(?<!== )[\"'`](?:{names})[\"'`]|\bnameof\((?:\w+\.)*(?:{names})\)"
        created = re.compile(rf"\bnew\s+(?:\w+\.)*(?:{names})\b|\b(?:{names})::new\b|{told}".encode())
        called = re.compile(
            rf"(?<!class )(?<!object )(?<!struct )(?<!def )(?<!\w)(?:{names})"
            rf"(?:\.new|::new)?\s?[({{]|{told}".encode()
        )
        for path, data in sorted(tree.files.items()):
            if is_code(path) and not is_test(path):
                pattern = created if path.endswith(_NEW) else called
                if match := pattern.search(data):
                    return [path, str(data.count(b"\n", 0, match.start()) + 1)]
        return []

    place = tree.once(("makes", names), list[str], look)
    return Evidence(Location(place[0], int(place[1])), "event-type") if place else None
