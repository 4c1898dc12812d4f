"""Whether some version of an image satisfies what sources demand."""

from __future__ import annotations

from workspai_hooks.contracts.helm import semver
from workspai_hooks.environments.runtimes.values import Runtime
from workspai_hooks.environments.versions import Version, difference

_HIGHEST = 999
"""Stands for whatever an image's tag leaves open: `python:3.9` is the latest 3.9."""


def satisfies(image: Version, demand: Runtime) -> bool:
    """Whether an image may be what is demanded; also where that can't be told."""
    if demand.version:
        return _at_least(image, demand.version)
    if demand.language == "python":
        return _in_specifiers(image, demand.written)
    newest, oldest = _filled(image, _HIGHEST), _filled(image, 0)
    return semver.allows(demand.written, newest) or semver.allows(demand.written, oldest)


def _at_least(image: Version, demand: Version) -> bool:
    return image >= demand or difference(image, demand) is None


def _filled(version: Version, rest: int) -> semver.Triple:
    return (version[0], version[1] if len(version) > 1 else rest, version[2] if len(version) > 2 else rest)


def _in_specifiers(image: Version, written: str) -> bool:
    """By PEP 440, whose reader the packaging library is."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(written)
    except InvalidSpecifier:
        return True
    return any(wanted.contains(".".join(map(str, _filled(image, rest)))) for rest in (0, _HIGHEST))
