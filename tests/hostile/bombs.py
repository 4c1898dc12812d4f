"""Inputs made by hand: what is known to blow up readers of one form or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

SIZE = 20_000
"""Bytes of a repetition: a reader that takes square time for it takes seconds."""
OPENERS = (
    b"(",
    b"[",
    b"{",
    b"{{",
    b"{%",
    b"<%",
    b"<a>",
    b"((a+",
    b"[a,",
    b'{"a":',
    b"{a: ",
    b"- ",
    b"? ",
    b"a: {b: ",
    b"!!map {a: ",
    b"if x { ",
    b"f(x => ",
    b"class A { ",
    b"a ? b : ",
    b"not ",
    b"- - ",
    b"!a ",
    b"&a ",
    b"*",
    b"`${",
    b"#{",
    b'f"{',
    b"do ",
    b"fn -> ",
    b"<div>",
    b"a.b(",
    b"message A { ",
    b"group A = 1 { ",
)
"""Each nests, or almost does, when it is repeated."""
RUNS = (
    b"\n",
    b" ",
    b"\t",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b"\\",
    b'\\"',
    b"a",
    b"a.",
    b"a/",
    b"../",
    b"/*",
    b"//",
    b"#",
    b"--",
    b"---\n",
    b"a=",
    b"a: ",
    b"a\n",
    b"=1",
    b"0",
    b"9",
    b"{}",
    b"[]",
    b"$ref: ",
    b"http://",
    b"${a}",
    b"<<: *a\n",
    b"import a\n",
    b"a, ",
    b"@a ",
    b"\xe2\x80\xae",
    b"\xcc\x81",
    b"a\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b"a + ",
    b"a;",
    b"a(b).",
    b"\\\n",
)


def _aliases(levels: int, width: int) -> bytes:
    names = [chr(ord("a") + number) for number in range(levels)]
    rows = [f"{names[0]}: &{names[0]} [{', '.join(['x'] * width)}]"]
    for old, name in pairwise(names):
        rows.append(f"{name}: &{name} [{', '.join([f'*{old}'] * width)}]")
    return "\n".join(rows).encode() + b"\n"


def _merges(levels: int) -> bytes:
    rows = ["a0: &a0 {x: 1}"]
    rows += [f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: *a{n - 1}" for n in range(1, levels)]
    return "\n".join(rows).encode() + b"\n"


MADE: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "alias bomb": lambda: _aliases(20, 9),
    "merge bomb": lambda: _merges(60),
    "an alias of itself": lambda: b"a: &a [*a, &b {c: *b}]\n",
    "deep indentation": lambda: b"".join(b" " * depth + b"a:\n" for depth in range(600)),
    "deep JSON": lambda: b'{"a":' * SIZE + b"1" + b"}" * SIZE,
    "deep list": lambda: b"[" * 100_000 + b"]" * 100_000,
    "digits": lambda: b"a: " + b"9" * 100_000 + b"\n",
    "digits in JSON": lambda: b'{"version": ' + b"9" * 100_000 + b"}",
    "numbers": lambda: b'{"a": 1e999, "b": -0, "c": 18446744073709551616, "d": NaN, "e": 0x1p999}',
    "large numbers": lambda: b"port: 99999999999999999999999\nversion: -9223372036854775809\nx: 1e400\n",
    "a key twice": lambda: (
        b'{"a": 1, "a": 2, "openapi": "3.0.0", "openapi": "2.0", "paths": {}, "paths": []}'
    ),
    "conflict": lambda: b"<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n",
    "UTF-16": lambda: "services:\n  a:\n    image: b\n".encode("utf-16"),
    "UTF-32": lambda: "a: b\n".encode("utf-32"),
    "bytes": lambda: bytes(range(256)) * 40,
    "one long line": lambda: b"a: [" + b"x, " * 60_000 + b"]",
    "two documents of tags": lambda: (
        b"%YAML 1.1\n---\n!!python/object/apply:os.system ['true']\n--- !!binary aGk=\n"
    ),
    "references in a circle": lambda: (
        b"openapi: 3.0.0\npaths: {/a: {$ref: '#/paths/~1b'}, /b: {$ref: '#/paths/~1a'}}\n"
        b"components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}\n"
    ),
    "references out": lambda: (
        b"openapi: 3.0.0\npaths: {/a: {$ref: '../../../etc/passwd#/a'}, /b: {$ref: 'http://127.0.0.1:9/a'}}\n"
    ),
    "entities": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 12))
        + b"]><project><a>&l;</a></project>"
    ),
    "deep TOML": lambda: b"a = " + b"[" * 5_000 + b"]" * 5_000 + b"\n[" + b"a." * 5_000 + b"a]\n",
}


def bombs(seed: bytes) -> list[bytes]:
    """All of them: alone, and in the middle of something that a reader takes for its own."""
    fills = [opener * (SIZE // len(opener)) for opener in OPENERS]
    fills += [run * (SIZE // len(run)) for run in RUNS]
    middle = seed.rfind(b"\n", 0, len(seed) // 2 + 1) + 1
    made = [make() for make in MADE.values()]
    inside = [seed[:middle] + fill + seed[middle:] for fill in fills]
    return [*made, *(x for pair in zip(fills, inside, strict=True) for x in pair)]
