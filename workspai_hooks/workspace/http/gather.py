"""What sources say of HTTP requests: which files matter, and what following types through them gives.

Nothing here is done unless somebody asks about HTTP. A file's tree is kept by its blob, what a part of the
sources gives until one of its files changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from posixpath import dirname

import msgspec
from msgspec.structs import replace

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store
from workspai_hooks.tools.parallel import packed, spread
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.http.clients import Clients
from workspai_hooks.workspace.http.facts import facts_of
from workspai_hooks.workspace.http.follow import Requests
from workspai_hooks.workspace.http.generated import is_client, is_library
from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES, MARKUP, HttpLanguage, with_clients
from workspai_hooks.workspace.http.values import Fact
from workspai_hooks.workspace.manifests.builds import is_build_file
from workspai_hooks.workspace.use_sites.gather import WORTH_A_FORK
from workspai_hooks.workspace.use_sites.headers import Header, headers, is_third_party, layout_of
from workspai_hooks.workspace.use_sites.infer.analysis import files_of, walk_all
from workspai_hooks.workspace.use_sites.infer.parts import parted
from workspai_hooks.workspace.use_sites.infer.program import Dialect, File, Program
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.shifts import Shift, shifts_between
from workspai_hooks.workspace.use_sites.trees import Trees

LARGEST_SOURCE = 1024 * 1024
"""Bytes; nobody wrote a longer one, and of a client that is longer nobody reads all."""
_LIBRARY = regex(
    r"(?:^|/)(?:wwwroot|static|public|assets|resources|webapp|htdocs|www)/(?:[^/]{1,80}/){0,8}"
    r"(?:lib|libs|vendors?|plugins|third-?party)/.*\.js$|(?:^|/)bower_components/|[.-]min\.js$"
)
"""Scripts of a page that others wrote."""
NOTHING = Schema({}, {}, {}, {})
"""No contract: naming knows nothing of generated code then."""


def find_facts(snapshot: Snapshot, paths: Collection[str]) -> tuple[Fact, ...]:
    """What the sources among `paths` do with HTTP requests."""
    known = {
        path: header
        for path, header in headers(snapshot).items()
        if path in paths and not _LIBRARY.search(path)
    }
    pages = [path for path in paths if path.endswith(MARKUP) and not is_third_party(path)]
    layout = layout_of(snapshot.paths(), headers(snapshot))
    found: list[Fact] = []
    for family in dict.fromkeys(one.family for one in HTTP_LANGUAGES):
        languages = [one for one in HTTP_LANGUAGES if one.family == family]
        found += _Family(snapshot, languages, known, layout, pages).facts()
    return tuple(sorted(set(found)))


class Glance(msgspec.Struct, frozen=True, array_like=True):
    """What is seen of a file before it is parsed: a word that a request needs, the header of a generated
    client, the banner of a library."""

    asks: bool
    generated: bool
    foreign: bool


class Latest(msgspec.Struct, frozen=True, array_like=True):
    """What a part's files were when it was last followed; `key` is what its facts depend on, `place` the same
    without what is in the files."""

    key: bytes
    place: bytes
    blobs: tuple[tuple[str, str], ...]


class _Family:
    """The languages that are followed together."""

    def __init__(
        self,
        snapshot: Snapshot,
        languages: Sequence[HttpLanguage],
        known: Mapping[str, Header],
        layout: Layout,
        pages: Sequence[str],
    ) -> None:
        self._snapshot = snapshot
        self._store = snapshot.store
        self._layout = layout
        self._known = known
        self._chosen: dict[str, HttpLanguage] = {}
        self._generated: frozenset[str] = frozenset()
        for language in languages:
            name = language.name.removeprefix("http-")
            mine = [path for path, one in known.items() if name in one.languages]
            if language.suffixes == MARKUP:
                mine = [path for path in pages if path.endswith(MARKUP)]
            if language.requests or self._chosen:  # a template is of interest with what renders it
                self._chosen |= dict.fromkeys(mine, language)

    def facts(self) -> list[Fact]:
        """What the files of these languages give."""
        glances = self._glances()
        marked = self._snapshot.generated  # one that asks is read as a client: for what it declares
        self._generated = frozenset(
            path for path, one in glances.items() if one.generated or (one.asks and path in marked)
        )
        asking = {path for path, one in glances.items() if one.asks or one.generated}
        for path in list(self._chosen):
            others = path in self._known and self._known[path].generated and path not in self._generated
            if others or glances[path].foreign:
                del self._chosen[path]
                asking.discard(path)
        if not asking:
            return []
        trees = Trees(self._snapshot, self._chosen)
        trees.prepare(trees)
        languages = {one.source: one for one in self._chosen.values()}
        made = {
            name: with_clients(one.worker.dialect(NOTHING, self._layout, trees), one)
            for name, one in languages.items()
        }
        dialects = {name: dialect for name, (dialect, _) in made.items()}
        clients = {name: each for name, (_, each) in made.items()}
        homes = frozenset(dirname(path) for path in self._layout.paths if is_build_file(path))
        parts = [
            part
            for part in parted(files_of(trees, dialects, is_test), homes)
            if any(file.path in asking for file in part)
        ]
        return self._followed(parts, trees, dialects, clients)

    def _followed(
        self,
        parts: Sequence[Sequence[File]],
        trees: Trees,
        dialects: Mapping[str, Dialect],
        clients: Mapping[str, Clients],
    ) -> list[Fact]:
        around = Store.key(
            sorted(self._layout.paths),
            self._layout.manifests,
            self._layout.go_modules,
            sorted(dialects),
        )
        latest = [self._as_it_is(part, around) for part in parts]
        keys = {number: one.key for number, one in enumerate(latest)}
        encoder = msgspec.msgpack.Encoder()
        decoder = msgspec.msgpack.Decoder(tuple[Fact, ...])

        def follow_them(numbers: list[int]) -> dict[int, tuple[Fact, ...]]:
            known: dict[int, tuple[Fact, ...]] = {}
            for number in numbers:
                moved = self._as_before(latest[number], trees)
                if moved is not None:
                    known[number] = moved
            rest = [number for number in numbers if number not in known]
            order = sorted(rest, key=lambda number: (-len(parts[number]), number))
            files = sum(len(parts[number]) for number in rest)
            made = spread(
                order,
                lambda number: packed(encoder, follow(parts[number], clients, self._generated)),
                pays=files >= WORTH_A_FORK,
            )
            self._store.remember("http latest", {latest[number].place: latest[number] for number in numbers})
            return known | {
                number: decoder.decode(each) if each else follow(parts[number], clients, self._generated)
                for number, each in zip(order, made, strict=True)
            }

        known = self._store.each("http facts", keys, tuple[Fact, ...], follow_them)
        return [fact for facts in known.values() for fact in facts]

    def _as_it_is(self, part: Sequence[File], around: bytes) -> Latest:
        """What the facts of a part depend on."""
        blobs = sorted({(file.path, self._snapshot.entries[file.path].blob) for file in part})
        paths = [path for path, _ in blobs]
        marked = sorted(self._snapshot.generated.intersection(paths))
        generated = sorted(self._generated.intersection(paths))
        place = Store.key(around, paths, marked, generated)
        return Latest(Store.key(around, blobs, marked), place, tuple(blobs))

    def _as_before(self, part: Latest, trees: Trees) -> tuple[Fact, ...] | None:
        """What a part gave when it was last followed, where nothing in it has changed but the places."""
        latest = self._store.recall("http latest", [part.place], Latest).get(part.place)
        if latest is None:
            return None
        facts = self._store.recall("http facts", [latest.key], tuple[Fact, ...]).get(latest.key)
        shifts = shifts_between(latest.blobs, part.blobs, trees)
        if facts is None or shifts is None:
            return None
        try:
            return tuple(sorted(_moved(fact, shifts) for fact in facts))
        except KeyError:  # it stands at a place of its own
            return None

    def _glances(self) -> dict[str, Glance]:
        """What is seen of each file before it is parsed."""
        keys = {
            path: Store.key(language.name, language.requests, self._snapshot.entries[path].blob)
            for path, language in self._chosen.items()
        }

        def look(paths: list[str]) -> dict[str, Glance]:
            return {
                path: Glance(
                    len(data) <= LARGEST_SOURCE and any(mark in data for mark in self._chosen[path].requests),
                    is_client(path, data),
                    is_library(path, data) or len(data) > LARGEST_SOURCE,
                )
                for path, data in self._snapshot.contents(paths)
            }

        return self._store.each("http glance", keys, Glance, look)


def _moved(fact: Fact, shifts: Mapping[str, Shift]) -> Fact:
    place = fact.place
    if place.path not in shifts:
        return fact
    line, column = shifts[place.path][place.line, place.column]
    return replace(fact, place=replace(place, line=line, column=column))


def follow(
    files: Sequence[File], clients: Mapping[str, Clients], generated: frozenset[str] = frozenset()
) -> tuple[Fact, ...]:
    """What the files of one part give; those of generated clients only declare."""
    engine = Requests(Program(files), clients, generated)
    walk_all(engine, [file for file in files if file.path not in generated])
    return facts_of(engine)
