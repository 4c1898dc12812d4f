"""Variables that nothing in the repository gives a value: whose address they hold, their name says.

`CART_SERVICE_URL` is the cart's where one service is called so. What names its own service, a database, a
page to come back to or nobody in particular says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.addresses import LOCAL, parsed
from workspai_hooks.workspace.edges.pages import PREFIX
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.infrastructure import variable_of_telemetry
from workspai_hooks.workspace.reading import SourceTree
from workspai_hooks.workspace.services import Kind, Service

_ADDRESS = frozenset("url uri addr address endpoint base baseurl basepath path root uris urls".split())  # noqa: SIM905
_HOST = frozenset({"host", "hostname", "port"})
_KIND = frozenset(
    "api apis server service services svc microservice microservices ms backend grpc http https rest".split()  # noqa: SIM905
)
_SIDE = frozenset({"internal", "external", "public", "private", "default", "local", "remote", "app"})
_BACK = frozenset(
    """
    admin app callback client clients dashboard frontend front host mobile origin portal redirect root self
    site spa ui web webapp webhook website www
    """.split()  # noqa: SIM905
)
_MAIL = frozenset({"mail", "email", "smtp", "sms", "mailer"})
_WORDS = regex(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")


class Names:
    """What the applications are called, to tell whom a variable means."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._called: dict[str, set[str]] = {}
        self._ends: dict[str, set[str]] = {}
        for one in scene.partners:
            if one.kind is Kind.APPLICATION:
                for words in {tuple(_said(name)) for name in (one.name, *one.aliases)}:
                    self._called.setdefault("".join(words), set()).add(one.name)
                    for start in range(1, len(words)):
                        self._ends.setdefault("".join(words[start:]), set()).add(one.name)

    def meant(self, names: Iterable[str], consumer: Service) -> Service | None:
        """The one service that a variable, else the name that code gives to its value, is called like."""
        found = _meant(names, self._called, self._ends)
        return self._scene.provider(self._scene.services.named(found), consumer) if found else None


def says_nothing(text: str, scene: Scene) -> bool:
    """Whether a value is an address of this machine on a port that no service is known to take: everybody's
    own machine, and only the name tells who is meant."""
    address = parsed(text)
    return address is not None and address.host in LOCAL and not scene.is_claimed(address.port)


def find(scene: Scene) -> list[Hint]:
    """Whom services ask for by the names of their variables alone."""
    names = Names(scene)
    hints: list[Hint] = []
    given: dict[str, set[str]] = {}
    for service, path, clue in scene.clues(Role.ASKS):
        variable, _, name = clue.text.partition("\t")
        if service.kind is not Kind.APPLICATION or variable_of_telemetry(variable):
            continue
        if service.name not in given:
            given[service.name] = {
                one.name
                for one, _ in scene.variables(service)
                if one.value and not says_nothing(one.value, scene)
            }
        if variable in given[service.name]:
            continue
        provider = names.meant((variable, name), service)
        if provider and (not name or _used(name, Location(path, clue.line), scene.tree(service))):
            evidence = (Evidence(Location(path, clue.line), clue.kind),)
            hints.append(Hint(service.name, provider.name, "http", Tier.PROVEN, evidence))
    return hints


def _meant(names: Iterable[str], called: dict[str, set[str]], ends: dict[str, set[str]]) -> str:
    """Its name; empty where none is called so, or several are."""
    for name in names:
        wanted = _key(name)
        for known in (called, ends) if wanted else ():
            if found := known.get(wanted):
                if len(found) == 1:
                    return min(found)
                break
    return ""


def _key(name: str) -> str:
    """What is left of a variable's name without the words for addresses; empty where it is no address, or
    one that may well be somebody else's."""
    bundled = PREFIX.match(name)
    words = _words(name[bundled.end() :] if bundled else name)
    kinds = [word for word in words if word in _KIND]
    if not any(word in _ADDRESS or (word in _HOST and (kinds or bundled)) for word in words):
        return ""
    rest = [word for word in words if word not in _ADDRESS | _HOST | _KIND | _SIDE]
    if not rest:
        return "".join(kinds)
    if set(rest) <= _BACK or (set(rest) & _MAIL and not set(kinds) - {"api", "server", "http", "https"}):
        return ""
    return "".join(map(_singular, rest))


def _said(name: str) -> list[str]:
    words = _words(name)
    rest = [_singular(word) for word in words if word not in _KIND]
    return rest or words


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _used(name: str, place: Location, tree: SourceTree) -> bool:
    """Whether anything does something with a name, besides the line that gives it a value."""
    word = re.compile(rb"(?<![\w$])" + re.escape(name.encode()) + rb"(?![\w$])")
    for path, data in tree.files.items():
        for match in word.finditer(data):
            if path != place.path or data.count(b"\n", 0, match.start()) + 1 != place.line:
                return True
    return False
