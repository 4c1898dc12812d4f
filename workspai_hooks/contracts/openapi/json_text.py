"""JSON as plain values, at the speed of a C parser, with duplicate keys noticed and lines on demand."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from itertools import accumulate

import msgspec

from workspai_hooks.contracts.openapi.bounds import Twice, Unreadable
from workspai_hooks.patterns import regex

Pointer = tuple[str, ...]

_AT = regex(r"\(byte (\d{1,12})\)")
_INDEXED_AFTER = 50
_SPACE = regex(rb"[ \t\n\r]*")
_KEY = regex(rb'[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*")[ \t\n\r]*:[ \t\n\r]*')
_NEXT = regex(rb"[ \t\n\r]*[,}]")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_SPACED_KEY = regex(rb'"[ \t\n\r]{1,100}:')


def read_json(data: bytes, *, strict: bool = True) -> object:
    """The value of a text; `Unreadable` says why not and where.

    `strict` refuses a key that stands twice; otherwise the last one counts.
    """
    try:
        value = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        at = _AT.search(str(error))
        line = data.count(b"\n", 0, int(at[1])) + 1 if at else 1
        raise Unreadable(str(error).partition(" (byte")[0], line) from error
    except (RecursionError, UnicodeDecodeError) as error:
        raise Unreadable("nested too deeply" if isinstance(error, RecursionError) else "not UTF-8") from error
    # A quote before a colon ends a key, or is escaped, and is so in the text that is written anew as well.
    same = strict and data.count(b'":') == msgspec.json.encode(value).count(b'":')
    if strict and (not same or _SPACED_KEY.search(data)):
        _refuse_duplicates(data)
    return value


def _refuse_duplicates(data: bytes) -> None:
    """Look closely: odd escapes make the quick count differ, too."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
        return members

    try:
        json.loads(data, object_pairs_hook=once)
    except _Twice as error:
        # The line of the second one, at best: of the last place where such a key stands.
        quoted = json.dumps(error.key, ensure_ascii=False).encode("utf-8", "surrogatepass")
        line = data.count(b"\n", 0, max(data.rfind(quoted), 0)) + 1
        raise Twice(f"the key {error.key[:80]!r} stands twice", line) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class JsonLines:
    """Where values stand in a text: by pointer, line and column (of their keys, in objects).

    Siblings on the way are skipped by the C parser (as `Raw`), and what was passed once is known, so that all
    of a text costs less than parsing does.
    """

    def __init__(self, data: bytes, spans: Mapping[Pointer, tuple[int, int]] | None = None) -> None:
        """`spans`: where some values begin and end, as far as that is known."""
        self._data = data
        self._spans = spans or {}
        self._known: dict[Pointer, dict[str, tuple[int, int, int]]] = {}
        self._starts: list[int] = []
        self._asked = 0

    def find(self, pointer: Pointer) -> tuple[int, int] | None:
        """Line and column of a value, None where it is not there."""
        at = key_at = _past_space(self._data, 0)
        end, known = len(self._data), 0
        for length in range(len(pointer) - 1, 0, -1) if self._spans else ():
            if pointer[:length] in self._spans:
                known, (at, end) = length, self._spans[pointer[:length]]
                break
        for depth, name in enumerate(pointer[known:], known):
            places = self._children(pointer[:depth], at, end)
            if name not in places:
                return None
            key_at, at, end = places[name]
        return self._line(key_at)

    def _line(self, at: int) -> tuple[int, int]:
        """Counted each time, until an index of all lines is worth its price."""
        self._asked += 1
        if self._asked == _INDEXED_AFTER:
            lengths = (len(line) + 1 for line in self._data.split(b"\n"))
            self._starts = list(accumulate(lengths, initial=0))
        line = bisect_right(self._starts, at) if self._starts else self._data.count(b"\n", 0, at) + 1
        start = self._starts[line - 1] if self._starts else self._data.rfind(b"\n", 0, at) + 1
        return line, len(self._data[start:at].decode("utf-8", "replace")) + 1

    def _children(self, pointer: Pointer, at: int, end: int) -> dict[str, tuple[int, int, int]]:
        """Of an object or a list: name -> offset of the key, and of the value's begin and end."""
        if pointer not in self._known:
            self._known[pointer] = {}
            with suppress(msgspec.DecodeError, RecursionError):  # it only begins like JSON
                self._known[pointer] = _children(self._data, at, end)
        return self._known[pointer]


def _children(data: bytes, at: int, end: int) -> dict[str, tuple[int, int, int]]:
    opened = data[at : at + 1]
    if opened not in (b"{", b"["):
        return {}
    value = memoryview(data)[at:end]
    found: dict[str, tuple[int, int, int]] = {}
    at += 1
    if opened == b"[":
        for index, item in enumerate(_ITEMS.decode(value)):
            at = _past_space(data, at)
            found[str(index)] = (at, at, at + len(memoryview(item)))
            at = _past_space(data, found[str(index)][2]) + 1
        return found
    return _members_of(data, at, value)[0]


def whole_members(
    data: bytes, at: int, end: int, but: frozenset[str] = frozenset()
) -> dict[str, tuple[int, int, int]] | None:
    """The members of the object between two offsets: name -> offset of the key, and of the value's begin and
    end. None where there is no JSON object, or a key stands twice in it (not in what it holds). Whether the
    values of those called as in `but` are whole ones is left to the caller, who looks into them."""
    at = _past_space(data, at)
    if data[at : at + 1] != b"{":
        return None
    try:
        found, last = _members_of(data, at + 1, memoryview(data)[at:end], but)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if data[last - 1 : last] == b"}" and not data[last:end].strip() else None


def _members_of(
    data: bytes, at: int, value: memoryview, but: frozenset[str] | None = None
) -> tuple[dict[str, tuple[int, int, int]], int]:
    """The members of the object that `value` is, which begin at an offset, and the offset behind it.

    A key that stands twice is there once: what comes after it is not known, then. All such are noticed where
    values are held against the text (given `but`): one that is not the last of its name is another text.
    """
    found: dict[str, tuple[int, int, int]] = {}
    for name, member in _MEMBERS.decode(value).items():
        key = _KEY.match(data, at)
        if key is None or (key[1] != b'"%b"' % name.encode() and msgspec.json.decode(key[1]) != name):
            return found, at
        at = key.end() + len(memoryview(member))
        if but is not None and name not in but and data[key.end() : at] != bytes(member):
            return found, key.end()
        found[name] = (key.start(1), key.end(), at)
        ending = _NEXT.match(data, at)
        at = ending.end() if ending else at
    return found, at if found else _past_space(data, at) + 1


def _past_space(data: bytes, at: int) -> int:
    match = _SPACE.match(data, at)
    return match.end() if match else at
