"""Addresses on a proxy whose routes stand on its services: labels tell who answers a path, Traefik's or those
that a gateway of the repository's own looks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, Address, parsed
from workspai_hooks.workspace.edges.fronts import labelled
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.names import image_name
from workspai_hooks.workspace.reading import reads
from workspai_hooks.workspace.services import Service

_RULE = regex(rb"^[ \t-]*[\"']?traefik\.[\w.@-]{1,120}\.rule\b([^\n]{1,400})", re.MULTILINE)
_PATH = regex(r"Path(?:Prefix)?(?:Strip)?\s*[(:]\s*[`'\"]?(/[\w./-]{1,120})")
_RELATIVE = regex(r"/[\w-][\w./-]{0,120}")


class Route(msgspec.Struct, frozen=True, order=True):
    """Requests whose path begins so are a service's."""

    prefix: str
    service: str
    evidence: Evidence


def find(scene: Scene) -> list[Hint]:
    """Who is given a path, relative or on the proxy, that another service answers."""
    own = [each for each in labelled(scene) if _RELATIVE.fullmatch(each[2])]
    routes = sorted(
        {*_routes(scene), *(Route(path.rstrip("/"), one.name, line) for _, one, path, line in own)}
    )
    if not routes:
        return []
    proxies = [one for one in scene.services.all if any(image_name(i) == "traefik" for i in one.images)]
    proxies += [gateway.service for gateway, _, _, _ in own]
    ports = {port for one in proxies for each in one.declarations for port in each.published}
    names = {one.name for one in proxies}
    found = [*_given(scene), *_written(scene)]
    hints = []
    for consumer, text, evidence in found:
        address = parsed(text)
        if not (
            _RELATIVE.fullmatch(text) if address is None else _fronted(consumer, scene, address, names, ports)
        ):
            continue
        route = _answering(text if address is None else address.path, routes)
        if route is not None and route.service != consumer.name:
            lines = (*evidence, route.evidence)
            hints.append(Hint(consumer.name, route.service, "http", Tier.PROVEN, lines))
    return hints


def _fronted(consumer: Service, scene: Scene, address: Address, proxies: set[str], ports: set[int]) -> bool:
    """Whether an address is the proxy's."""
    if address.host in LOCAL:
        return (address.port or 80) in ports
    service = scene.hosts.service(address, "") or scene.reached(address, consumer, "")
    return service is not None and service.name in proxies


def _answering(path: str, routes: list[Route]) -> Route | None:
    """The route with the longest prefix, where that is one service's."""
    fitting = [one for one in routes if path == one.prefix or path.startswith(f"{one.prefix}/")]
    longest = max((len(one.prefix) for one in fitting), default=0)
    best = [one for one in fitting if len(one.prefix) == longest]
    return best[0] if len({one.service for one in best}) == 1 else None


def _given(scene: Scene) -> Iterator[tuple[Service, str, tuple[Evidence, ...]]]:
    """Paths and addresses in variables that the service's own code reads."""
    for service in scene.partners:
        given = [one for one, _ in scene.variables(service) if "/" in (one.value or "")]
        read = reads(scene.tree(service), [one.name for one in given]) if given else {}
        for one in given:
            if one.name in read:
                lines = (Evidence(one.location, "address"), Evidence(read[one.name].location, "reads"))
                yield service, one.value or "", lines


def _written(scene: Scene) -> Iterator[tuple[Service, str, tuple[Evidence, ...]]]:
    """Addresses in code."""
    for service, path, clue in scene.clues(Role.CONNECTS):
        for text in scene.texts(service, clue.text):
            if "://" in text:
                yield service, text, (Evidence(Location(path, clue.line), clue.kind),)


def _routes(scene: Scene) -> Iterator[Route]:
    """The rules on the containers of each service."""
    places = sorted(
        (one.location.path, one.location.line, service.name)
        for service in scene.services.all
        for one in service.declarations
        if one.location.path.endswith((".yml", ".yaml")) and not is_test(one.location.path)
    )
    partners = {one.name for one in scene.partners}
    texts = {path: scene.text(path) for path in {path for path, _, _ in places}}
    for number, (path, first, name) in enumerate(places):
        after = places[number + 1] if number + 1 < len(places) else ("", 0, "")
        last = after[1] if after[0] == path else None
        lines = texts[path].split(b"\n")[first - 1 : last - 1 if last else None]
        for match in _RULE.finditer(b"\n".join(lines)) if name in partners else ():
            line = first + match.string.count(b"\n", 0, match.start())
            for found in _PATH.finditer(match[1].decode("utf-8", "replace")):
                if prefix := found[1].rstrip("/"):
                    yield Route(prefix, name, Evidence(Location(path, line), "label"))
