"""Pages of Azure Static Web Apps: requests under `/api` go to the application that they are linked to."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.through_gateway import requested
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.text import line_of
from workspai_hooks.workspace.manifests.paths import folder_of, inside
from workspai_hooks.workspace.services import Service

_FILE = regex(r"(?:^|/)swa-cli\.config\.json$")


def find(scene: Scene) -> list[Hint]:
    """Page -> the service in the folder that `apiLocation` names, where the page requests a relative path."""
    hints = []
    for path in scene.paths(_FILE):
        data = scene.text(path)
        for page, api in _linked(path, data, scene):
            if scene.is_aside(page) or scene.provider(api, page) is None:
                continue
            if place := requested(page, scene, set(), linked=True):
                line = line_of(data, max(data.find(b"apiLocation"), 0))
                evidence = (Evidence(place, "relative"), Evidence(Location(path, line), "linked"))
                hints.append(Hint(page.name, api.name, "http", Tier.PROVEN, evidence))
    return hints


def _linked(path: str, data: bytes, scene: Scene) -> Iterator[tuple[Service, Service]]:
    """https://azure.github.io/static-web-apps-cli/docs/cli/swa-config"""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return
    configurations = said.get("configurations") if isinstance(said, dict) else None
    for one in configurations.values() if isinstance(configurations, dict) else ():
        if not isinstance(one, dict):
            continue
        places = [one.get(key) for key in ("appLocation", "apiLocation")]
        folders = [inside(folder_of(path), place) for place in places if isinstance(place, str)]
        owners = [scene.services.service_of(f"{folder}/x") for folder in folders if folder]
        if len(owners) == 2 and owners[0] and owners[1]:
            yield owners[0], owners[1]
