"""Calls that name their service by a member of a catalogue in code: `balancer.call(Service.CART, "items")`.

A repository with a registry of its own has a type whose members' texts are the names of its services. Whoever
hands a member to a call asks that service; in shared code, whoever uses the class and the method around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import Address
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.taken import part_of
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.services import Service

KIND = "catalogue"
_LISTS = regex(r"(?i)service|application|backend|instance|endpoint|host|upstream|peer")
"""What a type of services is called; one of topics, tables or roles may have the same texts."""
_FEWEST = 2
_MOST_USES = 2000
_BEFORE = 600
_CALL = regex(rb"(?:\bnew\s{1,4})?([A-Za-z_]\w{0,80})\s?(?:<[^<>()]{0,80}>)?$")
_ASIDE = regex(
    rb"(?i)^(?:if|while|for|switch|when|catch|return|assert\w*|.*exception|.*error|log|debug|info|warn|trace|print\w*"
    rb"|equals|value_?of|put|add|set|contains\w*|map\w*|of|case)$|regist|init|wait|avail|health|status|trac(?:er|ing)|metric"
)
"""Calls that name a service without asking it: conditions, logs, start orders, the service's own entry."""


def find(scene: Scene) -> list[Hint]:
    """One hint for every use of a member in a call."""
    catalogue = _catalogue(scene)
    if not catalogue:
        return []
    holders = sorted({name.partition(".")[0] for name in catalogue})
    member = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, holders))})(?:\.|::)(\w{{1,80}})\b".encode())
    hints = []
    for service in scene.partners:
        for path, data in scene.tree(service).files.items():
            for line, provider in _uses(path, data, member, catalogue):
                hints += _hint(service, provider, path, line, scene)
    for path in scene.shared_files:
        takers = scene.services.builders_of(path)
        data = scene.text(path) if takers else b""
        text = data.decode("latin-1")
        for line, provider in _uses(path, data, member, catalogue):
            part = part_of(text, line)
            for service in takers:
                if scene.taken.uses(service, part, Role.REQUESTS):
                    hints += _hint(service, provider, path, line, scene)
    return hints


def _hint(service: Service, provider: Service, path: str, line: int, scene: Scene) -> list[Hint]:
    if scene.provider(provider, service) is None or scene.is_aside(service):
        return []
    evidence = (Evidence(Location(path, line), KIND),)
    return [Hint(service.name, provider.name, "http", Tier.PROVEN, evidence)]


def _catalogue(scene: Scene) -> dict[str, Service]:
    """`Holder.member` -> the service that its text names, of the types that list several."""
    found: dict[str, dict[str, Service]] = {}
    for name, text in scene.members():
        holder = name.partition(".")[0]
        if "." in name and _LISTS.search(holder):
            service = scene.hosts.service(Address(text.lower(), scheme="lb"), "")
            if service is not None:
                found.setdefault(holder, {})[name] = service
    lists = [one for one in found.values() if len({each.name for each in one.values()}) >= _FEWEST]
    return {name: service for one in lists for name, service in one.items()}


def _uses(
    path: str, data: bytes, member: re.Pattern[bytes], catalogue: Mapping[str, Service]
) -> Iterator[tuple[int, Service]]:
    """Line and service of each member that is handed to a call."""
    if not is_code(path) or is_test(path):
        return
    for match in islice(member.finditer(data), _MOST_USES):
        provider = catalogue.get(f"{match[1].decode()}.{match[2].decode()}")
        if provider is None or in_comment(data, match.start()):
            continue
        called = _called(data[max(0, match.start() - _BEFORE) : match.start()])
        if called and not _ASIDE.search(called):
            yield line_of(data, match.start()), provider


def _called(before: bytes) -> bytes:
    """The name before the innermost bracket that is still open; empty without one in the statement."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        character = before[at : at + 1]
        if character == b")":
            depth += 1
        elif character == b"(":
            if depth == 0:
                match = _CALL.search(before[max(0, at - 200) : at])
                return match[1] if match else b""
            depth -= 1
        elif character in b";{}" and depth == 0:
            return b""
    return b""
