"""Addresses that are written out in a service's own code and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import Address, parsed
from workspai_hooks.workspace.reading import SourceTree, in_comment

_BEFORE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,20}$")
_AFTER = re.compile(rb"/?[A-Za-z0-9][A-Za-z0-9_.-]*(?::\d{2,5})?(?:/[^\s\"'`<>\\{}$]*)?")
_QUOTED = re.compile(rb"[\"'`]([A-Za-z][A-Za-z0-9_.-]*:\d{2,5})(?:/[^\"'`\s]*)?[\"'`]")
_PORT = re.compile(rb":\d{2,5}[\"'`/]")


@dataclass(frozen=True, slots=True)
class Literal:
    """An address at an offset of a file."""

    address: Address
    path: str
    at: int
    data: bytes = field(repr=False)

    def location(self) -> Location | None:
        """Where it stands; None in a comment. Dear, so it is asked of known hosts only."""
        if in_comment(self.data, self.at):
            return None
        return Location(self.path, self.data.count(b"\n", 0, self.at) + 1)


# A name that is handed to a service registry: Spring Cloud's clients, Feign and Zuul.
_REGISTERED = re.compile(
    rb"\b(?:getInstances|choose)\(\s*\"([\w.-]+)\"\s*\)"
    rb"|@FeignClient\(\s*(?:(?:name|value)\s*=\s*)?\"([\w.-]+)\""
    rb"|^[ \t]*[\w.-]*service-?[iI]d[ \t]*[:=][ \t]*[\"']?([\w.-]+)",
    re.MULTILINE,
)
_REGISTRY_FILES = (".java", ".kt", ".yml", ".yaml", ".properties")


def literals(tree: SourceTree) -> Iterator[Literal]:
    """URLs, quoted `host:port`, and names for a registry."""
    for path, data in tree.files.items():
        for at, text in _urls(data):
            if address := parsed(text.decode("ascii", "replace")):
                yield Literal(address, path, at, data)
        if _PORT.search(data):
            for match in _QUOTED.finditer(data):
                if address := parsed(match[1].decode()):
                    yield Literal(address, path, match.start(), data)
        if path.endswith(_REGISTRY_FILES):
            for match in _REGISTERED.finditer(data):
                name = next(group for group in match.groups() if group).decode()
                yield Literal(Address(name.lower(), 0, "lb"), path, match.start(match.lastindex or 0), data)


def _urls(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = data.find(b"://")
    while at >= 0:
        scheme = _BEFORE.search(data[max(0, at - 24) : at])
        rest = _AFTER.match(data, at + 3)
        if scheme and rest:
            yield at - len(scheme[0]), scheme[0] + b"://" + rest[0]
        at = data.find(b"://", at + 3)
