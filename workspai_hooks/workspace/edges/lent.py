"""Clients that lie in shared modules, or with the service that they call: who takes one in and calls it.

A declarative client (`@FeignClient("cart") interface CartClient`) is called through a variable of its type;
an address in a shared class or function is asked by whoever names both. A client that is only injected, or
built into a program that never calls it, is no edge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, parsed, protocol_of
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.taken import Part, part_of
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence import registry
from workspai_hooks.workspace.evidence.sightings import Clue, Role
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.services import Service

_SHORTEST = 6
"""A function with a shorter name (`get`, `fetch`) is called so by anybody."""


def find(scene: Scene) -> list[Hint]:
    """Whoever calls a client of other code -> the service that it is a client of."""
    return [hint for owner, path, clue in _clients(scene) for hint in _of(owner, path, clue, scene)]


def _clients(scene: Scene) -> Iterator[tuple[Service | None, str, Clue]]:
    """The addresses in code: whose folder it lies in, if anybody's; of a service's own only the declarative
    ones."""
    for path, seen in scene.shared_addresses.items():
        yield from ((None, path, clue) for clue in seen)
    for owner, path, clue in scene.clues(Role.CONNECTS):
        if clue.kind == registry.KIND and is_code(path):
            yield owner, path, clue


def _of(owner: Service | None, path: str, clue: Clue, scene: Scene) -> list[Hint]:
    if not is_code(path) or is_test(path):
        return []
    takers = [one for one in scene.services.builders_of(path) if owner is None or one.name != owner.name]
    meant = [(taker, provider) for taker in takers for provider in _providers(taker, path, clue, scene)]
    if not meant:
        return []
    part = part_of(scene.text(path).decode("latin-1"), clue.line)
    hints = []
    for taker, (provider, protocol) in meant:
        if scene.is_aside(taker) or (place := _called(taker, part, clue, scene)) is None:
            continue
        evidence = (Evidence(Location(path, clue.line), clue.kind), Evidence(place, "reads"))
        hints.append(Hint(taker.name, provider.name, protocol, Tier.PROVEN, evidence))
    return hints


def _providers(taker: Service, path: str, clue: Clue, scene: Scene) -> Iterator[tuple[Service, str]]:
    for text in scene.texts(taker, clue.text):
        address = parsed(text)
        if address is None or address.host in LOCAL or address.is_health_check:
            continue
        provider = scene.reached(address, taker, path)
        if provider is not None and (address.scheme or address.port in provider.ports):
            yield provider, clue.protocol or protocol_of(address, provider)


def _called(taker: Service, part: Part, clue: Clue, scene: Scene) -> Location | None:
    """Where a service's own code calls a client: through a variable of its type, or the function by name."""
    functions = [name for name in part.functions if len(name) >= _SHORTEST]
    if clue.kind == registry.KIND and not part.functions and part.types:
        return _through(taker, part.types[0], scene)
    if not functions or (part.types and not scene.taken.uses(taker, part, Role.REQUESTS)):
        return None
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, functions))})\s?\(".encode())
    return _first(taker, pattern, scene)


def _through(taker: Service, kind: str, scene: Scene) -> Location | None:
    """The first call on a field, parameter or variable of a type."""
    word = re.escape(kind)
    declared = re.compile(
        rf"\b{word}(?:<[^<>\n]{{0,60}}>)?[?!]?\s{{1,8}}(\w{{1,60}})\s{{0,4}}[;,)=]"
        rf"|\b(\w{{1,60}})\s{{0,4}}:\s{{0,4}}{word}\b|\b(\w{{1,60}})\s{{1,4}}\*?(?:\w{{1,40}}\.)?{word}\s{{0,4}}[,)\n}}]".encode()
    )
    for path, data in scene.tree(taker).files.items():
        if not is_code(path) or is_test(path) or kind.encode() not in data:
            continue
        names = {name for match in declared.finditer(data) for name in match.groups() if name}
        for name in sorted(names):
            call = re.compile(
                rb"(?<![\w.])(?:this\.|self\.)?"
                + re.escape(name)
                + rb"\s{0,80}\??(?:\.\s?\w{1,80}\s?\(|::\w)"
            )
            for match in call.finditer(data):
                if not in_comment(data, match.start()):
                    return Location(path, line_of(data, match.start()))
    return None


def _first(taker: Service, pattern: re.Pattern[bytes], scene: Scene) -> Location | None:
    for path, data in scene.tree(taker).files.items():
        if is_code(path) and not is_test(path):
            for match in pattern.finditer(data):
                if not in_comment(data, match.start()):
                    return Location(path, line_of(data, match.start()))
    return None
