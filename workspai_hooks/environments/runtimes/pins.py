"""The version of a language that a developer's machine gets: version managers and devcontainers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename

from workspai_hooks.environments.runtimes.images import runtime_of
from workspai_hooks.environments.runtimes.values import Runtime, Says
from workspai_hooks.environments.versions import version_of
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_MAX_BYTES = 256 * 1024
_ALONE: Mapping[str, str] = {
    ".python-version": "python",
    ".node-version": "node",
    ".nvmrc": "node",
    ".ruby-version": "ruby",
    ".java-version": "java",
    ".go-version": "go",
}
_TOOLS: Mapping[str, str] = {
    "python": "python",
    "nodejs": "node",
    "node": "node",
    "golang": "go",
    "go": "go",
    "java": "java",
    "ruby": "ruby",
    "php": "php",
    "dotnet": "dotnet",
    "dotnet-core": "dotnet",
}
_NUMBER = regex(r"(?:[a-z]{1,20}-){0,3}v?(\d{1,4}(?:\.\d{1,4}){0,2})\b")
_FEATURE = regex(
    rb"\"(?:ghcr\.io/)?devcontainers/features/(python|go|node|java|dotnet|ruby|php)(?::[\w.]{1,20})?\"\s{0,8}:\s{0,8}\{"
    rb"[^{}]{0,400}?\"version\"\s{0,8}:\s{0,8}\"([^\"\n]{1,40})\""
)
_IMAGE = regex(rb"(?m)^[ \t]{0,20}\"image\"\s{0,8}:\s{0,8}\"([^\"\n]{1,200})\"")
_COMMENT = regex(rb"(?m)^[ \t]*//[^\n]*$")


def wanted(path: str) -> bool:
    name = basename(path)
    return name in _ALONE or name in (
        ".tool-versions",
        ".sdkmanrc",
        "devcontainer.json",
        ".devcontainer.json",
    )


def read(path: str, data: bytes) -> Iterator[Runtime]:
    """What it installs; names of releases (`lts`, `pypy3`) and ranges are nothing that can be compared."""
    data, name = data[:_MAX_BYTES], basename(path)
    if name.endswith("devcontainer.json"):
        yield from _devcontainer(path, _COMMENT.sub(b"", data))
        return
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        if name in _ALONE:
            yield from _made(_ALONE[name], text, Location(path, number))
            return  # further lines are versions that may be asked for, too
        if name == ".sdkmanrc":
            key, _, value = text.partition("=")
            if key.strip() == "java":
                yield from _made("java", value.strip(), Location(path, number))
        else:
            tool, *versions = text.split()
            if tool in _TOOLS and versions:
                yield from _made(_TOOLS[tool], versions[0], Location(path, number))


def _made(language: str, text: str, place: Location) -> Iterator[Runtime]:
    found = _NUMBER.match(text)
    version = version_of(found[1]) if found and not text.startswith(("pypy", "lts", "miniconda")) else None
    if version is None:
        return
    if language == "java" and version[0] == 1 and len(version) > 1:
        version = version[1:]
    yield Runtime(language, Says.PIN, version, place, text[:60])


def _devcontainer(path: str, data: bytes) -> Iterator[Runtime]:
    if match := _IMAGE.search(data):
        place = Location(path, data.count(b"\n", 0, match.start(1)) + 1)
        found = runtime_of(match[1].decode("utf-8", "replace"), place, says=Says.PIN)
        yield from [found] if found is not None else []
    for match in _FEATURE.finditer(data):
        place = Location(path, data.count(b"\n", 0, match.start(2)) + 1)
        yield from _made(match[1].decode(), match[2].decode("utf-8", "replace"), place)
