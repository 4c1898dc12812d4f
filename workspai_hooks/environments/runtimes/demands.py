"""The version of a language that a service's sources ask for, a file a kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from posixpath import basename

from workspai_hooks.environments.runtimes.values import Runtime, Says
from workspai_hooks.environments.versions import version_of
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_MAX_BYTES = 1024 * 1024
_GO = regex(rb"(?m)^go[ \t]+(\d+\.\d+(?:\.\d+)?)[ \t]*(?://.*)?\r?$")
_PYTHON = regex(rb"(?m)^requires-python[ \t]*=[ \t]*[\"']([^\"'\n]{1,80})[\"']")
_POM = regex(rb"<(?:java\.version|maven\.compiler\.(?:release|target|source))>\s*(?:1\.)?(\d{1,2})\s*</")
_GRADLE = regex(
    rb"(?m)^[^\n/]{0,80}(?:JavaLanguageVersion\.of\(\s*(\d{1,2})\s*\)"
    rb"|(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.VERSION_|[\"'])?(?:1[._])?(\d{1,2})[\"']?\s*$)"
)
_FRAMEWORK = regex(rb"<TargetFramework>\s*net(?:coreapp)?(\d{1,2}\.\d)(?:-\w{1,20})?\s*</TargetFramework>")
_ROLLS = regex(rb"<RollForward>|<SelfContained>\s*true|<PublishAot>\s*true")

Reader = Callable[[str, bytes], Iterator[Runtime]]


def _first(language: str, pattern: str, use: str = "") -> Reader:
    found_by = {"go": _GO, "java": _POM, "gradle": _GRADLE, "dotnet": _FRAMEWORK}[pattern]

    def read(path: str, data: bytes) -> Iterator[Runtime]:
        match = found_by.search(data)
        if match is None or (pattern == "dotnet" and _ROLLS.search(data)):
            return
        number = next(each for each, group in enumerate(match.groups(), 1) if group is not None)
        text = match[number].decode()
        place = Location(path, data.count(b"\n", 0, match.start(number)) + 1)
        if (version := version_of(text)) is not None:
            yield Runtime(language, Says.DEMAND, version, place, text, use=use)

    return read


def _python(path: str, data: bytes) -> Iterator[Runtime]:
    if match := _PYTHON.search(data):
        place = Location(path, data.count(b"\n", 0, match.start()) + 1)
        yield Runtime("python", Says.DEMAND, (), place, match[1].decode("utf-8", "replace"))


def _node(path: str, data: bytes) -> Iterator[Runtime]:
    try:
        engines = json.loads(data).get("engines")
    except (ValueError, AttributeError, RecursionError):
        return
    wanted = engines.get("node") if isinstance(engines, dict) else None
    if isinstance(wanted, str) and wanted.strip():
        at = max(data.find(b'"node"', max(data.find(b'"engines"'), 0)), 0)
        yield Runtime("node", Says.DEMAND, (), Location(path, data.count(b"\n", 0, at) + 1), wanted[:100])


def _global_json(path: str, data: bytes) -> Iterator[Runtime]:
    try:
        sdk = json.loads(data).get("sdk")
    except (ValueError, AttributeError, RecursionError):
        return
    wanted = sdk.get("version") if isinstance(sdk, dict) else None
    if isinstance(wanted, str) and (version := version_of(wanted)) is not None:
        at = max(data.find(b'"version"'), 0)
        place = Location(path, data.count(b"\n", 0, at) + 1)
        yield Runtime("dotnet", Says.DEMAND, version[:2], place, wanted[:40], use="sdk")


_READERS: Mapping[str, Reader] = {
    "go.mod": _first("go", "go"),
    "pyproject.toml": _python,
    "package.json": _node,
    "pom.xml": _first("java", "java"),
    "build.gradle": _first("java", "gradle"),
    "build.gradle.kts": _first("java", "gradle"),
    "global.json": _global_json,
    "Directory.Build.props": _first("dotnet", "dotnet"),
}
INHERITED = frozenset(
    {"go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "global.json", "Directory.Build.props"}
)
"""Files that speak for the folders below them, also where a service begins there."""


def _reader(path: str) -> Reader | None:
    name = basename(path)
    return _READERS.get(name) or (_first("dotnet", "dotnet") if name.endswith(".csproj") else None)


def wanted(path: str) -> bool:
    return _reader(path) is not None


def read(path: str, data: bytes) -> Iterator[Runtime]:
    """What a build file demands; what can't be read demands nothing."""
    reader = _reader(path)
    if reader is not None and len(data) <= _MAX_BYTES:
        yield from reader(path, data)
