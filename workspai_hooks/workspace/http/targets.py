"""Where a request goes: its URL, with what variables and settings hold, as a service and a path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.addresses import LOCAL, parsed
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Edge, Tier
from workspai_hooks.workspace.http.match import HOLE
from workspai_hooks.workspace.http.values import Part
from workspai_hooks.workspace.service import Service

_STORK = regex(r"^stork://([^/]{1,200})(.*)", re.DOTALL)
_EITHER = regex(r"^https?\+https?://")
"""Aspire's discovery takes either."""
_GENERIC = regex(
    r"(?i)_*(?:base|api|service|server|default|root)?[_-]?(?:ur[li]|host|address|addr|endpoint|path|port|name|base)"
)
"""What bases of any service are called."""
_BETWEEN = regex(r"[^A-Za-z0-9]+")
_BEGINS = regex(r"^[a-zA-Z][a-zA-Z0-9+.-]{0,20}://")


class Target(msgspec.Struct, frozen=True, order=True):
    """A service (empty where it is not known) and the path that is asked of it. `relative`: of whoever handed
    out the page, or of a client whose base is not known. `open`: the base may have a path, too."""

    service: str
    path: str
    relative: bool = False
    open: bool = False


class Targets:
    """The targets of requests in one snapshot."""

    def __init__(self, scene: Scene, edges: Sequence[Edge]) -> None:
        self._scene = scene
        self._edges = edges
        self._lines: dict[str, list[bytes]] = {}
        self._told: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, url: Sequence[Part], consumer: Service, path: str) -> Iterator[Target]:
        """Where a request of a consumer's file goes; nothing where it leaves the repository's services."""
        parts = _trimmed(url)
        if not parts:
            return
        first = parts[0]
        said = "".join(_written(part) for part in parts)
        if first.kind == "text" and not said.startswith(("/", HOLE)) and "://" not in said[:24]:
            yield Target("", "/" + said, relative=True)
            return
        filled = self._filled(said, first, consumer)
        reached = [target for text in filled for target in self._reached(text, consumer, path)]
        told = () if first.kind == "text" else self._by_evidence(first, consumer)
        if any(target.service for target in reached) or not told:
            yield from reached  # else what it is where it runs is told elsewhere than what it is here
        if first.kind != "text" and (told or not filled) and not any(target.service for target in reached):
            rest = "".join(_written(part) for part in parts[1:])
            if not rest.startswith(("/", "?")) and rest:
                rest = "/" + rest.partition("/")[2]
            for service in told or ("",):
                yield Target(service, rest, open=True)

    def _filled(self, said: str, first: Part, consumer: Service) -> list[str]:
        """The URL with what is known of the references in it; none where the beginning is not known."""
        if first.kind == "hole":
            text = f"#{{{first.text}}}{said[len(HOLE) :]}" if first.text else ""
            found = self._scene.texts(consumer, text) if text else []
        else:
            found = self._scene.texts(consumer, said)
        return [text for text in found if text.startswith("/") or _BEGINS.match(text) or parsed(text)]

    def _reached(self, text: str, consumer: Service, path: str) -> Iterator[Target]:
        text = _EITHER.sub("http://", text)
        found = _STORK.match(text)
        if found is not None:  # Quarkus' discovery: the addresses are in the settings
            key = f"${{quarkus.stork.{found[1]}.service-discovery.address-list}}"
            listed = [one.partition(",")[0] for one in self._scene.texts(consumer, key)]
            for one in listed:
                yield from self._reached(f"http://{one}{found[2]}", consumer, path)
            if not listed:
                yield Target("", found[2] or "/")
            return
        if text.startswith("/"):
            yield Target("", text, relative=True)
            return
        address = parsed(text)
        if address is None:
            scheme, _, rest = text.partition("://")
            if scheme and HOLE in rest.partition("/")[0]:  # the host is put in
                yield Target("", "/" + rest.partition("/")[2])
            return
        service = self._scene.reached(address, consumer, path)
        # parsed() writes hosts in lower case, paths as they are
        if service is not None:
            yield Target(service.name, address.path or "/")
        elif address.host in LOCAL:
            yield Target("", address.path or "/")

    def _by_evidence(self, part: Part, consumer: Service) -> tuple[str, ...]:
        """The services whose edge rests on a line that names this variable or member."""
        name = part.text.rpartition(".")[2]
        general = _GENERIC.fullmatch(name) is not None
        if general:
            name = _plain(part.text)
        if len(name) < 3 or _GENERIC.fullmatch(name):
            return ()
        known = self._told.get((consumer.name, name))
        if known is None:
            word = name.encode()
            found = {
                edge.provider
                for edge in self._edges
                if edge.consumer == consumer.name and edge.tier is not Tier.ORDERING
                for one in edge.evidence
                if word
                in (_plain_line if general else bytes)(self._line(one.location.path, one.location.line))
            }
            known = self._told[consumer.name, name] = tuple(sorted(found))
        return known

    def _line(self, path: str, line: int | None) -> bytes:
        if path not in self._lines:
            self._lines[path] = self._scene.text(path).split(b"\n")
        lines = self._lines[path]
        return lines[line - 1] if line and line <= len(lines) else b""


def _trimmed(url: Sequence[Part]) -> list[Part]:
    """A whole URL that a client with a base is handed is whole: what stands before it is dropped."""
    parts = list(url)
    for index in range(len(parts) - 1, 0, -1):
        part = parts[index]
        if part.kind == "text" and _BEGINS.match(part.text):
            return parts[index:]
        if part.kind == "ref" and index == 1 and parts[0].kind == "hole":
            return parts[index:]
    return parts


def _plain(name: str) -> str:
    return _BETWEEN.sub("", name).lower()


def _plain_line(line: bytes) -> bytes:
    return _plain(line[:2000].decode("utf-8", "replace")).encode()


def _written(part: Part) -> str:
    """A part as the scene reads it."""
    if part.kind == "text":
        return part.text
    if part.kind == "ref":
        return f"${{{part.text}:{part.default}}}" if part.default is not None else f"${{{part.text}}}"
    return HOLE
