"""ED04: a developer gets another release of a language than the image that is deployed has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from workspai_hooks.environments.found import finding
from workspai_hooks.environments.runtimes.images import runtime_of
from workspai_hooks.environments.runtimes.values import NAMES, Runtime, Says, differ, release
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.stages import ASIDE, stage_of
from workspai_hooks.environments.values import Means, Stage
from workspai_hooks.environments.versions import text_of
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.workspace.service import Service

_SHOWN = 3


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for each line that installs a version: a devcontainer speaks for many services."""
    apart: dict[tuple[str, str], list[tuple[str, Runtime, Runtime]]] = defaultdict(list)
    for service in scene.services.all:
        every = {one.location.path for one in (*scene.dockerfiles(service), *scene.own_dockerfiles(service))}
        local = {path for path in every if stage_of(path) == Stage.LOCAL}
        for path in sorted(path for path in every - local if stage_of(path) != ASIDE):
            for image in filter(_is_deployed, scene.runtimes.of_dockerfile(path)):
                for pin in (*_pins(scene, service, path, image.language), *_built(scene, local, image)):
                    if differ(image.language, pin.version, image.version):
                        apart[pin.location.path, image.language].append((service.name, pin, image))
    for (path, language), rows in sorted(apart.items()):
        yield _told(path, language, sorted(set(rows)))


def _is_deployed(one: Runtime) -> bool:
    """What runs; of Go what builds, for nothing of it is left to run; of .NET not the SDK beside it."""
    return one.last or one.language == "go"


def _built(scene: Scene, local: Collection[str], image: Runtime) -> Iterator[Runtime]:
    """What Dockerfiles for development start from: `Dockerfile.dev` beside the one that is deployed."""
    for path in sorted(local):
        for one in scene.runtimes.of_dockerfile(path):
            if one.last and one.language == image.language:
                yield one


def _pins(scene: Scene, service: Service, dockerfile: str, language: str) -> Iterator[Runtime]:
    yield from scene.runtimes.around(dockerfile, service.roots, language, Says.PIN)
    for one in scene.workloads:
        # Compose that runs a plain image of the language with the source mounted into it.
        if one.service == service.name and one.means is Means.COMPOSE and len(one.images) == 1:
            found = runtime_of(one.images[0].text, one.images[0].location, says=Says.PIN)
            if found is not None and found.language == language:
                yield found


def _told(path: str, language: str, rows: list[tuple[str, Runtime, Runtime]]) -> Finding:
    name, pin, image = rows[0]
    others = sorted({other for other, _, _ in rows} - {name})
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    likewise = f"; likewise {', '.join(others[:_SHOWN])}{more}" if others else ""
    mine = text_of(release(language, pin.version))
    return finding(
        "ED04",
        Severity.NOTE,
        f"{path}:runtime/{language}",
        f"{path} gives developers {NAMES[language]} {mine}, and {name} is built from "
        f"{image.written}{likewise}",
        pin.location,
        sorted({each.location for _, _, each in rows}),
        f"{NAMES[language]} {mine} -> production {image.written}",
    )
