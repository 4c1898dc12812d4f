"""The syntax trees of a snapshot's files, parsed once for each blob and read back from then on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.parallel import packed, spread
from workspai_hooks.workspace.use_sites.languages import Language
from workspai_hooks.workspace.use_sites.syntax import Source, UnparsableError

WORTH_A_FORK = 150_000
"""Bytes of source; a megabyte takes about a second."""


class Trees(Mapping[str, Source]):
    """Path -> tree, for files of the languages given. A tree is there when it is asked for, and many at once
    are had more cheaply by `prepare`.
    """

    def __init__(self, snapshot: Snapshot, languages: Mapping[str, Language]) -> None:
        self._snapshot = snapshot
        self._languages = dict(sorted(languages.items()))
        self._ready: dict[str, Source] = {}

    def __getitem__(self, path: str) -> Source:
        if path not in self._ready:
            if path not in self._languages:
                raise KeyError(path)
            self.prepare(self._languages)
        return self._ready[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def language(self, path: str) -> Language:
        """The language that a file is source of."""
        return self._languages[path]

    def of_blob(self, language: Language, blob: str) -> Source | None:
        """The tree of what a file was, where it is still kept."""
        key = Store.key(blob)
        return self._snapshot.store.recall(f"tree {language.name}", [key], Source).get(key)

    def prepare(self, paths: Iterable[str]) -> None:
        """Have these trees."""
        wanted: dict[str, list[str]] = {}
        for path in paths:
            if path in self._languages and path not in self._ready:
                wanted.setdefault(self._languages[path].name, []).append(path)
        for name, mine in wanted.items():
            keys = {path: Store.key(self._snapshot.entries[path].blob) for path in mine}
            self._ready |= self._snapshot.store.each(f"tree {name}", keys, Source, self._parsed)

    def _parsed(self, paths: list[str]) -> dict[str, Source]:
        contents = self._snapshot.read_many(paths)
        for name in {self._languages[path].name: path for path in contents}.values():
            _ = self._languages[name].worker  # loaded before the work is spread
        encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Source)

        def lowered(path: str) -> Source:
            try:
                return self._languages[path].worker.lower(contents[path])
            except UnparsableError as error:
                remedy = "mend it; nobody can tell what it uses"
                raise UndecidedError(path, "takes too long to be parsed: it is no source", remedy) from error

        def parse(path: str) -> bytes:
            return packed(encoder, lowered(path))

        order = sorted(contents)
        pays = sum(map(len, contents.values())) > WORTH_A_FORK
        return {
            path: decoder.decode(made) if made else lowered(path)
            for path, made in zip(order, spread(order, parse, pays=pays), strict=True)
        }
