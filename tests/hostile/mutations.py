"""Inputs made from valid ones by a few steps each, by a seeded generator: the same again each time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from hostile.bombs import OPENERS, RUNS

LARGEST = 64 * 1024
_WORD = re.compile(rb"[A-Za-z_$][\w$.-]{0,60}")
_NUMBER = re.compile(rb"\d+")
_ODD = (
    *(b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\x1b[31m", b"\x7f"),
    *("\u202e", "\u200b", "\u0301", "\u2028", "\x85", "Ａ", "İ", "ß", "𝕒", "\U000e0001"),
    *(b"null", b"~", b"true", b"on", b"NaN", b".inf", b"-0", b"1e999", b"0x10", b"1_0", b"2001-01-01"),
    *(b"[]", b"{}", b'""', b"''", b"*a", b"&a ", b"!!int ", b"? ", b"<<: ", b"%", b"---\n", b"...\n"),
    *(b"$ref", b"#/", b"../..", b"/etc/passwd", b"http://127.0.0.1:9/", b"${x}", b"$(x)", b"{{ .x }}"),
)
ODD = tuple(one.encode() if isinstance(one, str) else one for one in _ODD)
NUMBERS = tuple(
    str(number).encode()
    for number in (0, -1, 255, 65536, 2**31, 2**32, 2**63, 2**64, 10**20, 10**400, "1e400", "0" * 50)
)

Step = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def _place(rng: random.Random, data: bytearray) -> int:
    return rng.randrange(len(data) + 1)


def _span(rng: random.Random, data: bytearray) -> tuple[int, int]:
    start = _place(rng, data)
    return start, min(len(data), start + rng.choice((1, 2, 8, 40, 300)))


def _line(rng: random.Random, data: bytearray) -> tuple[int, int]:
    start = data.rfind(b"\n", 0, _place(rng, data)) + 1
    end = data.find(b"\n", start)
    return start, end + 1 if end >= 0 else len(data)


def flip(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[_place(rng, data) :]


def drop(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    del data[start:end]


def drop_line(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _line(rng, data)
    del data[start:end]


def repeat(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _span(rng, data)
    data[start:end] = data[start:end] * rng.choice((2, 2, 3, 10, 200))


def repeat_line(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _line(rng, data)
    data[start:end] = data[start:end] * rng.choice((2, 2, 50))


def move_line(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _line(rng, data)
    line = bytes(data[start:end])
    del data[start:end]
    at, _end = _line(rng, data)
    data[at:at] = line


def splice(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other = bytearray(rng.choice(seeds))
    start, end = _place(rng, other), _place(rng, other)
    at, to = _span(rng, data)
    data[at:to] = other[min(start, end) : max(start, end)][:4000]


def insert_odd(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = rng.choice(ODD)


def insert_many(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = rng.choice(OPENERS + RUNS) * rng.choice((3, 30, 130, 1500))


def number(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    found = list(_NUMBER.finditer(data))
    if found:
        one = rng.choice(found)
        data[one.start() : one.end()] = rng.choice(NUMBERS)


def word(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    """A word by another one, of this text or of others."""
    found = list(_WORD.finditer(data))
    others = _WORD.findall(rng.choice(seeds))
    if found and others:
        one = rng.choice(found)
        data[one.start() : one.end()] = rng.choice((*others, *ODD[-24:]))


def indent(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, _end = _line(rng, data)
    if rng.random() < 0.5:
        data[start:start] = rng.choice((b" ", b"  ", b"\t", b"      "))
    else:
        while start < len(data) and data[start] in b" \t":
            del data[start]


def line_ends(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    data[:] = data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\xc2\x85", b"\xe2\x80\xa8")))


def encoding(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    text = data.decode("utf-8", "replace")
    data[:] = rng.choice(
        (
            b"\xef\xbb\xbf" + bytes(data),
            text.encode("utf-16"),
            text.encode("utf-16-be"),
            text.encode("latin-1", "replace") + b"\xe9",
        )
    )


def conflict(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _line(rng, data)
    line = bytes(data[start:end]) or b"\n"
    data[start:end] = b"<<<<<<< HEAD\n" + line + b"=======\n" + line[::-1].strip() + b"\n>>>>>>> other\n"


def quotes(rng: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    found = [at for at, byte in enumerate(data) if byte in b"\"'`()[]{}<>,:;"]
    if found:
        at = rng.choice(found)
        data[at : at + 1] = rng.choice(
            (b"", b'"', b"'", b"`", b"(", b")", b"[", b"]", b"{", b"}", b":", b",")
        )


STEPS: tuple[Step, ...] = (
    *(
        flip,
        flip,
        cut,
        drop,
        drop_line,
        repeat,
        repeat_line,
        move_line,
        splice,
        splice,
        insert_odd,
        insert_odd,
    ),
    *(insert_many, number, number, word, word, word, indent, line_ends, encoding, conflict, quotes, quotes),
)


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds, after one to eight steps."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        rng.choice(STEPS)(rng, data, seeds)
        del data[LARGEST:]
    return bytes(data)
