"""Programs that run from mounted sources: a container for development has tools, and its code is a volume."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.facts import Build, Declaration
from workspai_hooks.workspace.manifests.paths import ancestors, holds
from workspai_hooks.workspace.names import image_name
from workspai_hooks.workspace.sources import Sources

_RUNTIMES = frozenset(
    """
    air amazoncorretto aspnet bun deno dotnet eclipse-temurin elixir erlang go golang gradle java jre jdk
    maven node openjdk php python rails ruby runtime rust sdk temurin
    """.split()  # noqa: SIM905
)
"""Public images that run somebody's code; any other (linters, generators, migrations) works on it."""
_SERVER, _SCRIPTS = (".conf",), (".lua",)
"""nginx (OpenResty) runs Lua that its configuration names."""
_PLACE = regex(r"(?<![\w.-])/[\w.-]+(?:/[\w.-]+)*")


def home(one: Declaration, names: Sequence[str], sources: Sources) -> str | None:
    """The folder whose code a container of tools runs: what is mounted where it starts, or where the path
    on its command line lies. None where it is not told, or lies outside of the repository's code."""
    if scripted := _scripted(one, sources):
        return scripted
    if not one.binds or not (one.build or any(image_name(image) in _RUNTIMES for image in one.images)):
        return None
    for place in _places(one, sources):
        for folder in _behind(place, one.binds, sources):
            if not folder:
                # The whole repository: it is told by the name alone.
                return sources.named(names, strength=2)
            if folder in sources.coded:
                return sources.of_build(Build(folder), names)
    return None


def _scripted(one: Declaration, sources: Sources) -> str | None:
    """The folder of a web server whose image is somebody else's and whose scripts are mounted into it: the
    innermost that holds its configuration and the scripts."""
    configuration = [path for path in one.mounts if path.endswith(_SERVER)] if one.build is None else []
    scripts = [path for path in one.mounts if configuration and sources.has(path, _SCRIPTS)]
    folders = {folder for path in configuration for folder in ancestors(path) if folder}
    both = [folder for folder in folders if any(holds(folder, path) for path in scripts)]
    return max(both, key=lambda folder: (folder.count("/"), folder), default=None)


def _places(one: Declaration, sources: Sources) -> Iterator[str]:
    """Where it starts, and the paths on its command line."""
    image = None
    if one.build:
        image = sources.dockerfiles.get(one.build.dockerfile or f"{one.build.context}/Dockerfile".lstrip("/"))
    if start := one.working_dir or (image.working_dir if image else ""):
        yield posixpath.normpath(start)
    yield from _PLACE.findall(one.commands)


def _behind(place: str, binds: Sequence[tuple[str, str]], sources: Sources) -> Iterator[str]:
    """The folder of the repository that is there in the container; of a file the one that holds it."""
    for folder, target in sorted(binds, key=lambda bind: -len(bind[1])):
        if place == target or place.startswith(f"{target}/"):
            path = f"{folder}/{place[len(target) :].strip('/')}".strip("/")
            yield next((each for each in (path, *ancestors(path)) if each in sources.folders), "")
            return
