"""What every finder of edges looks at: the services, their sources, and what was sighted in those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.addresses import Hosts
from workspai_hooks.workspace.environment import variables_of
from workspai_hooks.workspace.evidence import sightings
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.infrastructure import is_telemetry, names_telemetry
from workspai_hooks.workspace.reading import SourceTree, source_trees
from workspai_hooks.workspace.services import Service, Services

_REFERENCE = re.compile(r"\$\{([\w.-]+)(?::([^{}]*))?\}|#\{([\w.]+)\}")
MOST_TEXTS = 16
"""A text with references can mean so many: one for each value that a setting has in some profile."""
MOST_ROUNDS = 4
"""A value may hold references itself, so many levels deep."""


@dataclass(frozen=True)
class Scene:
    """One snapshot's services with their sources."""

    services: Services
    trees: dict[str, SourceTree]
    hosts: Hosts
    _sighted: dict[str, dict[str, Sightings]] = field(repr=False)

    @staticmethod
    def of(snapshot: Snapshot, services: Services) -> Scene:
        """Everything that finders need, read once."""
        trees = source_trees(snapshot, services)
        sighted = {
            name: {path: sightings(path, data) for path, data in tree.files.items()}
            for name, tree in trees.items()
        }
        return Scene(services, trees, Hosts(services), sighted)

    def tree(self, service: Service) -> SourceTree:
        """A service's own source; empty where it is not here."""
        return self.trees.get(service.name, SourceTree({}))

    @cached_property
    def partners(self) -> tuple[Service, ...]:
        """The services that can be an end of an edge: collectors, registries and monitors are not."""
        return tuple(one for one in self.services.all if not self.is_aside(one))

    def is_aside(self, service: Service) -> bool:
        """Telemetry, service registries, configuration servers and monitors: nobody's business partner."""
        return _collects(service) or service.name in self._platform

    @cached_property
    def _platform(self) -> frozenset[str]:
        return frozenset(name for name, _, clue in self._clues if clue.role is Role.PLATFORM)

    @cached_property
    def _clues(self) -> tuple[tuple[str, str, Clue], ...]:
        """All clues: for whom it speaks, path, clue."""
        found = []
        for name, files in self._sighted.items():
            for path, each in files.items():
                found += [(self._speaks_for(clue, name), path, clue) for clue in each.clues]
        return tuple(sorted(found))

    def _speaks_for(self, clue: Clue, name: str) -> str:
        named = self.services.named(clue.service) if clue.service else None
        return named.name if named else name

    def clues(self, *roles: Role) -> Iterator[tuple[Service, str, Clue]]:
        """The clues of these roles: service, path, clue."""
        known = {one.name: one for one in self.partners}
        for name, path, clue in self._clues:
            if clue.role in roles and name in known:
                yield known[name], path, clue

    def provider(self, found: Service | None, consumer: Service) -> Service | None:
        """The service at the other end, unless it is the consumer itself or nobody's partner."""
        if found is None or found.name == consumer.name or self.is_aside(found):
            return None
        return found

    def texts(self, service: Service, text: str) -> list[str]:
        """What a text with references can mean in a service; a reference that nothing fills gives none."""
        known = self._known(service)
        done: list[str] = []
        open_texts = [text]
        for _ in range(MOST_ROUNDS):
            filled = [one for each in open_texts for one in _once(each, known)][:MOST_TEXTS]
            done += [one for one in filled if not _REFERENCE.search(one)]
            open_texts = [one for one in filled if _REFERENCE.search(one)]
        return list(dict.fromkeys(done))

    def _known(self, service: Service) -> dict[str, list[str]]:
        """Settings, constants (`#NAME`) and environment of a service: name -> its values."""
        known = self._values.get(service.name)
        if known is None:
            known = self._values[service.name] = self._gathered(service)
        return known

    @cached_property
    def _values(self) -> dict[str, dict[str, list[str]]]:
        return {}

    def _gathered(self, service: Service) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for each in self._sighted.get(service.name, {}).values():
            for setting in each.settings:
                found.setdefault(relaxed(setting.name), set()).add(setting.value)
            for constant in each.constants:
                found.setdefault(f"#{constant.name}", set()).add(constant.value)
        for declaration in service.declarations:
            for variable in variables_of(declaration, self.services.facts):
                found.setdefault(relaxed(variable.name), set()).add(variable.value or "")
        return {name: sorted(values) for name, values in found.items()}


def relaxed(name: str) -> str:
    """A setting's name as frameworks compare it: `orders.topic-name` is `ORDERS_TOPICNAME`."""
    return name.lower().replace("-", "").replace("_", ".")


def _once(text: str, known: dict[str, list[str]]) -> list[str]:
    """The text with its first reference filled, in every way."""
    found = _REFERENCE.search(text)
    if found is None:
        return [text]
    if found[3]:
        values = known.get(f"#{found[3]}") or known.get(f"#{found[3].rpartition('.')[2]}", [])
    else:
        values = known.get(relaxed(found[1])) or ([found[2]] if found[2] is not None else [])
    return [text[: found.start()] + value + text[found.end() :] for value in values]


def _collects(service: Service) -> bool:
    return (
        names_telemetry(service.name)
        or (not any(service.roots) and any(is_telemetry(image) for image in service.images))
        or (service.kind == "infrastructure" and any(is_telemetry(image) for image in service.images))
    )
