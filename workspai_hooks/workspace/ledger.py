"""What verdicts look up, kept in tables of one tree: a break of one message reads what is known of it, and
not the uses and edges of ten thousand services."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.elements import by_parent, parent
from workspai_hooks.source import Location
from workspai_hooks.stubs.holding import Group, Held, Known, Place
from workspai_hooks.tables import Table
from workspai_hooks.workspace.closure import Callers
from workspai_hooks.workspace.lookups import Joined, Member, Unclear, Used, Way

T = TypeVar("T")

_KeptWays = list[tuple[str, list[tuple[int, int, int]]]]
"""Protocol and places of each, a place by its file's number, line and column."""


class _Ways(msgspec.Struct, frozen=True, array_like=True):
    """The ways of one consumer. `to`: provider -> `_KeptWays`, which are read when they are asked for: a
    service that is exposed has one that counts. `paths`: the files of all."""

    to: dict[str, msgspec.Raw]
    paths: list[str]


class Ledger:
    """The answers of `Joined` for the same snapshot, contracts and words of `.workspai.yaml`.

    `tree` is a digest of the snapshot and these words, `key` of the contracts as well.
    """

    def __init__(self, snapshot: Snapshot, tree: bytes, key: bytes, joined: Joined) -> None:
        self._snapshot = snapshot
        self._store = snapshot.store
        self._tree = tree
        self._key = key
        self._joined = joined
        self._uses = Table(self._store, "uses", key, dict[str, list[Used]], self._all_uses)
        self._ways = Table(self._store, "ways", key, msgspec.Raw, self._all_ways)
        self._of_one = msgspec.msgpack.Decoder(_Ways)
        self._decoder = msgspec.msgpack.Decoder(_KeptWays)

    def uses(self, elements: Collection[str]) -> Mapping[str, Sequence[Used]]:
        """See `Lookups`."""
        tables = self._uses.of(by_parent(elements))
        return {
            element: uses
            for element in elements
            if (uses := tables.get(parent(element), {}).get(element)) is not None
        }

    @cached_property
    def unclear(self) -> Unclear:
        """See `Lookups`."""
        return self._once("unclear", self._key, Unclear, lambda: self._joined.unclear)

    @cached_property
    def holding(self) -> Known:
        """See `Lookups`."""
        return _Holding(self._snapshot, self._tree, self._joined)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """See `Lookups`."""
        return self._once("members", self._tree, dict[str, Member], lambda: self._joined.members)

    @cached_property
    def serving(self) -> Mapping[str, Collection[str]]:
        """See `Lookups`."""
        return self._once("serving", self._key, dict[str, list[str]], lambda: self._joined.serving)

    @cached_property
    def callers(self) -> Callers:
        """See `Lookups`."""
        return self._once("callers", self._key, Callers, lambda: self._joined.callers)

    @cached_property
    def unfollowed(self) -> Mapping[str, Sequence[str]]:
        """See `Lookups`."""
        return self._once("unfollowed", self._tree, dict[str, list[str]], lambda: self._joined.unfollowed)

    def between(self, consumer: str, provider: str) -> Sequence[Way]:
        """See `Lookups`."""
        mine = self._ways.of((consumer,)).get(consumer)
        if mine is None:
            return ()
        known = self._of_one.decode(mine)
        kept = self._decoder.decode(known.to[provider]) if provider in known.to else ()
        return [
            Way(protocol, tuple(Location(known.paths[at], line, column) for at, line, column in places))
            for protocol, places in kept
        ]

    def _once(self, kind: str, key: bytes, shape: type[T], make: Callable[[], T]) -> T:
        return self._store.once(kind, key, shape, make)

    def _all_uses(self) -> dict[str, dict[str, list[Used]]]:
        found: dict[str, dict[str, list[Used]]] = {}
        for element, uses in self._joined.all_uses.items():
            used = [Used(use, self._joined.names_at(use.path)) for use in uses]
            found.setdefault(parent(element), {})[element] = used
        return found

    def _all_ways(self) -> dict[str, msgspec.Raw]:
        return {consumer: _packed(ways) for consumer, ways in self._joined.ways.items()}


def _packed(ways: Mapping[str, Iterable[Way]]) -> msgspec.Raw:
    encode = msgspec.msgpack.Encoder().encode
    paths: dict[str, int] = {}
    to = {}
    for provider, each in ways.items():
        kept = [
            (
                way.protocol,
                [(paths.setdefault(one.path, len(paths)), one.line, one.column) for one in way.evidence],
            )
            for way in each
        ]
        to[provider] = msgspec.Raw(encode(kept))
    return msgspec.Raw(encode(_Ways(to, list(paths))))


class _Holding:
    """What is held, as `holding.Known` asks it."""

    def __init__(self, snapshot: Snapshot, tree: bytes, joined: Joined) -> None:
        self._snapshot = snapshot
        self._tree = tree
        self._joined = joined
        store = snapshot.store
        self._groups = Table(store, "held groups", tree, Group, lambda: joined.holding.all_groups)
        self._places = Table(store, "held places", tree, Place, lambda: joined.holding.all_places)

    def groups(self, parents: Iterable[str]) -> Mapping[str, Group]:
        return self._groups.of(parents)

    def places(self, paths: Iterable[str]) -> Mapping[str, Place]:
        return self._places.of(paths)

    def nameless(self) -> Sequence[tuple[str, Held]]:
        shape = list[tuple[str, Held]]
        made = lambda: list(self._joined.holding.nameless())  # noqa: E731
        return self._snapshot.store.once("nameless stubs", self._tree, shape, made)

    def text(self, path: str) -> bytes:
        return self._snapshot.read_many([path]).get(path, b"")
