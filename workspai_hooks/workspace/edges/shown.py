"""Requests that scripts and documents of a repository show: what its people send through a gateway."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

_FILES = regex(r"\.(?:sh|bash|bat|cmd|ps1|http|rest|md|adoc|txt|postman_collection\.json)$")
_URL = regex(
    rb"\b(https?)://(?:localhost|127\.0\.0\.1|\$\{?\w{1,40}\}?|\{\{\w{1,40}\}\})"
    rb"(?::(\d{2,5}|\$\{?\w{1,40}\}?|\{\{\w{1,40}\}\}))?(/[\w.{}$/-]{1,200})"
)
_GIVEN = regex(rb"\b(\w{1,40}):?[-=]{1,2}[\"']?(\d{2,5})\b")
_PLUMBING = regex(
    rb"^/(?:actuator|health|info|env|eureka|metrics|oauth|uaa|auth|login|logout|swagger|hystrix)\b"
)
_MOST_BYTES = 200_000


def words_through(gateway: Service, scene: Scene) -> set[str]:
    """The parts of the paths that are requested on a port that the gateway publishes, plain."""
    ports = {port for one in gateway.declarations for port in one.published}
    ports |= {int(text) for text in scene.texts(gateway, "${server.port}") if text.isdigit()}
    found: set[str] = set()
    for path in scene.paths(_FILES) if ports else ():
        for port, requested in _requests(scene.text(path)[:_MOST_BYTES]):
            if port in ports and not _PLUMBING.match(requested):
                found.update(plain(part) for part in requested.decode("latin-1").split("/") if part)
    return found


def _requests(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Port and path of each URL; a variable's port is the one that the file gives it."""
    known = {match[1].lower(): int(match[2]) for match in _GIVEN.finditer(data)}
    for match in _URL.finditer(data):
        written = match[2] or (b"443" if match[1] == b"https" else b"80")
        port = int(written) if written.isdigit() else known.get(written.strip(b"${}").lower(), 0)
        yield port, match[3]
