"""Which classes of the repository are which parts of bodies, and how their members are called in JSON."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.workspace.http.bodies import DEEPEST_POINTER, JSON, is_json, pointer_of, stepped
from workspai_hooks.workspace.http.follow import Requests
from workspai_hooks.workspace.http.origins import known_best, without_origin
from workspai_hooks.workspace.use_sites.infer.classes import DEEPEST_BASE
from workspai_hooks.workspace.use_sites.values import (
    Choice,
    InstanceOf,
    LibraryOf,
    ListOf,
    MapOf,
    TypeOf,
    Value,
    alternatives,
    join,
    parts_of,
)

DEEPEST_HELD = 3
"""Instances inside instances."""
Sources = dict[tuple[LibraryOf, bool], None]
"""Parts of bodies, and whether that is sure."""


def best_sources(sources: Sources) -> Sources:
    """Without what a URL was before its base was known."""
    best = known_best(join(source for source, _ in sources))
    kept = set(alternatives(best))
    return {each: None for each in sources if each[0] in kept} or sources


def _instances(value: Value, depth: int = 3) -> Iterator[str]:
    """The classes of the instances that a value is or holds."""
    if isinstance(value, InstanceOf):
        yield value.key
    elif isinstance(value, ListOf | MapOf | Choice | LibraryOf) and depth:
        for part in parts_of(value):
            yield from _instances(part, depth - 1)


class Shapes:
    """`received`: class -> the parts of answers that become instances of it; `sent`: the parts of requests
    that are made of instances of it."""

    def __init__(self, engine: Requests) -> None:
        self._engine = engine
        self.received: dict[str, Sources] = {}
        self.sent: dict[str, Sources] = {}
        self._held: dict[str, frozenset[str]] = {}

    def associate(
        self,
        kind: Value,
        source: LibraryOf,
        sure: bool,
        into: dict[str, Sources],
        depth: int = DEEPEST_POINTER,
    ) -> None:
        """A part of a body is an instance of a type, so that its properties are those of its members."""
        if depth == 0:
            return
        match kind:
            case TypeOf(inner):
                self.associate(inner, source, sure, into, depth)
            case Choice(values):
                for one in values:
                    self.associate(one, source, False, into, depth)
            case ListOf(item):
                self._down(item, source, "[]", sure, into, depth)
            case MapOf(_, held):
                self._down(held, source, "*", sure, into, depth)
            case InstanceOf(key):
                kind = without_origin(kind)
                known = into.setdefault(key, {})
                if (source, sure) in known:
                    return
                known.setdefault((source, sure))
                for name, held in self._members_of(kind):
                    self._down(held, source, name, sure, into, depth)
            case LibraryOf(_, args) if len(args) == 1 and not is_json(kind):
                self.associate(args[0], source, sure, into, depth - 1)
            case _:
                pass

    def _down(
        self,
        kind: Value,
        source: LibraryOf,
        step: str,
        sure: bool,
        into: dict[str, Sources],
        depth: int,
    ) -> None:
        pointer = stepped(pointer_of(source), step)
        if pointer is not None:
            self.associate(kind, LibraryOf(JSON + pointer, source.args), sure, into, depth - 1)

    def _members_of(self, owner: InstanceOf, depth: int = DEEPEST_BASE) -> Iterator[tuple[str, Value]]:
        """The properties of a class, by their names in JSON, with what they hold."""
        engine = self._engine
        declared = engine.program.classes.get(owner.key)
        if declared is None or depth == 0:
            return
        clients = engine.clients_of(declared)
        for member in list(declared.variables):
            name = clients.json_name(declared, member)
            if name is not None:
                yield name, engine.field_value(declared, member, owner)
        for base in declared.bases():
            value = engine.base_value(declared, base, owner)
            if isinstance(value, InstanceOf):
                yield from self._members_of(value, depth - 1)
        if declared.alias is not None:
            value = engine.underlying(declared, owner.args)
            if isinstance(value, InstanceOf):
                yield from self._members_of(value, depth - 1)

    def held_by(self, key: str, depth: int = DEEPEST_HELD) -> frozenset[str]:
        """The classes that become of bodies and that an instance of a class holds in its members."""
        if depth == 0:
            return frozenset()
        known = self._held.get(key)
        if known is None:
            self._held[key] = frozenset()  # a class may hold its own like
            engine = self._engine
            declared = engine.program.classes.get(key)
            found: set[str] = set()
            if declared is not None:
                values = [
                    engine.field_value(declared, name, InstanceOf(key)) for name in [*declared.variables]
                ]
                for inner in (one for value in values for one in _instances(value)):
                    found |= {inner} & self.received.keys()
                    found |= self.held_by(inner, depth - 1)
            known = self._held[key] = frozenset(found)
        return known

    def property_of(self, key: str, member: str, depth: int = DEEPEST_BASE) -> tuple[str, str, bool] | None:
        """The class that declares what a member stands for, its name in JSON, whether it sets it."""
        engine = self._engine
        declared = engine.program.classes.get(key)
        if declared is None or depth == 0:
            return None
        clients = engine.clients_of(declared)
        field, setter = clients.field_of(declared, member)
        if field in declared.variables:
            name = clients.json_name(declared, field)
            return None if name is None else (key, name, setter)
        for base in declared.bases():
            value = engine.base_value(declared, base, InstanceOf(key))
            found = self.property_of(value.key, member, depth - 1) if isinstance(value, InstanceOf) else None
            if found is not None:
                return found
        return None
