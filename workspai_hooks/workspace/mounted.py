"""What a public program's container gets to see of the repository: mounted files, folders and ConfigMaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workspai_hooks.workspace.files import is_code, is_read_at_run_time
from workspai_hooks.workspace.manifests.facts import Settings
from workspai_hooks.workspace.manifests.paths import ancestors
from workspai_hooks.workspace.services import Service, Services


def mounted_files(paths: Iterable[str], services: Services) -> dict[str, list[str]]:
    """Path -> the services without a folder of their own that it is mounted into. Configuration only."""
    mounts: dict[str, set[str]] = {}
    for service in services.all:
        for place in [] if service.roots else _mounts(service, services):
            mounts.setdefault(place, set()).add(service.name)
    found: dict[str, list[str]] = {}
    for path in paths if mounts else ():
        names = {name for place in (path, *ancestors(path)) for name in mounts.get(place, ())}
        if names and is_read_at_run_time(path) and not is_code(path):
            found[path] = sorted(names)
    return found


def _mounts(service: Service, services: Services) -> set[str]:
    places = {place for one in service.declarations for place in one.mounts if place}
    for settings in _maps(service, services):
        places.update(settings.files)
    return places


def _maps(service: Service, services: Services) -> list[Settings]:
    names = {name for one in service.declarations for name in one.volumes}
    return [one for one in services.facts.settings if one.name in names] if names else []


def mounted_texts(services: Services) -> dict[str, Mapping[str, bytes]]:
    """Service -> what ConfigMaps that are mounted hold: the manifest's path -> text at its own lines."""
    found: dict[str, Mapping[str, bytes]] = {}
    for service in services.all:
        if service.roots:
            continue
        texts: dict[str, bytes] = {}
        for settings in _maps(service, services):
            for variable in sorted(settings.variables, key=lambda one: one.location):
                value = (variable.value or "").encode()
                if b"\n" in value:
                    above = texts.get(variable.location.path, b"")
                    gap = variable.location.line - above.count(b"\n")
                    texts[variable.location.path] = above + b"\n" * max(gap, 1) + value
        if texts:
            found[service.name] = texts
    return found
