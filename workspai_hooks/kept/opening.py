"""Opens the index: looks at what is there, makes it where it is missing, and anew where it is none."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from workspai_hooks.kept import place
from workspai_hooks.kept.file import PAGE, STRANGE, BrokenError, File, told_as_broken
from workspai_hooks.kept.place import RefusedError, SecondNameError
from workspai_hooks.kept.turns import Turn

FORMAT = 4
"""Of the file itself, in SQLite's `user_version`; facts have versions of their own."""
PATIENCE_S = 1.0
"""So long a run waits for others when it opens or reads: while one of them makes or mends the file."""
_STEP_S = 0.005
LAYOUT = (
    "CREATE TABLE kinds "
    "(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, cost_us INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE facts "
    "(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE UNIQUE INDEX named ON facts (kind, key)",
)
_NEW = "it was not made to its end"


def opened(path: Path, limit: int, say: Callable[[str], None]) -> File:
    """The index at `path`. `RefusedError`, `OSError` or `sqlite3.Error` where there can't be one now; `say`
    is told why one is thrown away."""
    place.prepare(path)
    turn = Turn(path.parent)
    try:
        return _opened(path, limit, turn, say)
    except BaseException:
        turn.end()
        raise


def existing(path: Path, limit: int) -> File:
    """The index at `path` as it is, `BrokenError` where it is none; nothing is made."""
    place.prepare(path)
    turn = Turn(path.parent)
    try:
        if not _may_write(path):
            return _fixed(path, limit, turn)
        if not turn.shared(PATIENCE_S):
            raise RefusedError("another run makes it")
        return _sound(path, limit, turn)
    except BaseException:
        turn.end()
        raise


def cleared(path: Path, patience_s: float) -> bool:
    """Remove the index; False where others use it for longer."""
    place.prepare(path)
    turn = Turn(path.parent)
    try:
        if not turn.alone(patience_s):
            return False
        place.remove(path)
        return True
    finally:
        turn.end()


def _opened(path: Path, limit: int, turn: Turn, say: Callable[[str], None]) -> File:
    if not _may_write(path):
        return _fixed(path, limit, turn)
    until = time.monotonic() + PATIENCE_S
    why = ""
    while True:
        if not why and path.exists() and turn.shared(until - time.monotonic()) and path.exists():
            try:
                return _sound(path, limit, turn)
            except BrokenError as error:
                why = str(error)
        if turn.alone(0.0):
            return _alone(path, limit, turn, say)
        if time.monotonic() >= until:
            raise RefusedError(f"{why or 'it is being made'}, and other runs use it")
        time.sleep(_STEP_S)


def _alone(path: Path, limit: int, turn: Turn, say: Callable[[str], None]) -> File:
    """Make it, where nobody else did so in the meantime."""
    try:
        made = _sound(path, limit, turn)
    except BrokenError as error:
        if str(error) != _NEW:
            say(f"the index {path} is built anew: {error}")
        place.remove(path)
        _make(path)
        made = _sound(path, limit, turn)
    turn.shared(PATIENCE_S)
    return made


def _sound(path: Path, limit: int, turn: Turn) -> File:
    """The index as it is there; `BrokenError` where it is none."""
    try:
        place.look_for_names(path)
    except SecondNameError as error:
        raise BrokenError(f"{error} has a second name, which changes with it") from error
    if not path.exists():
        raise BrokenError(_NEW)
    with told_as_broken():
        connection = _connected(path, "mode=rw")
    try:
        _check(connection)
        if place.is_shared(path.parent) and connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            raise BrokenError("it was made on a disk of one machine")
        for setting in (
            "synchronous = NORMAL",
            "secure_delete = OFF",  # what is deleted is not written once more
            f"journal_size_limit = {limit // 16}",
            f"wal_autocheckpoint = {max(16, min(1000, limit // 32 // PAGE))}",
        ):
            with told_as_broken():
                connection.execute(f"PRAGMA {setting}")
        return File(path, connection, turn, limit)
    except STRANGE as error:
        connection.close()
        raise BrokenError(str(error)) from error
    except BaseException:
        connection.close()
        raise


def _fixed(path: Path, limit: int, turn: Turn) -> File:
    """The index of a folder that can't be written, as it is: SQLite makes no files beside it."""
    why = "its folder can't be written"
    if not path.exists():
        raise RefusedError(why)
    journals = [one for one in place.files(path)[1:] if one.exists() and not one.name.endswith("-shm")]
    if any(one.stat().st_size for one in journals):
        raise RefusedError(f"{why}, and a part of it is not in the file yet")
    connection = _connected(path, "mode=ro&immutable=1")
    try:
        _check(connection)
        return File(path, connection, turn, limit, why)
    except (BrokenError, *STRANGE) as error:
        connection.close()
        raise RefusedError(f"{error}, and {why}") from error
    except BaseException:
        connection.close()
        raise


def _may_write(path: Path) -> bool:
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _connected(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path), errors='surrogateescape')}?{how}",
        timeout=PATIENCE_S,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    connection.text_factory = lambda data: data.decode("utf-8", "replace")  # of a damaged page
    return connection


def _check(connection: sqlite3.Connection) -> None:
    with told_as_broken():
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        laid_out = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")]
    if version == 0 and not laid_out:
        raise BrokenError(_NEW)
    if version != FORMAT:
        raise BrokenError("it is of another version")
    if sorted(laid_out) != sorted(LAYOUT):  # a view or a trigger would be run
        raise BrokenError("it is laid out otherwise")


def _make(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        place.belong(path, descriptor)
    finally:
        os.close(descriptor)
    journal = "TRUNCATE" if place.is_shared(path.parent) else "WAL"
    with closing(_connected(path, "mode=rw")) as connection:
        for step in (
            f"PRAGMA page_size = {PAGE}",
            "PRAGMA auto_vacuum = INCREMENTAL",
            "BEGIN IMMEDIATE",
            *LAYOUT,
            f"PRAGMA user_version = {FORMAT}",
            "COMMIT",
            f"PRAGMA journal_mode = {journal}",
        ):
            connection.execute(step)
