"""Places in the files of a snapshot, and where a `$ref` leads from one."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

import msgspec

from workspai_hooks.patterns import regex

Pointer = tuple[str, ...]

_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:|//")


class Place(msgspec.Struct, frozen=True, order=True):
    """A value: the file's path from the repository's top, and the JSON pointer inside (parts, unescaped)."""

    path: str
    pointer: Pointer = ()

    def child(self, *names: str) -> Place:
        return Place(self.path, (*self.pointer, *names))

    def __str__(self) -> str:
        return f"{self.path}#/{'/'.join(map(escaped, self.pointer))}" if self.pointer else self.path


class Refused(ValueError):
    """A reference that is not followed; the message says why, the remedy what to do about it."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


def escaped(part: str) -> str:
    """One part of a JSON pointer as it is written (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def target(of: str, ref: str) -> Place:
    """Where `ref`, written in the file `of`, leads; `Refused` where it is not one into this repository."""
    if _SCHEME.match(ref):
        raise Refused(
            "leads out of this repository, and nothing is fetched",
            "keep a copy of what it names in the repository, and refer to that",
        )
    file, _, fragment = ref.partition("#")
    file, fragment = unquote(file), unquote(fragment)
    if "\0" in file or "\\" in file:
        raise Refused("is no path", "write the path with forward slashes, relative to the file")
    path = of
    if file:
        if file.startswith("/"):
            raise Refused("is an absolute path", "write it relative to the file that it stands in")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(of), file))
        if path.startswith("../") or path == "..":
            raise Refused(
                "leads out of this repository",
                "keep a copy of what it names in the repository, and refer to that",
            )
    if fragment and not fragment.startswith("/"):
        raise Refused("names an anchor", "write a JSON pointer: #/components/schemas/Name")
    return Place(path, tuple(map(unescaped, fragment.split("/")[1:])))
