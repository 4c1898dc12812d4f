"""Run times in the names of images."""

from __future__ import annotations

from workspai_hooks.environments.images import image_of
from workspai_hooks.environments.runtimes.values import Runtime, Says
from workspai_hooks.environments.versions import Version, version_of
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_PLAIN = {"python": "python", "node": "node", "golang": "go", "ruby": "ruby", "php": "php"}
"""Images whose tag is the language's version; those of other publishers count differently."""
_JAVA = regex(
    r"(?:openjdk|jdk|jre|java|temurin|corretto|amazoncorretto|zulu-openjdk(?:-\w{1,20})?|liberica-open(?:jdk|jre)-\w{1,20}"
    r"|sapmachine|semeru-runtimes|adoptopenjdk)(?:-?|:(?:open-|jdk-?)?)(?:1\.)?(\d{1,2})(?![\d])"
)
_DOTNET = regex(r"dotnet/(?:core/|nightly/)?(sdk|aspnet|runtime|runtime-deps|monitor)")
_DEVCONTAINER = regex(
    r"(?:vscode/)?devcontainers/(python|go|javascript-node|typescript-node|java|dotnet|ruby|php)"
)
_TWO = regex(r"(?:\d{1,2}(?:\.\d{1,3}){0,2}-)?(\d{1,2}(?:\.\d{1,3}){0,2})(?:-[a-z][\w.-]{0,60})?")
_LANGUAGE = {"javascript-node": "node", "typescript-node": "node"}


def runtime_of(text: str, place: Location, *, says: Says = Says.IMAGE, last: bool = True) -> Runtime | None:
    """The run time that an image brings by its name; None where it tells none, or in no version."""
    image = image_of(text)
    if not image.tag or "$" in text:
        return _of_name(text, image.path, place, says, last)
    if found := _DEVCONTAINER.fullmatch(image.path):
        two = _TWO.fullmatch(image.tag)
        language = _LANGUAGE.get(found[1], found[1])
        return _made(language, version_of(two[1]) if two else None, text, place, says, last)
    if found := _DOTNET.search(image.path):
        use = "sdk" if found[1] == "sdk" else "runtime"
        return _made("dotnet", version_of(image.tag), text, place, says, last, use)
    if image.path.removeprefix("library/") in _PLAIN or image.path.startswith("docker/library/"):
        plain = _PLAIN.get(image.name)
        if plain is not None:
            return _made(plain, version_of(image.tag), text, place, says, last)
    return _of_name(text, image.path, place, says, last)


def _of_name(text: str, path: str, place: Location, says: Says, last: bool) -> Runtime | None:
    """Java's, whose images of many makers name it in the name or in the tag."""
    tag = image_of(text).tag if "$" not in text else ""
    found = _JAVA.search(f"{path.rpartition('/')[2]}:{tag}")
    return _made("java", (int(found[1]),), text, place, says, last) if found else None


def _made(
    language: str, version: Version | None, text: str, place: Location, says: Says, last: bool, use: str = ""
) -> Runtime | None:
    if version is None:
        return None
    return Runtime(language, says, version, place, text.partition("@")[0], last, use)
