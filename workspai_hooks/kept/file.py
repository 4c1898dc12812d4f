"""The index on disk: rows by kind and key in one SQLite file, of bounded size.

Rows are numbered as they come, and what is used again moves to the end: the first ones are those that nobody
has used for the longest time, and lie beside each other. So making room is one deletion at the file's
beginning, and what a row was last used at is written nowhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workspai_hooks.kept.place import RefusedError, remove
from workspai_hooks.kept.turns import Turn

PAGE = 8192
"""Bytes: of 4, 8 and 16 kB the fastest for what facts are like (docs/cache.md)."""
_AT_ONCE = 500
STRANGE = (TypeError, ValueError, OverflowError)
"""What comes of values in a damaged page: they are of other types than were written."""
OF_A_ROW = 96
"""Bytes that a row takes beside its content: its key twice, what SQLite says of both."""
Row = tuple[str, bytes, bytes]
"""Kind with its version, key, packed fact."""


class BrokenError(Exception):
    """The file is none that can be used; it may be thrown away."""


class File:
    """An index that is open. Every method may raise `BrokenError` (then `drop` it), or `sqlite3.Error`
    where it can't be used now: it is locked, there is no room, the disk fails."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, turn: Turn, limit: int, why_fixed: str = ""
    ) -> None:
        self._path = path
        self._connection = connection
        self._turn = turn
        self._limit = limit
        self.why_fixed = why_fixed
        """Why nothing can be written; empty where it can."""
        self._used: dict[int, int] = {}
        """Rows that this run has used and that would soon be deleted, and their sizes."""
        self._kinds: dict[str, int] = {}
        self.costs_s: dict[str, float] = {}
        """What making one of a kind took."""
        self._read_kinds()
        self.is_new = not self._kinds
        """Nothing was in it."""
        self._old = self._are_old_until()

    def rows(self, kind: str, keys: Sequence[bytes]) -> list[tuple[bytes, object]]:
        """Keys with what stands there; of a damaged file, this is anything."""
        number = self._kinds.get(kind)
        if number is None:
            return []
        found = []
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            asked = f"SELECT id, key, data FROM facts WHERE kind = ? AND key IN ({marks})"
            for row, key, data in self._all(asked, (number, *some)):
                if row < self._old and isinstance(data, bytes):
                    self._used[row] = len(data)
                found.append((key, data))
        return found

    def look_again(self) -> bool:
        """Know what another process has written."""
        self._read_kinds()
        return True

    def newest(self, most_bytes: int) -> Iterator[Row]:
        """So many bytes of rows, those that were used last."""
        names = {number: name for name, number in self._kinds.items()}
        with told_as_broken():
            for kind, key, data in self._connection.execute(
                "SELECT kind, key, data FROM facts ORDER BY id DESC"
            ):
                most_bytes -= len(data) + OF_A_ROW
                if most_bytes < 0:
                    return
                if kind in names:
                    yield names[kind], key, data

    def write(
        self, rows: Iterable[Row], costs_s: Mapping[str, float], patience_s: float, *, are_ours: bool = True
    ) -> bool:
        """Keep rows, a part at a time, so that the journal stays small and who is killed loses the last part
        alone. What is in the way of them is deleted. `costs_s` is what making one of a kind took. What others
        have made takes no place of what is known here. True: the rows are kept."""
        insert = "INSERT OR REPLACE" if are_ours else "INSERT OR IGNORE"
        self._all(f"PRAGMA busy_timeout = {int(patience_s * 1000)}")
        for part in _parts(rows, self._limit // 32):
            with self._transaction():
                self._make_room(sum(len(data) + OF_A_ROW for _, _, data in part))
                self._number({kind for kind, _, _ in part})
                self._many(
                    f"{insert} INTO facts (kind, key, data) VALUES (?, ?, ?)",
                    [(self._kinds[kind], key, data) for kind, key, data in part],
                )
                self._many(
                    "UPDATE kinds SET cost_us = ? WHERE name = ?",
                    [(int(cost * 1e6), kind) for kind, cost in sorted(costs_s.items())],
                )
                self._move_what_is_used()
        if self._pragma("page_count") > self._most_pages:  # the limit is lower than it was
            with self._transaction():
                self._make_room(0)
            with told_as_broken():  # `execute` ends after the first of its pages
                self._connection.executescript("PRAGMA incremental_vacuum")
            self._all("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def counted(self) -> list[tuple[str, int, int]]:
        """Rows and bytes by kind."""
        asked = "SELECT kind, count(*), sum(length(data)) FROM facts GROUP BY kind"
        names = {number: name for name, number in self._kinds.items()}
        return [(names.get(kind, "?"), rows, int(held or 0)) for kind, rows, held in self._all(asked)]

    def close(self) -> None:
        """Close it; the last one to do so puts the journal's content into the file."""
        with suppress(sqlite3.Error):
            self._connection.close()
        self._turn.end()

    def drop(self) -> bool:
        """Throw it away, unless others use it: they meet what is wrong with it themselves."""
        with suppress(sqlite3.Error):
            self._connection.close()
        try:
            alone = self._turn.alone(0.0)
            if alone:
                remove(self._path)
            return alone
        except (RefusedError, OSError):
            return False
        finally:
            self._turn.end()

    @property
    def _most_pages(self) -> int:
        """An eighth of the limit is for the journal."""
        return self._limit // 8 * 7 // PAGE

    def _make_room(self, wanted: int) -> None:
        """Delete the rows that were not used for the longest time, a sixteenth of all at once: of 512 MiB
        that costs a quarter of a second, once in as much that is new."""
        pages = wanted * 5 // 4 // PAGE + 16
        free = self._pragma("freelist_count") + self._most_pages - self._pragma("page_count")
        if free >= pages:
            return
        needed = (pages - free + self._most_pages // 16) * PAGE
        last = 0
        with told_as_broken():
            for row, held in self._connection.execute("SELECT id, length(data) FROM facts ORDER BY id"):
                last = row
                needed -= (held or 0) + OF_A_ROW
                if needed <= 0:
                    break
        self._all("DELETE FROM facts WHERE id <= ?", (last,))

    def _move_what_is_used(self) -> None:
        """To the end, at most as much as one part of what is written: the rest is met again."""
        left = self._limit // 32
        for row, held in sorted(self._used.items()):
            left -= held
            if left < 0:
                break
            moved = "UPDATE OR IGNORE facts SET id = (SELECT max(id) + 1 FROM facts) WHERE id = ?"
            self._all(moved, (row,))
        self._used = {}

    def _are_old_until(self) -> int:
        """The row until which they are the older half; 0 while there is room enough."""
        if self._pragma("page_count") <= self._most_pages // 2:
            return 0
        first, last = self._all("SELECT (SELECT min(id) FROM facts), (SELECT max(id) FROM facts)")[0]
        return 0 if first is None else int(first + last) // 2

    def _number(self, kinds: set[str]) -> None:
        self._many("INSERT OR IGNORE INTO kinds (name) VALUES (?)", [(kind,) for kind in sorted(kinds)])
        self._read_kinds()
        if not kinds <= self._kinds.keys():
            raise BrokenError("its table of kinds is damaged")

    def _read_kinds(self) -> None:
        rows = self._all("SELECT id, name, cost_us FROM kinds")
        self._kinds = {name: number for number, name, _ in rows}
        self.costs_s = {name: cost / 1e6 for _, name, cost in rows if isinstance(cost, int)}

    def _pragma(self, name: str) -> int:
        return int(self._all(f"PRAGMA {name}")[0][0])

    def _all(self, asked: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with told_as_broken():
            return self._connection.execute(asked, values).fetchall()

    def _many(self, asked: str, values: Iterable[Sequence[object]]) -> None:
        with told_as_broken():
            self._connection.executemany(asked, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Of one who will write: where it began as a reader's, others could have come first."""
        self._all("BEGIN IMMEDIATE")
        try:
            yield
            self._all("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise


@contextmanager
def told_as_broken() -> Iterator[None]:
    """Errors of SQLite, those that mean that the file is broken as `BrokenError`."""
    try:
        yield
    except sqlite3.ProgrammingError:  # a fault of ours
        raise
    except sqlite3.OperationalError as error:
        known = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if known != sqlite3.SQLITE_ERROR:  # locked, read-only, full, a disk that fails
            raise
        raise BrokenError(str(error)) from error  # it asks for what is not there, as a format of the future
    except (sqlite3.DatabaseError, *STRANGE) as error:
        raise BrokenError(str(error)) from error


def _parts(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Rows in parts of so many bytes; one that is larger is not kept."""
    part: list[Row] = []
    held = 0
    for row in rows:
        mine = len(row[2]) + OF_A_ROW
        if mine > most:
            continue
        if held + mine > most:
            yield part
            part, held = [], 0
        part.append(row)
        held += mine
    if part:
        yield part
