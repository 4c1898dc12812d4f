"""What was worked out once, kept by the content that it was worked out from.

A fact's key is a digest of everything that it depends on: a blob's id, or the ids of many, and whatever else
was asked. So a fact is never wrong, only unused: a branch switch costs nothing, the merge base's tree is
answered by the same rows, and nothing is ever brought up to date in place. The code that makes a kind of
fact is part of its name (versions.py). A damaged or foreign file is thrown away and built anew; a folder that
can't be written means that nothing is kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import TypeVar

import msgspec

from workspai_hooks.fact_versions import VERSIONS

T = TypeVar("T")
K = TypeVar("K")

FORMAT = 3
"""Of the file itself, in SQLite's `user_version`; facts have versions of their own."""
LARGEST = 512 * 1024 * 1024
"""Bytes. Old facts are never looked for one by one: a file that has grown beyond this begins anew."""
UNKNOWN = "?"
"""The version of a kind that was not generated yet: it serves for the run, and is not kept."""
SMALL = 512
"""Bytes of a fact that is kept as it is."""
_AT_ONCE = 500
_WAIT = 2.0
"""Seconds that a second process waits for the first one's write."""


class Store:
    """Facts in one SQLite file; without a path they are kept for this run only."""

    def __init__(self, path: Path | None = None) -> None:
        self.is_partial = False
        """Contents were asked for that are not in this clone: what was made without them is not kept."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._tried = False
        self._fresh: dict[tuple[str, bytes], bytes] = {}
        self._turn = RLock()
        """One thread at a time: parts of a comparison run side by side."""

    @staticmethod
    def key(*parts: object) -> bytes:
        """A digest of what a fact depends on: values of any kind that this module could keep."""
        digest = hashlib.blake2b(digest_size=20)
        for part in parts:
            data = part if isinstance(part, bytes) else _told(part)
            digest.update(b"%d:" % len(data))
            digest.update(data)
        return digest.digest()

    def recall(self, kind: str, keys: Iterable[bytes], shape: type[T]) -> dict[bytes, T]:
        """The facts of a kind that are known, by key. One that can't be read any more is not known."""
        decoder = msgspec.msgpack.Decoder(shape)
        found: dict[bytes, T] = {}
        named = _named(kind)
        with self._turn:
            rows = self._rows(named, list(dict.fromkeys(keys)))
        for key, packed in rows:
            with suppress(_DamagedError, msgspec.DecodeError, zlib.error):
                found[key] = decoder.decode(_unpacked(named, key, packed))
        return found

    def remember(self, kind: str, facts: Mapping[bytes, object]) -> None:
        """Keep facts; they are written when the run ends."""
        encoder = msgspec.msgpack.Encoder()
        named = _named(kind)
        for key, fact in facts.items():
            with suppress(UnicodeEncodeError):  # a path that is no text; such facts are made each time
                packed = _packed(named, key, encoder.encode(fact))
                with self._turn:
                    self._fresh[named, key] = packed

    def each(
        self,
        kind: str,
        keys: Mapping[K, bytes],
        shape: type[T],
        make: Callable[[list[K]], Mapping[K, T]],
    ) -> dict[K, T]:
        """The fact of each of many things by its key; those that are not known are made at once and kept.

        `make` may leave things out: nothing is kept of them.
        """
        known = self.recall(kind, keys.values(), shape)
        facts = {thing: known[key] for thing, key in keys.items() if key in known}
        missing = [thing for thing in keys if thing not in facts]
        if missing:
            made = make(missing)
            self.remember(kind, {keys[thing]: fact for thing, fact in made.items()})
            facts.update(made)
        return facts

    def once(self, kind: str, key: bytes, shape: type[T], make: Callable[[], T]) -> T:
        """The fact of one key, made and kept where it is not known."""
        known = self.recall(kind, [key], shape)
        if key not in known:
            known[key] = make()
            if not self.is_partial:
                self.remember(kind, known)
        return known[key]

    def close(self) -> None:
        """Write what is new. A store that can't be written is none: nothing depends on it."""
        connection = self._open() if self._fresh else self._connection
        if connection is None:
            return
        with suppress(sqlite3.Error):
            rows = [
                (kind, key, packed)
                for (kind, key), packed in sorted(self._fresh.items())
                if not kind.endswith(UNKNOWN)
            ]
            with connection:
                connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)
        with suppress(sqlite3.Error):
            connection.close()
        self._connection, self._fresh = None, {}

    def _rows(self, kind: str, keys: list[bytes]) -> list[tuple[bytes, object]]:
        rows: list[tuple[bytes, object]] = [
            (key, self._fresh[kind, key]) for key in keys if (kind, key) in self._fresh
        ]
        connection = self._open()
        if connection is None:
            return rows
        known = list(rows)
        try:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                asked = f"SELECT key, data FROM facts WHERE kind = ? AND key IN ({marks})"
                rows += connection.execute(asked, (kind, *some)).fetchall()
        except sqlite3.OperationalError:  # in use by another process, or no disk: go on without
            return known
        except sqlite3.DatabaseError as error:
            self._drop(str(error))
            return known
        return rows

    def _open(self) -> sqlite3.Connection | None:
        if not self._tried:
            self._tried = True
            with suppress(sqlite3.Error, OSError):
                self._connection = self._opened()
        return self._connection

    def _opened(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        self._path.parent.mkdir(exist_ok=True)
        if self._path.is_symlink() or self._path.parent.is_symlink():
            return None  # it would be written somewhere else
        if self._path.exists() and self._path.stat().st_size > LARGEST:
            self._drop("it has grown too large")
        for _ in range(2):
            connection = sqlite3.connect(self._path, timeout=_WAIT, check_same_thread=False)
            try:
                if self._is_ours(connection):
                    return connection
                why = "it is of another version"
            except sqlite3.OperationalError as error:
                if "no such" not in str(error):  # locked, read-only, no disk: go on without
                    connection.close()
                    raise
                why = str(error)
            except sqlite3.DatabaseError as error:
                why = str(error)
            connection.close()
            self._drop(why)
        return None

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the file can be used; a new one is laid out."""
        if _version(connection) != FORMAT:
            # Two processes may find a new file at once: it is looked at when nobody else can write.
            connection.execute("BEGIN IMMEDIATE")
            version = _version(connection)
            if version not in (0, FORMAT):
                return False
            if version == 0:
                if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                    return False
                connection.execute(
                    "CREATE TABLE facts (kind TEXT NOT NULL, key BLOB NOT NULL, "
                    "data BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
                )
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.commit()
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("SELECT key FROM facts LIMIT 1")
        return True

    def _drop(self, why: str) -> None:
        """Throw the file away: it is built anew from the repository."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        if self._path is not None:
            print(f"workspai-hooks: the index {self._path} is built anew: {why}", file=sys.stderr)
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


class _DamagedError(Exception):
    """A row that is not as it was written."""


def _packed(kind: str, key: bytes, data: bytes) -> bytes:
    """A fact as it is kept. Most are small: setting zlib up for them takes longer than all the rest."""
    body = b"z" + zlib.compress(data, 1) if len(data) > SMALL else b"=" + data
    return _sum(kind, key, body) + body


def _unpacked(kind: str, key: bytes, kept: object) -> bytes:
    """The reverse; of what stands in a damaged page, the type is not known either."""
    if not isinstance(kept, bytes) or kept[:_SUM] != _sum(kind, key, kept[_SUM:]):
        raise _DamagedError
    body = kept[_SUM:]
    return zlib.decompress(body[1:]) if body[:1] == b"z" else body[1:]


_SUM = 4


def _sum(kind: str, key: bytes, body: bytes) -> bytes:
    """SQLite has no checksums: a bit that flips on a disk would be another fact, and a wrong verdict."""
    return zlib.crc32(body, zlib.crc32(key, zlib.crc32(kind.encode()))).to_bytes(_SUM, "little")


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def _told(value: object) -> bytes:
    """A value as bytes: equal for equal values."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:  # a path that is no text
        return repr(value).encode()


def version(kind: str) -> str:
    """The version of the code that makes a kind of fact."""
    return VERSIONS.get(kind, UNKNOWN)


def _named(kind: str) -> str:
    """A kind as its rows are called: with its version."""
    return f"{kind} {version(kind)}"
