"""ED03: an image whose run time is older than the sources that it is built from demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from workspai_hooks.environments.found import finding
from workspai_hooks.environments.runtimes.ranges import satisfies
from workspai_hooks.environments.runtimes.values import NAMES, Runtime, Says
from workspai_hooks.environments.scene import Scene
from workspai_hooks.findings import Finding, Severity
from workspai_hooks.workspace.service import Service

_SHOWN = 3
_COMPILED = frozenset({"dotnet", "go", "java"})
"""Languages whose builds in an earlier stage fail, too; of others only what the image runs counts."""


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for each Dockerfile and language: the first stage that is too old, for all services that
    are built with it."""
    built: dict[str, list[Service]] = defaultdict(list)
    for service in scene.services.all:
        for dockerfile in scene.dockerfiles(service):
            built[dockerfile.location.path].append(service)
    for path, services in sorted(built.items()):
        seen: set[str] = set()
        for image in scene.runtimes.of_dockerfile(path):
            if image.language in seen or not image.takes_sources:
                continue
            if not (image.last or image.language in _COMPILED):
                continue
            demand = _unmet(scene, services[0], path, image)
            if demand is not None:
                seen.add(image.language)
                yield _told(path, services, image, demand)


def _unmet(scene: Scene, service: Service, path: str, image: Runtime) -> Runtime | None:
    if image.language == "go" and scene.takes_toolchains(path):
        return None
    demands = scene.runtimes.around(path, service.roots, image.language, Says.DEMAND)
    fitting = (one for one in demands if not one.use or one.use == image.use)
    return next((one for one in fitting if not satisfies(image.version, one)), None)


def _told(path: str, services: list[Service], image: Runtime, demand: Runtime) -> Finding:
    names = ", ".join(one.name for one in services[:_SHOWN])
    more = f" and {len(services) - _SHOWN} more" if len(services) > _SHOWN else ""
    return finding(
        "ED03",
        Severity.WARNING,
        f"{path}:runtime/{image.language}",
        f"{path} builds {names}{more} from {image.written}, and the sources demand "
        f"{NAMES[image.language]} {demand.written}",
        image.location,
        (demand.location,),
        f"{image.written} -> demanded {demand.written}",
    )
