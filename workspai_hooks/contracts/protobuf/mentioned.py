"""Which contracts may import a file of some name, or declare a package: a look at all texts, kept for a
snapshot that has been looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.scan import scan, without_comments
from workspai_hooks.patterns import regex
from workspai_hooks.store import Store

_IMPORTED = regex(rb"""import\b[^;"']{0,80}["']([^"'\n]{1,2000})["']""")
_PACKAGED = regex(rb"package\s{1,50}([\w.]{1,1000})\s{0,50};")
_ODD_IMPORT = regex(
    rb"""import\s*+(?:(?:public|weak|option)\b\s*+)?"""
    rb"""(?:/[/*]|["'][^"'\n\\]*+(?:\\|["']\s*+[^;\s]))"""
)
_ODD_PACKAGE = regex(
    rb"package(?:\s++[\w.]++)?\s*+(?:/[/*]|(?<=\s)\.)|package\s++[\w.]*+(?<=\.)\s++[\w.]++\s*+[;./]"
)
"""Comments, escapes, spaces or several literals in what is usually one: such a file is scanned."""
_PUBLIC = regex(rb"import\s*+(?:public\b|/[/*])")

_EXTENDS = regex(rb"\bextend\s*+(?>\.\s*+)?(?>[A-Za-z_]\w*+\s*+)(?>\.\s*+[A-Za-z_]\w*+\s*+){0,100}+\{")
"""A name of parts: prose that says *extend* has other words before a brace."""
_BRACKET = regex(rb"\[\s*+(?:type\b|/[/*])")
EXTENDS, EXPANDS, PUBLIC = b"extends", b"expands", b"public"
Names = tuple[set[bytes], set[bytes], set[bytes]]


def names_in(text: bytes) -> Names:
    """Basenames that a text seems to import, packages that it seems to declare, and whether it seems to
    declare extensions (`EXTENDS`), to write out an Any in one (`EXPANDS`), or to import something for others
    as well (`PUBLIC`). A comment may say so, too; whatever a compiler takes for one of these is there."""
    imported = {found.rpartition(b"/")[2] for found in _IMPORTED.findall(text)}
    packages = set(_PACKAGED.findall(text))
    if _ODD_IMPORT.search(text) or _ODD_PACKAGE.search(text):
        scanned = scan(text)
        packages.add(scanned.package.encode())
        imported.update(
            statement.name.rpartition("/")[2].encode(errors="surrogateescape")
            for statement in scanned.imports
        )
    traits = {EXTENDS} if b"extend" in text and _EXTENDS.search(without_comments(text)) else set()
    if _BRACKET.search(text) and b"/" in without_comments(
        text
    ):  # it stands in the name of an Any, else nowhere
        traits.add(EXPANDS)
    if _PUBLIC.search(text):
        traits.add(PUBLIC)
    return imported, packages, traits


class _Table(msgspec.Struct, frozen=True):
    """Which of a snapshot's regular .proto files, by their number, mention a name (its bytes as Latin-1)."""

    imports: dict[str, tuple[int, ...]]
    packages: dict[str, tuple[int, ...]]
    traits: dict[str, tuple[int, ...]]


class Mentions:
    """Those of one snapshot's regular .proto files. `mentions` gives what `names_in` does, by path, of files
    that `load` was told of."""

    def __init__(
        self,
        snapshot: Snapshot,
        mentions: Callable[[str], Names],
        load: Callable[[Iterable[str]], None],
        near: Mentions | None = None,
    ) -> None:
        """`near`: of a snapshot that has most of the same files, so that only the others are looked at."""
        self._snapshot, self._mentions, self._load, self._near = snapshot, mentions, load, near
        self._known: _Table | None = None
        self._own: tuple[str, ...] | None = None
        self._others: frozenset[str] = frozenset()
        self._regular: Sequence[str] | None = None

    @property
    def paths(self) -> Sequence[str]:
        """The regular .proto files, sorted."""
        if self._regular is None:
            self._regular = self._snapshot.paths(".proto")
        return self._regular

    def importing(self, basename: bytes) -> list[str]:
        """Files that may import one of this name, sorted."""
        return self._found(0, basename)

    def declaring(self, package: bytes) -> list[str]:
        """Files that may declare this package, sorted."""
        return self._found(1, package)

    def extending(self) -> list[str]:
        """Files that may declare extensions, sorted."""
        return self._found(2, EXTENDS)

    def expanding(self) -> list[str]:
        """Files that may write out the content of a google.protobuf.Any, sorted."""
        return self._found(2, EXPANDS)

    def public(self) -> list[str]:
        """Files that may import others publicly, sorted."""
        return self._found(2, PUBLIC)

    def _found(self, which: int, name: bytes) -> list[str]:
        if self._near is None:
            table = self._table()
            numbers = (table.imports, table.packages, table.traits)[which].get(name.decode("latin-1"), ())
            return [self.paths[number] for number in numbers]
        own = self._differing()
        mine = [path for path in own if name in self._mentions(path)[which]]
        same = (path for path in self._near._found(which, name) if path not in self._others)
        return sorted([*mine, *same])

    def _differing(self) -> tuple[str, ...]:
        """The files that `near` has not, or not with this content; `_others` are these, and those gone."""
        if self._own is None:
            assert self._near is not None
            here, there = set(self.paths), set(self._near.paths)
            mine, theirs = self._snapshot.entries, self._near._snapshot.entries
            self._own = tuple(
                path for path in self.paths if theirs.get(path) != mine[path] or path not in there
            )
            self._others = frozenset({*self._own, *(there - here)})
            self._load(self._own)
        return self._own

    def _table(self) -> _Table:
        if self._known is None:
            entries = self._snapshot.entries
            key = Store.key([(path, entries[path].blob) for path in self.paths])
            self._known = self._snapshot.store.once("mentions", key, _Table, self._made)
        return self._known

    def _made(self) -> _Table:
        self._load(self.paths)
        tables: list[dict[str, list[int]]] = [{}, {}, {}]
        for number, path in enumerate(self.paths):
            for table, names in zip(tables, self._mentions(path), strict=True):
                for name in names:
                    table.setdefault(name.decode("latin-1"), []).append(number)
        return _Table(*({name: tuple(found) for name, found in table.items()} for table in tables))
