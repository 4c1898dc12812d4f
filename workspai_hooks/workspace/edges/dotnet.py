"""What .NET's own files say beside the code: where a project listens, and the clusters that a YARP loads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.services import Service

if TYPE_CHECKING:
    from workspai_hooks.workspace.edges.scene import Scene

_LAUNCHED = regex(r"(?:^|/)Properties/launchSettings\.json$")
_SETTINGS = regex(r"(?i)(?:^|(?<!wwwroot)/)appsettings[\w.-]*\.json$")
_SAID = regex(
    rb"\"(?:applicationUrl|(?:ASPNETCORE|DOTNET)_(?:URLS|HTTPS?_PORTS))\"\s*:\s*\"([^\"\n]{1,400})\"", re.I
)
_PORT = regex(rb"(?:://[^/:;\s]{1,100}:|(?:^|;))(\d{2,5})(?![\w.])")
_CLUSTER = regex(r"(?i)(?:^|\.)clusters\.(.{1,200})\.destinations\..{1,200}\.address$")
_LOADS = regex(rb"\.LoadFromConfig\s*\(")
_SIGNS_IN = regex(rb"\bAddIdentityServer\b|\bAddOpenIddict\b")


def is_settings(path: str) -> bool:
    """Whether a file is a program's own configuration, and not what a page downloads."""
    return _SETTINGS.search(path) is not None


def launched(scene: Scene) -> dict[str, set[int]]:
    """Service -> the ports that `dotnet run` opens: a project's launch profiles, in its own folder."""
    found: dict[str, set[int]] = {}
    for path in scene.paths(_LAUNCHED):
        owner = scene.services.service_of(path)
        if owner is None or is_test(path):
            continue
        for match in _SAID.finditer(scene.text(path)):
            found.setdefault(owner.name, set()).update(int(one) for one in _PORT.findall(match[1]))
    return found


def cluster_of(name: str) -> str:
    """The cluster that a setting is a destination's address of, in YARP's configuration; empty otherwise."""
    match = _CLUSTER.search(name)
    return match[1] if match else ""


def routed(service: Service, scene: Scene) -> frozenset[str]:
    """The clusters that the routes of a service lead to."""
    return frozenset(
        setting.value.lower()
        for _, setting in scene.settings(service)
        if setting.name.lower().endswith(".clusterid") and ".routes" in f".{setting.name.lower()}"
    )


def loads_routes(service: Service, scene: Scene) -> Location | None:
    """Where a service's code loads YARP's configuration, in shared code that is built into it as well.
    Without it the configuration is dead: `MapReverseProxy` alone knows of no route."""
    files = scene.tree(service).files
    for path in (*files, *scene.taken.files(service)):
        if not path.endswith((".cs", ".fs", ".vb")) or is_test(path):
            continue
        data = files[path] if path in files else scene.text(path)
        match = _LOADS.search(data)
        if match and not in_comment(data, match.start()):
            return Location(path, line_of(data, match.start()))
    return None


def signs_in(service: Service, scene: Scene) -> bool:
    """Whether a service signs applications in: it knows their addresses to send people back to them."""
    return any(
        path.endswith(".cs") and _SIGNS_IN.search(data) for path, data in scene.tree(service).files.items()
    )
