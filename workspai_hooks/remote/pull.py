"""Fetches a repository's pack and puts its rows into the index: a process of its own, beside a run.

    python -m workspai_hooks.remote.pull    reads an `Order` on standard input, writes an `Outcome`

It ends when whoever started it is gone. In a thread of theirs, a store that hangs would be waited for when
Python ends, and a fork for worker processes would find locks that nobody opens any more.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import msgspec

WRITE_PATIENCE_S = 5.0
"""So long it waits for other runs that write the index."""


class Order(msgspec.Struct, frozen=True):
    """What to fetch: the store's URL, the key of packs, whose pack, the state of it that is here already,
    and the index that it goes into."""

    url: str
    key: bytes
    origin: str
    known: str
    index: str
    limit: int


class Outcome(msgspec.Struct, frozen=True):
    """What came of it: `rows` that were put into the index, the pack's state, and why there is nothing."""

    rows: int = 0
    tag: str = ""
    why: str = ""


def pull(order: Order) -> Outcome:
    """Do it."""
    from workspai_hooks.remote.pack import MOST_BYTES, RefusedError, decoded, name_of
    from workspai_hooks.remote.places import PULL_S, PlaceError, place_of

    name = name_of(order.origin)
    try:
        found = place_of(order.url, PULL_S).get(name, MOST_BYTES, order.known)
        if found is None or found.data is None:
            return Outcome(tag=found.tag if found else "")
        rows = decoded(name, found.data, order.key)
    except (PlaceError, RefusedError) as error:
        return Outcome(why=str(error))
    return _kept(order, rows, found.tag)


def _kept(order: Order, rows: list[tuple[str, bytes, bytes]], tag: str) -> Outcome:
    import sqlite3

    from workspai_hooks.kept.file import BrokenError
    from workspai_hooks.kept.opening import opened
    from workspai_hooks.kept.place import RefusedError

    try:
        file = opened(Path(order.index), order.limit, lambda _: None)
        try:
            file.write(rows, {}, WRITE_PATIENCE_S, are_ours=False)
        finally:
            file.close()
    except (sqlite3.Error, BrokenError, RefusedError, OSError):  # the run itself says what is wrong with it
        return Outcome(why="the index of this repository can't be written")
    return Outcome(len(rows), tag)


def main() -> None:
    """Answer one order."""
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Order)
    Thread(target=_until_nobody_waits, daemon=True).start()
    answer = msgspec.msgpack.encode(pull(order))
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    os._exit(0)  # a thread of obstore's may still be at it


def _until_nobody_waits() -> None:
    with suppress(OSError, ValueError):
        sys.stdin.buffer.read(1)
    os._exit(1)


if __name__ == "__main__":
    main()
