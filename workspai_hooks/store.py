"""What was worked out once, kept by the content that it was worked out from.

A fact's key is a digest of everything that it depends on: a blob's id, or the ids of many, the version of a
tool that was asked, and whatever else was asked. So a fact is never wrong, only unused: a branch switch costs
nothing, the merge base's tree is answered by the same rows, and nothing is ever brought up to date in place.
The code that makes a kind of fact is part of its name (versions.py). A damaged or foreign file is thrown away
and built anew; where none can be used, the run goes on without one and says so (docs/cache.md).
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

import msgspec

from workspai_hooks.fact_versions import VERSIONS
from workspai_hooks.kept.limit import LIMIT
from workspai_hooks.kept.parsers import PARSED, installed
from workspai_hooks.kept.rows import DamagedError, packed, unpacked

if TYPE_CHECKING:
    from workspai_hooks.kept.behind import Behind
    from workspai_hooks.kept.file import File

T = TypeVar("T")
K = TypeVar("K")

UNKNOWN = "?"
"""The version of a kind that was not generated yet: it serves for the run, and is not kept."""
MOST_FRESH = 32 * 1024 * 1024
"""Bytes of new facts in memory: then they are written."""
WAIT_S = 2.0
"""So long a run waits at its end until others have written; never longer than it has taken itself."""
LEAST_WAIT_S = 0.5


class Store:
    """Facts in one file; without a path they are kept for this run only."""

    def __init__(self, path: Path | None = None, limit: int = LIMIT) -> None:
        self.is_partial = False
        """Contents were asked for that are not in this clone, or a tool failed: what was made then is not
        kept."""
        self.behind: Behind | None = None
        """Asked for what is not known here."""
        self._path = path
        self._limit = limit
        self._file: File | None = None
        self._tried = False
        self._fresh: dict[tuple[str, bytes], bytes] = {}
        self._size = 0
        self._is_shut = path is None
        """Nothing can be written, or not any more."""
        self._costs: dict[str, tuple[int, float]] = {}
        """How many of a kind this run has made, and the seconds that took."""
        self._began = time.monotonic()
        self._said: set[str] = set()
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
        for key, kept in rows:
            try:
                found[key] = decoder.decode(unpacked(named, key, kept))
            except DamagedError:
                self._broken("what stands in it is not what was written")
            except msgspec.DecodeError:  # other code, whose version was not generated yet
                continue
        return found

    def remember(self, kind: str, facts: Mapping[bytes, object]) -> None:
        """Keep facts; they are written when the run ends."""
        for row in _packed_rows(_named(kind), facts):
            self._take(*row)

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
        known = self.known(kind, keys.values(), shape)
        facts = {thing: known[key] for thing, key in keys.items() if key in known}
        missing = [thing for thing in keys if thing not in facts]
        if missing:
            made = self.timed(kind, len(missing), lambda: make(missing))
            self.remember(kind, {keys[thing]: fact for thing, fact in made.items()})
            facts.update(made)
        return facts

    def once(
        self,
        kind: str,
        key: bytes,
        shape: type[T],
        make: Callable[[], T],
        lasts: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """The fact of one key, made where it is not known, and kept where it `lasts`: where it would be made
        the same again."""
        known = self.known(kind, [key], shape)
        if key not in known:
            known[key] = self.timed(kind, 1, make)
            if not self.is_partial and lasts(known[key]):
                self.remember(kind, known)
        return known[key]

    def close(self) -> None:
        """Write what is new. A store that can't be written is none: nothing depends on it."""
        if self.behind is not None:
            self.behind.close()
        with self._turn:
            self._write()
            if self._file is not None:
                self._file.close()
            self._file, self._fresh, self._size = None, {}, 0

    def known(self, kind: str, keys: Iterable[bytes], shape: type[T]) -> dict[bytes, T]:
        """The facts of a kind that are known here or to the store behind this one, by key."""
        wanted = list(dict.fromkeys(keys))
        found = self.recall(kind, wanted, shape)
        missing = [key for key in wanted if key not in found]
        if self.behind is not None and missing and self._has_more(_named(kind), len(missing)):
            found |= self.recall(kind, missing, shape)
        return found

    def _has_more(self, named: str, missing: int) -> bool:
        """Whether what stands behind the index has put something into it."""
        with self._turn:
            file = self._open()
        if self.behind is None or file is None:
            return False
        if not self.behind.arrived(named, missing, is_new=file.is_new, cost_s=self._cost_s(named, missing)):
            return False
        with self._turn:
            return self._file is not None and self._tried_on(self._file, self._file.look_again) is not None

    def _take(self, named: str, key: bytes, kept: bytes) -> None:
        with self._turn:
            self._fresh[named, key] = kept
            self._size += len(kept)
            if self._size > MOST_FRESH and not self._is_shut:
                self._write()

    def timed(self, kind: str, count: int, make: Callable[[], T]) -> T:
        """What is made of so many of a kind; what that costs is known from then on."""
        began = time.monotonic()
        made = make()
        known, spent = self._costs.get(_named(kind), (0, 0.0))
        self._costs[_named(kind)] = known + count, spent + time.monotonic() - began
        return made

    def _cost_s(self, named: str, count: int) -> float | None:
        """What making so many is expected to take, from what it took in this run or the last ones."""
        made, spent = self._costs.get(named, (0, 0.0))
        if made:
            return spent / made * count
        with self._turn:
            file = self._open()
        known = file.costs_s.get(named) if file is not None else None
        return known * count if known else None

    def _rows(self, kind: str, keys: list[bytes]) -> list[tuple[bytes, object]]:
        rows: list[tuple[bytes, object]] = [
            (key, self._fresh[kind, key]) for key in keys if (kind, key) in self._fresh
        ]
        file = self._open()
        if file is None:
            return rows
        missing = [key for key in keys if (kind, key) not in self._fresh]
        return [*rows, *(self._tried_on(file, partial(file.rows, kind, missing)) or ())]

    def _write(self) -> None:
        """Write what is new, if it has to be; what can't be written now is tried no more."""
        rows = [(kind, key, kept) for (kind, key), kept in self._fresh.items() if not kind.endswith(UNKNOWN)]
        if not rows:
            return
        means = {named: spent / made for named, (made, spent) in self._costs.items()}
        patience_s = min(WAIT_S, max(LEAST_WAIT_S, time.monotonic() - self._began))
        for _ in range(2):  # once more where it was broken
            file = self._open()
            if file is None:
                break
            if file.why_fixed:
                self._say(f"nothing new is kept in the index {self._path}: {file.why_fixed}")
                break
            if self._tried_on(file, partial(file.write, rows, means, patience_s)):
                self._fresh, self._size = {}, 0
                return
        self._is_shut = True

    def _open(self) -> File | None:
        if self._file is None and self._path is not None and not self._tried:
            self._tried = True
            import sqlite3

            from workspai_hooks.kept.opening import opened
            from workspai_hooks.kept.place import RefusedError

            try:
                self._file = opened(self._path, self._limit, self._say)
            except RefusedError as error:
                self._go_without(str(error))
            except OSError as error:
                self._go_without(error.strerror or type(error).__name__)
            except sqlite3.Error as error:
                self._go_without(str(error))
        return self._file

    def _tried_on(self, file: File, ask: Callable[[], T]) -> T | None:
        """What the file answers; where it is broken, it is thrown away, and where it can't be used now, it is
        not asked again."""
        import sqlite3

        from workspai_hooks.kept.file import STRANGE, BrokenError

        try:
            return ask()
        except (BrokenError, *STRANGE) as error:
            self._broken(str(error))
        except sqlite3.Error as error:  # locked, full, read-only, a disk that fails
            self._file = None
            file.close()
            self._go_without(str(error))
        return None

    def _broken(self, why: str) -> None:
        """Throw the file away: where one row is damaged, others are."""
        with self._turn:
            file, self._file = self._file, None
            if file is None:
                return
            if file.drop():
                self._say(f"the index {self._path} is built anew: {why}")
                self._tried = False
            else:
                self._go_without(f"{why}, and other runs use it")

    def _go_without(self, why: str) -> None:
        self._is_shut = True
        self._say(f"goes on without the index {self._path}: {why}")

    def _say(self, text: str) -> None:
        """Tell the user, once a run."""
        if text not in self._said:
            self._said.add(text)
            print(f"workspai-hooks: {text}", file=sys.stderr)


def _packed_rows(named: str, facts: Mapping[bytes, object]) -> Iterator[tuple[str, bytes, bytes]]:
    encoder = msgspec.msgpack.Encoder()
    for key, fact in facts.items():
        with suppress(UnicodeEncodeError):  # a path that is no text; such facts are made each time
            yield named, key, packed(named, key, encoder.encode(fact))


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def _told(value: object) -> bytes:
    """A value as bytes: equal for equal values."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:  # a path that is no text
        return repr(value).encode()


def version(kind: str) -> str:
    """The version of the code that makes a kind of fact."""
    found = VERSIONS.get(kind, UNKNOWN)
    return found + installed() if found.endswith(PARSED) else found


def _named(kind: str) -> str:
    """A kind as its rows are called: with its version."""
    return f"{kind} {version(kind)}"
