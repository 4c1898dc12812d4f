"""Settings of applications, and the routes and roles that Spring's own settings give: Zuul, Cloud Gateway."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.flat import flat
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Setting, Sightings

KIND = "route"
_WANTED = regex(
    r"\.(?:ya?ml|properties)$|(?:^|/)(?:appsettings[\w.-]*|config(?:uration)?|settings|default|production)\.json$"
)
_FOR_TESTS = regex(
    r"(?:^|[-_./])(?:it|test|tests|testing|e2e|integration[\w-]*)\.(?:ya?ml|properties|json)$", re.I
)
_ZUUL = regex(r"zuul\.routes\.([\w-]+)(?:\.(serviceid|url|location|path))?")
_GATEWAY = regex(r"spring\.cloud\.gateway\.(?:server\.\w+\.|mvc\.)?routes\[\d+\]\.uri")
_LOCATOR = regex(r"spring\.cloud\.gateway\.(?:server\.\w+\.)?discovery\.locator\.enabled")
_REGISTERS = regex(
    r"(eureka)\.(?:client|instance)\.|spring\.cloud\.(consul)\.|spring\.cloud\.(nacos)\.discovery\.|(consul)\.client\.registration\."
)
_SERVERS = regex(r"[\w-]+\.ribbon\.listofservers|micronaut\.http\.services\.[\w-]+\.urls?(?:\[\d+\])?")


def wanted(path: str) -> bool:
    return _WANTED.search(path) is not None and not _FOR_TESTS.search(path)


def read(data: bytes) -> Sightings:
    """All settings of a file, and what they route to.

    Envoy's clusters are no settings: one counts where a route uses it (`gateways.py`).
    """
    if b"socket_address" in data or b"DownstreamHostAndPorts" in data:
        return Sightings()
    settings = flat(data)
    named = [(plain_key(setting.name), setting) for setting in settings]
    clues = [*_zuul(named), *_gateway(named)]
    return Sightings(tuple(clues), tuple(settings))


def plain_key(name: str) -> str:
    """A key without what relaxed binding allows: `zuul.routes.a.service-id` and `…serviceId` are one."""
    return re.sub(r"[-_]", "", name).lower()


def _zuul(named: Iterable[tuple[str, Setting]]) -> Iterator[Clue]:
    routes: dict[str, dict[str, Setting]] = {}
    for _, setting in named:
        key = re.sub(r"(?i)service-?id$", "serviceid", setting.name)
        if match := _ZUUL.fullmatch(key):
            routes.setdefault(match[1], {}).setdefault(match[2] or "", setting)
    for name, route in routes.items():
        if "serviceid" in route:
            where = route["serviceid"]
            yield Clue(where.line, KIND, f"lb://{where.value}")
        elif "url" in route or "location" in route:
            where = route.get("url") or route["location"]
            yield Clue(where.line, KIND, where.value)
        else:
            # Without anything else a route is called like the service that it leads to.
            yield Clue(next(iter(route.values())).line, KIND, f"lb://{name}")


def _gateway(named: Iterable[tuple[str, Setting]]) -> Iterator[Clue]:
    registers: set[str] = set()
    for key, setting in named:
        if _GATEWAY.fullmatch(key) or _SERVERS.fullmatch(key):
            for text in re.split(r"[,\s]+", setting.value):
                yield Clue(setting.line, KIND, re.sub(r"^lb:wss?://", "lb://", text))
        elif _LOCATOR.fullmatch(key) and setting.value.lower() == "true":
            yield Clue(setting.line, "locator", "", Role.FRONTS)
        elif (found := _REGISTERS.match(key)) and (where := found[found.lastindex or 0]) not in registers:
            registers.add(where)
            yield Clue(setting.line, "registers", where, Role.REGISTERS)
