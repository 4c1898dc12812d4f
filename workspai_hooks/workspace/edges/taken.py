"""Messaging code of shared folders, for each service that takes it in and uses it.

A library of publishers and subscribers is built into many programs, of which some publish and some subscribe.
A line of it speaks for a service whose own code names the class (what that extends, or who registers it), and
for one that writes also the method that does it; a bean (`scanned.py`) needs no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges.scanned import is_scanned, packages
from workspai_hooks.workspace.evidence.parameters import enclosing_functions
from workspai_hooks.workspace.evidence.sightings import Clue, Role
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.reading import Read, reads
from workspai_hooks.workspace.services import Service

if TYPE_CHECKING:
    from workspai_hooks.workspace.edges.scene import Scene

ROLES = frozenset({Role.PUBLISHES, Role.SUBSCRIBES, Role.BINDS, Role.REQUESTS})
_MOST = 400
_HEADER = regex(
    r"^[ \t]{0,40}(?:(?:[a-z]{1,12}|\[[^\[\]\n]{1,80}\]|@\w{1,40})[ \t]{1,4}){0,6}"
    r"(?:class|interface|struct|object|record|trait|module)\s{1,4}(\w{2,80})(?:<[^<>{}\n]{0,120}>)?"
    r"(?:\s{0,4}\([^(){}]{0,600}\))?([^{};]{0,300})",
    re.MULTILINE,
)
_NEXT = regex(
    r"^[ \t]{0,40}(?:[a-z]{1,12}\s{1,4}){0,4}(?:class|record|object|interface)\s{1,4}\w{1,80}[^\n]{0,200}"
    r"|\w\s{0,4}\([^;]{0,300}?\)\s{0,4}\{",
    re.MULTILINE,
)
_SUPER = regex(r"\b[A-Z]\w{2,80}\b")
_ANYBODYS = frozenset(
    [
        "IDisposable",
        "IAsyncDisposable",
        "IHostedService",
        "BackgroundService",
        "Exception",
        "Object",
        "Serializable",
        "Runnable",
        "Callable",
        "AutoCloseable",
        "Closeable",
        "InitializingBean",
        "DisposableBean",
        "Thread",
        "Component",
        "Injectable",
        "ABC",
        "Protocol",
        "OnModuleInit",
        "OnModuleDestroy",
        "EventEmitter",
        "String",
        "Task",
    ]
)


class Part(msgspec.Struct, frozen=True):
    """What of a shared file one clue stands in: names of types, and functions that lead to it."""

    types: tuple[str, ...]
    functions: tuple[str, ...]


class Taken:
    """The shared files with messaging, and whose they are."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @cached_property
    def clues(self) -> tuple[tuple[Service, str, Clue], ...]:
        """Service, path, clue."""
        found = []
        beans: list[tuple[Service, str, Clue]] = []
        for path, clues in self._scene.shared_messaging.items():
            spoken = [clue for clue in clues if clue.role in ROLES]
            takers = self._scene.services.builders_of(path) if spoken else ()
            if not takers:
                continue
            data = self._scene.text(path)
            text = data.decode("latin-1")
            for clue in spoken:
                part = self._registered(part_of(text, clue.line))
                using = [one for one in takers if self.uses(one, part, clue.role)]
                found += [(one, path, clue) for one in using]
                beans += [
                    (one, path, clue)
                    for one in takers
                    if one not in using
                    and path.endswith((".java", ".kt"))
                    and is_scanned(data, clue.role, packages(self._scene.tree(one)))
                ]
        return (*found, *_between_programs(beans))

    def files(self, service: Service) -> list[str]:
        """The shared files that are built into a service."""
        return self._by_service.get(service.name, [])

    @cached_property
    def _by_service(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._scene.shared_files:
            for one in self._scene.services.builders_of(path):
                found.setdefault(one.name, []).append(path)
        return found

    def reads(self, service: Service, names: Iterable[str]) -> dict[str, Read]:
        """Variables that shared .NET code reads for a service which calls the method that does: an
        extension, `builder.AddTokens()`, is called without naming its class."""
        wanted = sorted(set(names)) if self._has_dotnet else []
        files = [path for path in self.files(service) if path.endswith(".cs")] if wanted else []
        found = reads(self._scene.shared_tree(files), wanted) if files else {}
        kept = {}
        for name, one in found.items():
            text = self._scene.text(one.location.path).decode("latin-1")
            part = part_of(text, one.location.line)
            if self._names(service, tuple(dict.fromkeys((*part.functions, *part.types)))):
                kept[name] = one
        return kept

    @cached_property
    def _has_dotnet(self) -> bool:
        return any(path.endswith(".cs") for path in self._scene.shared_files)

    def _registered(self, part: Part) -> Part:
        """With the functions of shared code that make or register one of the types."""
        makers: dict[str, None] = {}
        for path in self._scene.shared_files if part.types else ():
            data = self._scene.text(path)
            if part.types[0].encode() not in data:
                continue
            text = data.decode("latin-1")
            for match in islice(re.finditer(rf"\b{part.types[0]}\b", text), 50):
                makers |= dict.fromkeys(enclosing_functions(text, match.start())[-1:])
        names = dict.fromkeys(
            (*part.types, *(one for one in makers if one not in part.functions and len(one) > 5))
        )
        return Part(tuple(names), part.functions)

    def uses(self, service: Service, part: Part, role: Role) -> bool:
        """Whether a service's own code names the types of a part and, where it writes, a function of it."""
        writes = role in (Role.PUBLISHES, Role.REQUESTS)
        if not part.types:
            return self._names(service, part.functions)
        return self._names(service, part.types) and (
            not writes or not part.functions or self._names(service, part.functions)
        )

    def _names(self, service: Service, names: tuple[str, ...]) -> bool:
        """Whether the service's own code names one of these."""
        tree = self._scene.tree(service)

        def look() -> bool:
            pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)".encode())
            return any(
                pattern.search(data)
                for path, data in tree.files.items()
                if is_code(path) and not is_test(path)
            )

        return bool(names) and tree.once(("names", names), bool, look)


def _between_programs(beans: list[tuple[Service, str, Clue]]) -> Iterator[tuple[Service, str, Clue]]:
    """Without those of a program that takes in both sides of a message: it is the whole in one piece (a
    monolith of the same modules), and what it writes in this way stays in it."""
    sides: dict[tuple[str, str], set[bool]] = {}
    for service, _, clue in beans:
        sides.setdefault((service.name, clue.text), set()).add(clue.role is Role.SUBSCRIBES)
    whole = {(name, text.partition(":")[0]) for (name, text), both in sides.items() if len(both) > 1}
    yield from (one for one in beans if (one[0].name, one[2].text.partition(":")[0]) not in whole)


def part_of(text: str, line: int) -> Part:
    """The class around a line with what it extends, and the functions of the file that lead to the line."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    end = text.find("\n", at)
    if text[at : at + 80].lstrip().startswith(("@", "[")) and (header := _NEXT.search(text, at, at + 600)):
        end = header.end()  # an annotation speaks of what it stands before
    types: list[str] = []
    for match in islice(_HEADER.finditer(text, 0, end if end >= 0 else len(text)), _MOST):
        types = [match[1], *(name for name in _SUPER.findall(match[2]) if name not in _ANYBODYS)]
    around = enclosing_functions(text, end if end >= 0 else len(text))
    functions = [name for name in around if name not in types]
    for name in tuple(functions):
        for match in islice(re.finditer(rf"(?<!\w){name}\s?\(", text), 50):
            functions += [one for one in enclosing_functions(text, match.start()) if one not in types]
    return Part(tuple(dict.fromkeys(types)), tuple(dict.fromkeys(functions)))
