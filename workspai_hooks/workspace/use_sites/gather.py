"""What the sources of a snapshot use of a contract: which files matter, and what following types gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from posixpath import dirname

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.store import Store
from workspai_hooks.tools.parallel import packed, spread
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.manifests.builds import is_build_file
from workspai_hooks.workspace.use_sites.crossing import uses_across
from workspai_hooks.workspace.use_sites.found import Found, joined
from workspai_hooks.workspace.use_sites.headers import Header, headers, layout_of
from workspai_hooks.workspace.use_sites.infer.analysis import files_of, follow
from workspai_hooks.workspace.use_sites.infer.parts import parted
from workspai_hooks.workspace.use_sites.infer.program import Dialect
from workspai_hooks.workspace.use_sites.languages import LANGUAGES, Language
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.outline import Outline, outline
from workspai_hooks.workspace.use_sites.shifts import shifted, shifts_between
from workspai_hooks.workspace.use_sites.trees import Trees
from workspai_hooks.workspace.use_sites.vocabulary import Vocabulary, vocabulary

WORTH_A_FORK = 40
"""So many files take about half a second to follow."""


class Followed(msgspec.Struct, frozen=True):
    """The contracts whose uses are followed. `key` is a digest of what they are, whoever `load`s them."""

    key: bytes
    load: Callable[[], Schema]

    @staticmethod
    def of(schema: Schema) -> Followed:
        """What is at hand."""
        return Followed(Store.key(schema), lambda: schema)


def find_everything(snapshot: Snapshot, schema: Schema) -> Found:
    """Uses, implementations, escapes and mentions in all sources of a snapshot, of every followed
    language. What a part of the sources gives is kept until one of its files changes.
    """
    return find_followed(snapshot, Followed.of(schema))


def find_followed(snapshot: Snapshot, followed: Followed) -> Found:
    """The same of contracts that are read where their uses are not known."""

    def gather() -> Found:
        schema = followed.load()
        return _Gathering(snapshot, schema).everything() if schema.files else Found()

    return snapshot.store.once("everything", Store.key(snapshot.digest, followed.key), Found, gather)


class _Gathering:
    """One snapshot's sources against one schema."""

    def __init__(self, snapshot: Snapshot, schema: Schema) -> None:
        self._snapshot = snapshot
        self._schema = schema
        self._store = snapshot.store

    @cached_property
    def _headers(self) -> dict[str, Header]:
        return headers(self._snapshot)

    @cached_property
    def _layout(self) -> Layout:
        return layout_of(self._snapshot.paths(), self._headers)

    @cached_property
    def _around(self) -> bytes:
        """All that naming looks at beside the sources: part of the key of every answer."""
        at = self._layout
        known = (sorted(at.paths), at.stubs, at.manifests, at.go_modules, at.crates)
        return Store.key(self._schema, known)

    def everything(self) -> Found:
        """What all families of languages give."""
        parts: list[_Part] = []
        followed: dict[str, Trees] = {}
        for family in dict.fromkeys(one.family for one in LANGUAGES):
            languages = [one for one in LANGUAGES if one.family == family]
            trees = Trees(self._snapshot, self._chosen(languages))
            if trees:
                parts += self._parts(family, languages, trees)
                followed |= dict.fromkeys(trees, trees)
        keys = {number: part.key for number, part in enumerate(parts)}

        def follow_them(numbers: list[int]) -> dict[int, Found]:
            known = {number: found for number in numbers if (found := self._as_before(parts[number]))}
            rest = [number for number in numbers if number not in known]
            known |= dict(zip(rest, _followed([parts[number] for number in rest]), strict=True))
            latest = {
                parts[number].place: _Latest(parts[number].key, parts[number].blobs) for number in numbers
            }
            self._store.remember("latest", latest)
            return known

        known = joined(self._store.each("found", keys, Found, follow_them).values())
        across = uses_across(self._snapshot, self._schema, self._layout, known, followed, self._around)
        return joined([known, Found(tuple(across))])

    def _as_before(self, part: _Part) -> Found | None:
        """What a part gave when it was last followed, where nothing in it has changed but the places."""
        latest = self._store.recall("latest", [part.place], _Latest).get(part.place)
        if latest is None:
            return None
        found = self._store.recall("found", [latest.key], Found).get(latest.key)
        shifts = shifts_between(latest.blobs, part.blobs, part.dialects.trees)
        return None if found is None or shifts is None else shifted(found, shifts)

    def _chosen(self, languages: Sequence[Language]) -> dict[str, Language]:
        """The files of a family that can matter; templates only where the language that renders them is
        there. A path can be source of one language of a family only.
        """
        chosen: dict[str, Language] = {}
        for language in languages:
            mine = [path for path, header in self._headers.items() if language.name in header.languages]
            if not mine or (language is not languages[0] and not language.alone and not chosen):
                continue
            for path in self._that_matter(language, mine):
                if not self._headers[path].generated:
                    chosen[path] = language
        return chosen

    def _that_matter(self, language: Language, paths: list[str]) -> Collection[str]:
        """The files of a language that are worth parsing."""

        def gather_words() -> Vocabulary:
            return vocabulary(self._schema, language.worker.dialect(self._schema, self._layout, {}).naming)

        key = Store.key(self._around, language.name)
        if language.worker.heads is None:
            words = self._store.once("words", key, Vocabulary, gather_words)
        else:
            words = Vocabulary(frozenset(), frozenset())  # nobody asks for them
        about = Store.key(sorted(words.all), sorted(words.types))
        kind = f"glance {language.name}"
        keys = {path: Store.key(path, self._blob(path), about) for path in paths}

        def look(missing: list[str]) -> dict[str, tuple[str, ...]]:
            contents = self._snapshot.contents(missing)
            return {path: language.worker.glance(path, data, words) for path, data in contents}

        glances = self._store.each(kind, keys, tuple[str, ...], look)
        seen = {path: glances[path] for path in paths if path in glances}

        def select() -> list[str]:
            return list(language.worker.select(seen, self._schema, self._layout))

        return self._store.once("chosen", Store.key(key, sorted(seen.items())), list[str], select)

    def _blob(self, path: str) -> str:
        return self._snapshot.entries[path].blob

    def _parts(self, family: str, languages: Sequence[Language], trees: Trees) -> list[_Part]:
        """The files of a family that know of each other, as what has to be followed by itself."""
        about = Store.key(self._around, family, sorted(self._outlines(trees).items()))
        dialects = _Dialects({one.name: one for one in languages}, self._schema, self._layout, trees)

        def divide() -> list[list[str]]:
            homes = frozenset(dirname(path) for path in self._layout.paths if is_build_file(path))
            parts = parted(files_of(trees, dialects.all, is_test), homes)
            return [list(dict.fromkeys(file.path for file in part)) for part in parts]

        divided = self._store.once("parts", about, list[list[str]], divide)
        blobs = [tuple((path, self._blob(path)) for path in part) for part in divided]
        return [
            _Part(Store.key(about, each), Store.key(about, part), dialects, each)
            for part, each in zip(divided, blobs, strict=True)
        ]

    def _outlines(self, trees: Trees) -> dict[str, Outline]:
        keys = {path: Store.key(trees.language(path).name, self._blob(path)) for path in trees}

        def make(paths: list[str]) -> dict[str, Outline]:
            trees.prepare(paths)
            return {path: outline(trees[path]) for path in paths if path in trees}

        return self._store.each("outline", keys, Outline, make)


class _Part(msgspec.Struct, frozen=True):
    """Files that know of each other; `key` is what their uses depend on, `place` the same without what is in
    the files.
    """

    key: bytes
    place: bytes
    dialects: _Dialects
    blobs: tuple[tuple[str, str], ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files."""
        return tuple(path for path, _ in self.blobs)


class _Latest(msgspec.Struct, frozen=True, array_like=True):
    """What a part's files were when it was last followed, and the key of what they gave."""

    key: bytes
    blobs: tuple[tuple[str, str], ...]


def _followed(parts: Sequence[_Part]) -> list[Found]:
    """What each part gives; several are followed at once where there is much to do."""
    for dialects in {id(part.dialects): part.dialects for part in parts}.values():
        dialects.prepare()
    # The longest first, so that the last ones to be done are short.
    order = sorted(range(len(parts)), key=lambda number: (-len(parts[number].paths), number))
    files = sum(len(part.paths) for part in parts)
    if files < WORTH_A_FORK or not all(path.isascii() for part in parts for path in part.paths):
        return [part.dialects.follow(part.paths) for part in parts]
    encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Found)

    def work(number: int) -> bytes:
        return packed(encoder, parts[number].dialects.follow(parts[number].paths))

    made = dict(zip(order, spread(order, work), strict=True))
    return [
        decoder.decode(made[number]) if made[number] else part.dialects.follow(part.paths)
        for number, part in enumerate(parts)
    ]


class _Dialects:
    """The dialects of a family, made when the first part has to be followed."""

    def __init__(
        self, languages: Mapping[str, Language], schema: Schema, layout: Layout, trees: Trees
    ) -> None:
        self._languages = languages
        self._schema = schema
        self._layout = layout
        self.trees = trees

    @cached_property
    def all(self) -> dict[str, Dialect]:
        """By language."""
        return {
            name: one.worker.dialect(self._schema, self._layout, self.trees)
            for name, one in self._languages.items()
        }

    @cached_property
    def _accessors(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        return {name: dialect.naming.accessors() for name, dialect in self.all.items()}

    def prepare(self) -> None:
        """Have everything that following needs, before the work is spread."""
        self.trees.prepare(self.trees)
        _ = self.all, self._accessors

    def follow(self, paths: Sequence[str]) -> Found:
        """What following types through these files gives."""
        sources = {path: self.trees[path] for path in paths}
        return follow(files_of(sources, self.all, is_test), self._accessors)
