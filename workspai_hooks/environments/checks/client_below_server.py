"""ED10: a client library that does not speak the protocol of the server that runs."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.clients import FLOORS, Client, Floor, read, wanted
from workspai_hooks.environments.found import finding
from workspai_hooks.environments.images import image_of
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import ImageUse
from workspai_hooks.environments.versions import difference
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.store import Store
from workspai_hooks.workspace.files import is_for_show, is_for_tests


def find(scene: Scene) -> Iterator[Finding]:
    """Only where every server of the program that is known refuses the library: which of several a service
    talks to is not asked here."""
    servers = _servers(scene)
    if not servers:
        return
    for client in _clients(scene):
        service = scene.services.service_of(client.location.path)
        for floor in FLOORS if service is not None else ():
            uses = servers.get(floor.program, [])
            if (
                floor.library == client.library
                and _is_below(client, floor)
                and uses
                and _all_refuse(uses, floor)
            ):
                yield _told(service.name if service else "", client, floor, min(uses))


def _servers(scene: Scene) -> dict[str, list[ImageUse]]:
    """The images of each program in the table that anything runs."""
    programs = {one.program for one in FLOORS}
    found: dict[str, list[ImageUse]] = {}
    for workload in scene.workloads:
        for use in workload.images:
            if (store := image_of(use.text).store) in programs:
                found.setdefault(store, []).append(use)
    return found


def _clients(scene: Scene) -> list[Client]:
    entries = scene.snapshot.entries
    keys = {
        path: Store.key(path, entries[path].blob)
        for path in scene.snapshot.paths()
        if wanted(path) and "node_modules/" not in path and not is_for_tests(path) and not is_for_show(path)
    }

    def make(missing: list[str]) -> dict[str, tuple[Client, ...]]:
        contents = scene.snapshot.read_many(missing)
        return {path: tuple(read(path, data)) for path, data in contents.items()}

    found = scene.snapshot.store.each("clients of servers", keys, tuple[Client, ...], make)
    return sorted(one for rows in found.values() for one in rows)


def _is_below(client: Client, floor: Floor) -> bool:
    if floor.client is None:
        return True
    return difference(client.version, floor.client) is not None and client.version < floor.client


def _all_refuse(uses: list[ImageUse], floor: Floor) -> bool:
    images = [image_of(use.text) for use in uses]
    return all(
        one.is_upstream
        and one.version is not None
        and one.version >= floor.server
        and len(one.version) >= (1 if one.version[0] > floor.server[0] else 2)
        for one in images
    )


def _told(service: str, client: Client, floor: Floor, use: ImageUse) -> Finding:
    name, image = client.library.partition(":")[2], image_of(use.text)
    return finding(
        "ED10",
        Severity.WARNING,
        f"{service}:client/{name}",
        f"{service} takes {name} {client.written}, which {image.path}:{image.tag} refuses: {floor.why} "
        f"({floor.source})",
        client.location,
        (use.location,),
        f"{name} {client.written} -> {image.path}:{image.tag}",
    )
